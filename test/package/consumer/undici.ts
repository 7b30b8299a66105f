import { vetted } from "stormproof/policies";
import { retryInterceptor, stopOf } from "stormproof/undici";
import { type Dispatcher, MockAgent } from "undici";

const server = new MockAgent();
const api = server.get("https://api.example.com");
api.intercept({ path: "/items/5" }).reply(503, "busy");
api.intercept({ path: "/items/5" }).reply(200, "fine");
const interceptor: Dispatcher.DispatcherComposeInterceptor = retryInterceptor({
  policy: vetted({ delayBaseMs: 1 }),
  timeoutMs: 1_000,
});
const agent = server.compose(interceptor);
const { body, headers } = await agent.request({
  origin: "https://api.example.com",
  path: "/items/5",
  method: "GET",
});
console.log(await body.text(), stopOf(headers)); // => fine undefined
