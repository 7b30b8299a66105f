/** What the tests have a page do; bundled for it, and called by name. Only plain data comes back. */
import { createRetry } from "stormproof";
import {
  createFetch,
  type FetchInit,
  type FetchOptions,
  okOrThrow,
  stopOf,
} from "stormproof/fetch";
import { fixed, vetted } from "stormproof/policies";

/** Waits of milliseconds, since they are real here. */
const policy = () => vetted({ delayBaseMs: 5, delayMaxMs: 20 });

export interface Ending {
  readonly text?: string;
  readonly error?: string;
  /** Why it was given up, if it was. */
  readonly why?: string;
}

export async function fetches(
  url: string,
  options: Pick<FetchOptions, "attemptHeaders" | "timeoutMs"> = {},
  init: FetchInit = {},
): Promise<Ending> {
  const fetch = createFetch({ ...options, policy: policy() });
  try {
    const response = await fetch(url, init);
    return { text: await response.text(), why: stopOf(response)?.why };
  } catch (error) {
    return { error: String(error), why: stopOf(error)?.why };
  }
}

/** Aborts as soon as it waits for its second attempt, which would come in an hour. */
export async function fetchesUntilItWaits(url: string): Promise<Ending> {
  const caller = new AbortController();
  const observer = { waitStarted: () => caller.abort("left") };
  const fetch = createFetch({ policy: fixed({ delayMs: 3_600_000 }), observer });
  try {
    const { status } = await fetch(url, { signal: caller.signal });
    return { text: `${status}` };
  } catch (error) {
    return { error: String(error) };
  }
}

export async function retries(url: string): Promise<Ending> {
  const retry = createRetry({ policy: policy(), timeoutMs: 1_000 });
  const response = await retry(async ({ signal }) => okOrThrow(await fetch(url, { signal })));
  return { text: await response.text() };
}

/** The names that a module exports. */
export async function namesIn(module: string): Promise<string[]> {
  return Object.keys(await import(module)).sort();
}

/** What a module prints as it is loaded. */
export async function printedBy(module: string): Promise<string> {
  const lines: string[] = [];
  const { log } = console;
  console.log = (...values) => lines.push(`${values.map(String).join(" ")}\n`);
  try {
    await import(module);
  } finally {
    console.log = log;
  }
  return lines.join("");
}
