import type { RequestListener, Server } from "node:http";
import { AppError } from "@fanfare/domain";
import type { RequestHandler } from "express";

/** Hands requests that expect what Node does not know to whoever answers all others; see {@link requireExpectation}. */
export function takeExpectations(server: Server, listener: RequestListener): void {
  server.on("checkExpectation", (req, res) => {
    // Nobody knows whether its body comes.
    res.setHeader("Connection", "close");
    listener(req, res);
  });
}

/** Refuses a request that expects something else than RFC 9110, section 10.1.1, knows. */
export const requireExpectation: RequestHandler = (req, _res, next) => {
  const expected = req.get("expect");
  if (expected !== undefined && !/^100-continue$/i.test(expected)) {
    throw new AppError("expectation-failed", "The header Expect can only be 100-continue.");
  }
  next();
};
