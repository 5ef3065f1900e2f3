import type { RequestListener, Server, ServerResponse } from "node:http";
import { AppError } from "@fanfare/domain";
import type { RequestHandler } from "express";

/** Those whose clients were not asked for the body yet. */
const waiting = new WeakSet<ServerResponse>();

/**
 * Hands requests that expect something to whoever answers all others. A client that waits for `100 Continue` (RFC 9110, section
 * 10.1.1) knows then what becomes of its request before it sends the body: Node would ask for it at once. The connection is closed
 * after the answer: when that is a refusal, the next that comes on it may be the body as well as another request.
 */
export function answerExpectations(server: Server, listener: RequestListener): void {
  const answer: RequestListener = (req, res) => {
    res.setHeader("Connection", "close");
    listener(req, res);
  };
  server.on("checkContinue", (req, res) => {
    waiting.add(res);
    answer(req, res);
  });
  // What Node does not know; see {@link requireExpectation}.
  server.on("checkExpectation", answer);
}

/** Asks a client that waits for it to send the body. */
export function takeBody(res: ServerResponse): void {
  if (waiting.delete(res)) res.writeContinue();
}

/** Refuses a request that expects something else than RFC 9110, section 10.1.1, knows. */
export const requireExpectation: RequestHandler = (req, _res, next) => {
  const expected = req.get("expect");
  if (expected !== undefined && !/^100-continue$/i.test(expected)) {
    throw new AppError("expectation-failed", "The header Expect can only be 100-continue.");
  }
  next();
};
