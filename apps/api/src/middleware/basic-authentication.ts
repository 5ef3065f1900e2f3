import { createHash, timingSafeEqual } from "node:crypto";
import { AppError } from "@fanfare/domain";
import type { RequestHandler } from "express";

/** One user that a route lets in. */
export interface BasicCredentials {
  realm: string;
  user: string;
  password: string;
}

/** Lets only requests through that carry these credentials (RFC 7617). */
export function basicAuthentication({ realm, user, password }: BasicCredentials): RequestHandler {
  const expected = digest(`${user}:${password}`);
  return (req, res, next) => {
    const [scheme, encoded = ""] = (req.get("authorization") ?? "").split(" ");
    const given = digest(Buffer.from(encoded, "base64").toString());
    // Digests have one length whatever was given, so that the comparison takes the same time for every guess.
    if (scheme?.toLowerCase() === "basic" && timingSafeEqual(given, expected)) return next();
    res.set("WWW-Authenticate", `Basic realm="${realm}", charset="UTF-8"`);
    throw new AppError("unauthorized", "Authenticate with HTTP Basic: the account's id and its auth token.");
  };
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
