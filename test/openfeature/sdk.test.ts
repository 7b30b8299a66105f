/** With the SDKs that teams use: the server's answers later, the web's at once. */
import * as server from "@openfeature/server-sdk";
import * as web from "@openfeature/web-sdk";
import { describe, expect, test } from "vitest";
import { fullJitter, killSwitch } from "../../policies/index.ts";
import { createRetry } from "../../src/index.ts";
import { busy, watched } from "../retry/client.ts";
import { flagsOf } from "./scripted-client.ts";

const variants = { yes: true, no: false };
const numbers = { none: 0, half: 0.5 };

function configuration({ on = "yes", ratio = "half" } = {}) {
  return {
    on: { variants, defaultVariant: on as "yes" | "no", disabled: false },
    ratio: { variants: numbers, defaultVariant: ratio as "none" | "half", disabled: false },
  };
}

let domains = 0;

/** Each test has a domain of its own, for the SDK is one for the whole process. */
async function serverClient(provider: server.Provider) {
  const domain = `test ${domains++}`;
  await server.OpenFeature.setProviderAndWait(domain, provider);
  return server.OpenFeature.getClient(domain);
}

async function webClient(provider: web.Provider) {
  const domain = `test ${domains++}`;
  await web.OpenFeature.setProviderAndWait(domain, provider);
  return { client: web.OpenFeature.getClient(domain), domain };
}

function handlersOf(client: server.Client | web.Client): number {
  return Object.values(web.ProviderEvents).reduce(
    (sum, event) => sum + client.getHandlers(event as never).filter(Boolean).length,
    0,
  );
}

describe.each([
  [
    "server",
    async () => {
      const provider = new server.TypedInMemoryProvider(configuration());
      const put = (flags: object) => provider.putConfiguration(flags as never);
      return { client: await serverClient(provider), put };
    },
  ],
  [
    "web",
    async () => {
      const provider = new web.TypedInMemoryProvider(configuration());
      const put = (flags: object) => provider.putConfiguration(flags as never);
      return { client: (await webClient(provider)).client, put };
    },
  ],
])("the %s SDK", (_name, make) => {
  test("answers by type", async () => {
    const { client, put } = await make();
    const { isOn, ratio, clock } = flagsOf(client);
    await clock.advance(200);
    expect([isOn(false), ratio()]).toEqual([true, 0.5]);
    await put(configuration({ on: "no", ratio: "none" }));
    await clock.advance(0);
    expect([isOn(true), ratio()]).toEqual([false, 0]);
  });

  test("knows no flag that is deleted, disabled or of another type", async () => {
    const { client, put } = await make();
    const { isOn, ratio, clock } = flagsOf(client);
    await clock.advance(200);
    const { on } = configuration({ on: "no" });
    await put({ on: { ...on, disabled: true } });
    await clock.advance(200);
    expect([isOn(true), isOn(false), ratio()]).toEqual([true, false, 0.1]);
    await put({ on, ratio: on });
    await clock.advance(200);
    expect([isOn(true), ratio()]).toEqual([false, 0.1]);
  });

  test("cancels a wait that is running when retries are switched off, at once", async () => {
    const { client, put } = await make();
    const { flags, clock } = flagsOf(client);
    const policy = killSwitch(fullJitter({ delayBaseMs: 60_000, delayMaxMs: 60_000 }));
    const retry = createRetry({ policy, flags, clock, random: () => () => 0.9 });
    const call = watched(retry(busy));
    await clock.advance(5_000);
    expect(call.state).toBe("pending");
    await put(configuration({ on: "no" }));
    await clock.advance(0);
    expect(call.error).toMatchObject({ why: "flag", attempts: 1, elapsedMs: 5_000 });
    flags.close();
    expect(clock.pending).toBe(0);
  });

  test("has no handler left after close", async () => {
    const { client } = await make();
    const { flags } = flagsOf(client);
    expect(handlersOf(client)).toBe(3);
    flags.close();
    expect(handlersOf(client)).toBe(0);
  });
});

describe("the web SDK", () => {
  test("gives the first answer before the first call", async () => {
    const provider = new web.TypedInMemoryProvider(configuration({ on: "no" }));
    const { client } = await webClient(provider);
    expect(flagsOf(client).isOn()).toBe(false);
  });

  test("answers anew when the context changes", async () => {
    const { on } = configuration();
    const contextEvaluator = ({ user }: web.EvaluationContext) => (user === "ann" ? "no" : "yes");
    const provider = new web.TypedInMemoryProvider({ on: { ...on, contextEvaluator } });
    const { client, domain } = await webClient(provider);
    const { isOn, clock } = flagsOf(client);
    await clock.advance(200);
    expect(isOn()).toBe(true);
    await web.OpenFeature.setContext(domain, { user: "ann" });
    await clock.advance(0);
    expect(isOn()).toBe(false);
  });
});

describe("a server's provider", () => {
  test("that becomes ready late is asked when it is", async () => {
    let becomeReady = () => {};
    const domain = `test ${domains++}`;
    const flagsThere = new server.TypedInMemoryProvider(configuration({ on: "no" }));
    const provider: server.Provider = Object.assign(flagsThere, {
      initialize: () => new Promise<void>((resolve) => (becomeReady = resolve)),
    });
    const isReady = server.OpenFeature.setProviderAndWait(domain, provider);
    const { isOn, clock } = flagsOf(server.OpenFeature.getClient(domain));
    await clock.advance(200);
    expect(isOn()).toBe(true);
    becomeReady();
    await isReady;
    await clock.advance(0);
    expect(isOn()).toBe(false);
  });

  test("that begins to fail changes nothing, in error, stale or throwing", async () => {
    const provider = new server.TypedInMemoryProvider(configuration({ on: "no" }));
    const client = await serverClient(provider);
    const { isOn, clock } = flagsOf(client);
    await clock.advance(200);
    provider.resolveBooleanEvaluation = () => {
      throw new Error("no connection");
    };
    for (const event of [server.ProviderEvents.Error, server.ProviderEvents.Stale]) {
      provider.events.emit(event);
      await clock.advance(60_000);
    }
    provider.events.emit(server.ProviderEvents.Ready);
    await clock.advance(60_000);
    expect(isOn()).toBe(false);
  });
});
