import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import axios from "axios";
import got from "got";
import ky from "ky";
import pRetry from "p-retry";
import { expect, test, vi } from "vitest";
import { forAws, forAxios, forGot, forKy, forPRetry } from "../../src/adapters/index.ts";
import { busy, fine, reset, SkippingClock, serve } from "../fetch/server.ts";
import { listeners, waiting } from "../retry/client.ts";
import { turn } from "../virtual-clock.ts";

type Send = (url: string, signal: AbortSignal) => Promise<unknown>;

const clock = () => ({ policy: waiting(3), clock: new SkippingClock() });

const CLIENTS: Record<string, () => Send> = {
  "p-retry": () => {
    const retrying = forPRetry(clock());
    const failing = (url: string, signal: AbortSignal) => async () => {
      const { status } = await fetch(url, { signal });
      if (status !== 200) throw Object.assign(new Error("no"), { status });
    };
    return (url, signal) => pRetry(...retrying(failing(url, signal), { signal }));
  },
  axios: () => {
    const client = axios.create({ adapter: forAxios(axios.getAdapter("http"), clock()) });
    return (url, signal) => client.get(url, { signal });
  },
  got: () => {
    const client = got.extend(forGot(clock()));
    return (url, signal) => client(url, { signal });
  },
  ky: () => {
    const client = ky.create(forKy(clock()));
    return (url, signal) => client(url, { signal });
  },
  "the AWS SDK": () => {
    const retryStrategy = forAws(clock());
    const credentials = { accessKeyId: "a", secretAccessKey: "b" };
    let client: STSClient | undefined;
    return (endpoint, abortSignal) => {
      client ??= new STSClient({ endpoint, region: "eu-north-1", credentials, retryStrategy });
      return client.send(new GetCallerIdentityCommand({}), { abortSignal });
    };
  },
};

test.each(Object.entries(CLIENTS))(
  "300 calls of %s at once leave no listener and no unhandled rejection",
  async (_name, make) => {
    const unhandled = vi.fn();
    process.on("unhandledRejection", unhandled);
    const answers = [busy, fine, reset];
    let n = 0;
    const { url, received } = await serve((response, request) => {
      answers[n++ % answers.length](response, request);
    });
    const send = make();
    const controller = new AbortController();
    const { signal } = controller;
    const before = listeners(signal);
    const ended = Promise.allSettled(Array.from({ length: 300 }, () => send(url, signal)));
    while (received.length < 300) await turn();
    controller.abort(new Error("the user left"));
    await ended;
    for (let turns = 0; turns < 20; turns++) await turn();
    process.off("unhandledRejection", unhandled);
    expect(received.length).toBeLessThanOrEqual(900);
    expect(unhandled).not.toHaveBeenCalled();
    expect(listeners(signal)).toBe(before);
  },
);
