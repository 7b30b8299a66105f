/** A server that speaks no HTTP of its own: what it does to a connection is a test's to say. */
import { type AddressInfo, createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** Does to each connection, when a request comes on it, what the next of the list says; the last for ever. */
export async function hostile(...acts: ((socket: Socket) => void)[]) {
  let requests = 0;
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => acts[Math.min(requests++, acts.length - 1)](socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () => server.close();
  onTestFinished(() => {
    close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    requests: () => requests,
    close,
  };
}

export const write = (text: string) => (socket: Socket) => void socket.end(text);
export const hangUp = (text: string) => (socket: Socket) =>
  void socket.write(text, () => socket.resetAndDestroy());
export const hang = (text: string) => (socket: Socket) => void socket.write(text);
export const FINE = "HTTP/1.1 200 Yes\r\ncontent-length: 4\r\nconnection: close\r\n\r\nfine";
export const EMPTY_503 = "HTTP/1.1 503 No\r\ncontent-length: 0\r\nconnection: close\r\n";
