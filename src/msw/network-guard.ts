/**
 * Lets no packet out of the process: a run that reaches for the real network has lost the server model,
 * and its result means nothing.
 *
 * It sits beneath MSW, at the handle that opens connections. MSW's own sockets never get there: MSW
 * replaces `connect` on each of their handles.
 */
import dns from "node:dns";
import net from "node:net";

type Connect = (request: unknown, address: string, port: number) => number;
interface TcpHandle {
  connect: Connect;
  connect6: Connect;
}

/** What `connect` answers when there is no network: Node turns it into ENETUNREACH. */
const UV_ENETUNREACH = -101;

/** Blocks the network until the returned function is called, and tells `onTouch` of each attempt to use it. */
export function guardNetwork(onTouch: (what: string) => void): () => void {
  const handle = tcpHandle();
  const { connect, connect6 } = handle;
  const { lookup } = dns;
  const refuse: Connect = (_request, address, port) => {
    onTouch(`a connection to ${address} port ${port}`);
    return UV_ENETUNREACH;
  };
  handle.connect = refuse;
  handle.connect6 = refuse;
  const lookUp = (hostname: string, ...rest: unknown[]) => {
    onTouch(`a look-up of ${hostname}`);
    const callback = rest.at(-1);
    const error = Object.assign(new Error(`No network for ${hostname}.`), { code: "ENOTFOUND" });
    if (typeof callback === "function") process.nextTick(callback, error);
  };
  dns.lookup = Object.assign(lookUp, lookup) as typeof dns.lookup;
  return () => {
    Object.assign(handle, { connect, connect6 });
    dns.lookup = lookup;
  };
}

/** The prototype of all TCP handles. Node hides it, but a socket whose look-up never ends has one. */
function tcpHandle(): TcpHandle {
  const socket = new net.Socket();
  socket.on("error", () => {});
  socket.connect({ host: "guard.invalid", port: 1, lookup: () => {} });
  const { _handle: handle } = socket as unknown as { readonly _handle: TcpHandle };
  socket.destroy();
  return Object.getPrototypeOf(handle);
}
