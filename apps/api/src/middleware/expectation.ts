import type { RequestListener, Server, ServerResponse } from "node:http";

/** Those whose clients were not asked for the body yet. */
const waiting = new WeakSet<ServerResponse>();

/**
 * Lets a client that waits for `100 Continue` (RFC 9110, section 10.1.1) know what becomes of its request before it sends the
 * body: Node would ask for it at once. Its connection is closed after the answer: when that is a refusal, the next that comes on
 * it may be the body as well as another request.
 */
export function answerExpectations(server: Server, listener: RequestListener): void {
  server.on("checkContinue", (req, res) => {
    waiting.add(res);
    res.setHeader("Connection", "close");
    listener(req, res);
  });
}

/** Asks a client that waits for it to send the body. */
export function takeBody(res: ServerResponse): void {
  if (waiting.delete(res)) res.writeContinue();
}
