import type { Server } from "node:http";
import type { Server as NetServer, Socket } from "node:net";

/**
 * What closes a server over TLS: closing alone waits for its connections, which senders keep for hours. Those that are in the
 * middle of their handshake are cut too: a server that ends must not begin to serve.
 */
export function closerOfTls(server: NetServer): () => Promise<void> {
  const sockets = new Set<{ destroy(): void }>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  };
  server.on("connection", keep);
  server.on("secureConnection", keep);
  return () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      // What is on top first.
      for (const socket of [...sockets].reverse()) socket.destroy();
    });
}

/** What closes a server over HTTP/1.1. */
export function closerOfHttp1(server: Server): () => Promise<void> {
  return () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
}
