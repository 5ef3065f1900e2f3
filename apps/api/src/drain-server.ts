import type { RequestListener, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { whenOver } from "./when-over.js";

/**
 * Serves on until `serveOn` has resolved, asking whoever is answered to connect anew. Then it takes no more connections, and
 * resolves once every request that came is answered; at the abort the rest is cut off.
 */
export type Drain = (abort: AbortSignal, serveOn?: Promise<unknown>) => Promise<void>;

/**
 * Prepares a server for its end: called before it listens. `server.close()` alone waits for clients that are kept alive and go
 * on asking, for connections that were opened ahead and never used, and for requests that never come to their end: with it
 * Node stops to look whether a client takes too long.
 */
export function createDrain(server: Server): Drain {
  let leaving = false;
  let draining = false;
  const sockets = new Set<Socket>();
  const open = new Set<ServerResponse>();

  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  const track: RequestListener = (req, res) => {
    open.add(res);
    if (leaving) askToLeave(res);
    whenOver(req, res, () => {
      open.delete(res);
      if (draining) server.closeIdleConnections();
    });
  };
  server.prependListener("request", track);
  server.prependListener("checkContinue", track);
  server.prependListener("checkExpectation", track);

  return async (abort, serveOn) => {
    leaving = true;
    for (const res of open) askToLeave(res);
    await serveOn;
    draining = true;
    await new Promise<void>((resolve, reject) => {
      const cutOff = () => server.closeAllConnections();
      server.close((error) => {
        abort.removeEventListener("abort", cutOff);
        if (error) reject(error);
        else resolve();
      });
      if (abort.aborted) cutOff();
      abort.addEventListener("abort", cutOff);
      server.closeIdleConnections();
      for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
    });
  };
}

function askToLeave(res: ServerResponse): void {
  if (!res.headersSent) res.setHeader("Connection", "close");
}
