import { describe, expect, test } from "vitest";
import { vetted } from "../../policies/index.ts";
import { createFetch, type FetchOptions } from "../../src/fetch/index.ts";
import { waiting } from "../retry/client.ts";
import { microtasks } from "../virtual-clock.ts";
import { SkippingClock } from "./server.ts";

/** A world of servers, those of `down` busy, and how often each was asked. */
function world(down: (origin: string) => boolean, options: FetchOptions = {}) {
  const asked = new Map<string, number>();
  const fetch = createFetch({
    clock: new SkippingClock(),
    policy: vetted({ tokensMax: 5, tokensInitial: 5, limitMs: Infinity }),
    fetch: async (input) => {
      const { origin } = new URL(`${input}`);
      asked.set(origin, (asked.get(origin) ?? 0) + 1);
      return new Response(null, { status: down(origin) ? 503 : 200 });
    },
    ...options,
  });
  return { fetch, asked };
}

describe("one budget an origin", () => {
  test("bounds what all calls to it add", async () => {
    const { fetch, asked } = world(() => true);
    await Promise.all(Array.from({ length: 100 }, (_, n) => fetch(`https://a.example/${n}`)));
    expect(asked.get("https://a.example")).toBe(105);
  });

  test("leaves the retries of the others alone", async () => {
    let blips = 1;
    const { fetch, asked } = world((origin) => origin === "https://down.example" || blips-- > 0);
    for (let n = 0; n < 50; n++) await fetch("https://down.example/");
    expect((await fetch("https://well.example/")).status).toBe(200);
    expect(asked.get("https://down.example")).toBe(55);
    expect(asked.get("https://well.example")).toBe(2);
  });

  test("counts scheme and port, and the path not", async () => {
    const { fetch, asked } = world(() => true, { policy: vetted({ tokensMax: 1 }) });
    await fetch("https://a.example/x");
    await fetch("https://a.example/y");
    await fetch("https://a.example:8443/");
    await fetch("http://a.example/");
    expect(Object.fromEntries(asked)).toEqual({
      "https://a.example": 3,
      "https://a.example:8443": 2,
      "http://a.example": 2,
    });
  });

  test("may be one for all, or for whatever can be overloaded by itself", async () => {
    const { fetch, asked } = world(() => true, { budgetOf: (url) => url.hostname.split(".")[1] });
    for (const host of ["x.a", "y.a", "z.a"]) await fetch(`https://${host}.example/`);
    const all = [...asked.values()].reduce((sum, count) => sum + count, 0);
    expect(all).toBe(3 + 5);
  });
});

describe("of many origins", () => {
  const clients = new Set<number>();
  const observer = { callStarted: ({ client }: { client: number }) => clients.add(client) };

  test("a thousand are remembered, and the one idle for longest begins anew", async () => {
    clients.clear();
    const { fetch } = world(() => false, { policy: waiting(1), observer, clientId: 7 });
    for (let n = 0; n < 1000; n++) await fetch(`https://n${n}.example/`);
    await fetch("https://n0.example/");
    expect([Math.min(...clients), clients.size]).toEqual([7, 1000]);
    await fetch("https://n1000.example/");
    await fetch("https://n0.example/");
    await fetch("https://n2.example/");
    expect(clients.size).toBe(1001);
    await fetch("https://n1.example/");
    expect(clients.size).toBe(1002);
  });

  test("none is forgotten while it has calls", async () => {
    clients.clear();
    const answers: (() => void)[] = [];
    const fetch = createFetch({
      policy: waiting(1),
      observer,
      fetch: (input) =>
        `${input}`.includes("slow")
          ? new Promise((resolve) => answers.push(() => resolve(new Response())))
          : Promise.resolve(new Response()),
    });
    const slow = fetch("https://slow.example/");
    for (let n = 0; n < 1500; n++) await fetch(`https://n${n}.example/`);
    const again = fetch("https://slow.example/");
    await microtasks();
    expect(clients.size).toBe(1501);
    for (const answer of answers) answer();
    await Promise.all([slow, again]);
  });
});
