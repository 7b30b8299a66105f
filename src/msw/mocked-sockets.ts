/**
 * MSW answers over sockets of its own and leaves their handles open when they are destroyed. One run
 * hardly notices; hundreds in one process keep every socket they ever had.
 */
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Socket } from "node:net";

/** Closes the handle of each destroyed socket, until the returned function is called. */
export function closeMockedSockets(): () => void {
  subscribe(CHANNEL, onSocket);
  return () => unsubscribe(CHANNEL, onSocket);
}

const CHANNEL = "net.client.socket";

function onSocket(message: unknown): void {
  const { socket } = message as { readonly socket: SocketWithHandle };
  socket.once("close", () => {
    socket._handle?.close();
    socket._handle = null;
  });
}

/** Node hides it from the types. */
type SocketWithHandle = Socket & { _handle: { close(): void } | null };
