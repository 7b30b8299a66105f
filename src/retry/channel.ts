/**
 * Where the events of all calls of this process are published, for those who did not make its retry
 * clients: a channel of `node:diagnostics_channel`. Undefined where there is none, as in browsers.
 */
import type { RetryObserver } from "./observer.ts";

/** What is published: `event` is what an observer's method of that `name` is told. */
export type CallMessage = {
  readonly [Name in keyof RetryObserver]-?: {
    readonly name: Name;
    readonly event: Parameters<NonNullable<RetryObserver[Name]>>[0];
  };
}[keyof RetryObserver];

/** As much of Node's type as is used: one that names it would not compile in a browser's project. */
interface Channel {
  readonly hasSubscribers: boolean;
  publish(message: unknown): void;
}

export const channel: Channel | undefined = globalThis.process
  ?.getBuiltinModule?.("node:diagnostics_channel")
  ?.channel("stormproof:call");
