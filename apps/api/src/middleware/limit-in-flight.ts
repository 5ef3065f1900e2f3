import { AppError } from "@fanfare/domain";
import type { RequestHandler } from "express";

/** What a process takes on at once. */
export interface InFlightLimits {
  /** Requests with a body. */
  requests: number;
  /** Bytes of their bodies together. */
  bytes: number;
}

/**
 * Takes only so many requests with a body at once, and only so many bytes: what they become in memory is some times their
 * size. Those beyond are refused before their body is read, and what a client sends of it nonetheless is thrown away.
 *
 * A body counts with the size that its client announces, or, when that is not known or it is compressed, with the largest
 * that a body may have.
 */
export function limitInFlight(limits: InFlightLimits, bodyLimitBytes: number): RequestHandler {
  let requests = 0;
  let bytes = 0;
  return (req, res, next) => {
    // Its client went away while it was found out who that is: nobody waits for an answer, and no `close` comes any more.
    if (res.closed) return;
    const announced = Number(req.get("content-length") ?? Number.NaN);
    const isPlain = (req.get("content-encoding") ?? "identity") === "identity";
    // What announces more than a body may have is refused by its reader, and kept by nobody.
    const size = isPlain && announced <= bodyLimitBytes ? announced : bodyLimitBytes;
    if (requests + 1 > limits.requests || bytes + size > limits.bytes) {
      const detail = "This process has all the requests that it takes at once; nothing was stored.";
      throw new AppError("overloaded", detail, { retryAfterSeconds: 1 });
    }
    requests += 1;
    bytes += size;
    // Comes once for every response, also when the client went away.
    res.once("close", () => {
      requests -= 1;
      bytes -= size;
    });
    next();
  };
}
