import type { Request, RequestHandler } from "express";
import { invalidHeader } from "../parse-request.js";

/** Host and port (RFC 9110, section 7.2) that can stand in a URL. */
const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d+)?$/i;

const WANTED = "must be the host that the request goes to, perhaps with a port";

/**
 * Refuses a request whose host is none (RFC 9112, section 3.2), before anything is done for it: whatever stands there would be
 * repeated in the URLs of its answer. HTTP/1.0 knows no host.
 */
export const requireHost: RequestHandler = (req, _res, next) => {
  if ((req.headersDistinct.host ?? []).length > 1) throw invalidHeader(req, "Host", "must be there once");
  const host = req.get("host");
  if (host !== undefined && !isHost(host)) throw invalidHeader(req, "Host", WANTED);
  if (forwardedHost(req) !== undefined && !isHost(req.host)) throw invalidHeader(req, "X-Forwarded-Host", WANTED);
  next();
};

// Express's `host` is that of a proxy's caller where the proxy is trusted, and `Host` elsewhere.
function forwardedHost(req: Request): string | undefined {
  return req.host === req.get("host") ? undefined : req.get("x-forwarded-host");
}

const isHost = (text: string) => HOST.test(text) && URL.canParse(`http://${text}`);
