import type { Request, RequestHandler } from "express";
import { z } from "zod";
import { parseRequest } from "../parse-request.js";
import { jsonBody } from "./json-body.js";
import type { InFlight } from "./limit-in-flight.js";

/** Bytes of a body that are looked at where there is to be none: enough to name what is in it. */
const LIMIT_BYTES = 1_024;

const nothing = z.strictObject({});

/** Refuses a body where a route takes none: whoever sends one means something by it. `{}` says nothing, and is taken. */
export function noBody(inFlight: InFlight): RequestHandler[] {
  const endConnection: RequestHandler = (req, res, next) => {
    // It may have no end, and would be waited for.
    if (req.headers["transfer-encoding"] !== undefined) res.set("Connection", "close");
    next();
  };
  const refuse: RequestHandler = (req, _res, next) => {
    parseRequest(nothing, req.body, "nothing was done");
    next();
  };
  return [endConnection, ...jsonBody(LIMIT_BYTES, inFlight), refuse].map(
    (handler): RequestHandler =>
      (req, res, next) =>
        hasBody(req) ? handler(req, res, next) : next(),
  );
}

// RFC 9112, section 6.3: nothing else announces one.
const hasBody = (req: Request) =>
  req.headers["transfer-encoding"] !== undefined || Number(req.headers["content-length"] ?? 0) > 0;
