import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

const open = new WeakMap<Socket, Set<() => void>>();

/**
 * Calls once when a response is closed or its connection is. One that waits behind another on its connection has no `close` of its
 * own when that ends.
 */
export function whenOver({ socket }: IncomingMessage, res: ServerResponse, call: () => void): void {
  const calls = open.get(socket) ?? callsOf(socket);
  const once = () => {
    if (calls.delete(once)) call();
  };
  calls.add(once);
  res.once("close", once);
}

// One listener for each connection, however many requests come on it.
function callsOf(socket: Socket): Set<() => void> {
  const calls = new Set<() => void>();
  open.set(socket, calls);
  socket.once("close", () => {
    for (const call of calls) call();
  });
  return calls;
}
