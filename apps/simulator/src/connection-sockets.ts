import type { Http2SecureServer, Http2Session } from "node:http2";
import type { Socket } from "node:net";

/** The TCP connections under the HTTP/2 sessions of all servers. node:http2 itself hands them out to nobody. */
const sockets = new WeakMap<Http2Session, Socket>();

/** Keeps in mind which TCP connection each session of a server is on; before it listens. */
export function rememberSockets(server: Http2SecureServer): void {
  const byPort = new Map<number, Socket>();
  server.prependListener("connection", (socket: Socket) => {
    const { remotePort } = socket;
    if (remotePort === undefined) return;
    byPort.set(remotePort, socket);
    // A port is used again, maybe before the old connection is closed here.
    socket.once("close", () => byPort.get(remotePort) === socket && byPort.delete(remotePort));
  });
  server.on("session", (session) => {
    const socket = byPort.get(session.socket.remotePort ?? 0);
    if (socket) sockets.set(session, socket);
  });
}

/** The TCP connection of a session; `undefined` when it is gone. */
export function socketOf(session: Http2Session | undefined): Socket | undefined {
  return session && sockets.get(session);
}

/** Cuts a connection: a TCP reset, and no GOAWAY, which `session.destroy()` would send first. */
export function cutConnection(session: Http2Session | undefined): void {
  // Not from within a callback of one of its streams, which Node 20 does not always survive.
  setImmediate(() => {
    const socket = socketOf(session);
    if (!socket) session?.destroy();
    else if (!socket.destroyed) socket.resetAndDestroy();
  });
}
