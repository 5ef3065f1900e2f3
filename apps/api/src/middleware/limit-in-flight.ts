import type { IncomingMessage, ServerResponse } from "node:http";
import { AppError } from "@fanfare/domain";
import { whenOver } from "../when-over.js";

/** What a process takes on at once. */
export interface InFlightLimits {
  /** Requests whose body has come whole. */
  requests: number;
  /** Bytes of bodies that have come, whole or not. */
  bytes: number;
}

/** What one request takes up of {@link InFlightLimits}, until its response is closed. */
export interface Place {
  /** Some of its body has come, as large as it is once it is unpacked. @throws AppError 503 */
  add(bytes: number): void;
  /** All of it has come. @throws AppError 503 */
  begin(): void;
}

/** See {@link limitInFlight}. */
export interface InFlight {
  /** @throws AppError 503 when a body of so many bytes, or any, would not be taken if it came right now */
  requireRoom(bytes: number): void;
  open(req: IncomingMessage, res: ServerResponse): Place;
}

/**
 * Takes only so many requests with a body at once, and only so many bytes: what they become in memory is some times their
 * size. What is beyond is refused, and what a client sends of it nonetheless is thrown away.
 *
 * What a client only announces takes up nothing: it could announce much, send nothing, and keep everybody else out.
 */
export function limitInFlight(limits: InFlightLimits): InFlight {
  let requests = 0;
  let bytes = 0;

  function requireRoom(more: number): void {
    if (requests < limits.requests && bytes + more <= limits.bytes) return;
    const detail = "This process has all the requests that it takes at once; nothing was stored.";
    throw new AppError("overloaded", detail, { retryAfterSeconds: 1 });
  }

  return {
    requireRoom,
    open(req, res) {
      const own = { requests: 0, bytes: 0 };
      whenOver(req, res, () => {
        requests -= own.requests;
        bytes -= own.bytes;
      });
      return {
        add(more) {
          requireRoom(more);
          own.bytes += more;
          bytes += more;
        },
        begin() {
          requireRoom(0);
          own.requests = 1;
          requests += 1;
        },
      };
    },
  };
}
