/** What the tests of this room start from: an agent with the interceptor, and answers read whole. */

import { Agent, type Dispatcher, MockAgent, request } from "undici";
import { onTestFinished } from "vitest";
import { type InterceptorOptions, retryInterceptor } from "../../src/undici/index.ts";
import { SkippingClock } from "../fetch/server.ts";
import { waiting } from "../retry/client.ts";

export type Sent = Partial<Dispatcher.RequestOptions> & { readonly retry?: never };

export function retrying(options: InterceptorOptions = {}, agent: Dispatcher = new Agent()) {
  const clock = new SkippingClock();
  const interceptor = retryInterceptor({ policy: waiting(3), clock, ...options });
  const dispatcher = agent.compose(interceptor);
  onTestFinished(() => (agent instanceof MockAgent ? agent.close() : agent.destroy()));
  const open = (url: string, sent: Sent = {}) =>
    request(url, { ...sent, dispatcher } as Parameters<typeof request>[1]);
  return {
    clock,
    agent,
    dispatcher,
    /** Resolves when the answer begins. */
    open,
    /** Resolves when it is read. */
    send: async (url: string, sent?: Sent) => {
      const { statusCode, headers, body } = await open(url, sent);
      return { status: statusCode, headers, text: await body.text() };
    },
  };
}
