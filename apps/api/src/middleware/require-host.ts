import type { Request, RequestHandler } from "express";
import { invalidHeader } from "../parse-request.js";

/** Host and port (RFC 9110, section 7.2; the port may be empty, RFC 3986, section 3.2.3) that can stand in a URL. */
const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?)(:\d*)?$/i;

const WANTED = "must be the host that the request goes to, perhaps with a port";

/**
 * Refuses a request whose host is none (RFC 9112, section 3.2), before anything is done for it: whatever stands there would be
 * repeated in the URLs of its answer. HTTP/1.0 knows no host.
 */
export const requireHost: RequestHandler = (req, _res, next) => {
  if ((req.headersDistinct.host ?? []).length > 1) throw invalidHeader(req, "Host", "must be there once");
  const host = req.get("host");
  const isNeeded = req.httpVersion !== "1.0";
  if (host === undefined ? isNeeded : !isHost(host)) throw invalidHeader(req, "Host", WANTED);
  if (!forwardedHosts(req).every(isHost)) throw invalidHeader(req, "X-Forwarded-Host", WANTED);
  next();
};

// Express takes the first, where the proxy is trusted, and would pass over the others and over one that is empty.
function forwardedHosts(req: Request): string[] {
  const isTrusted = req.app.get("trust proxy fn") as (address: string | undefined, hop: number) => boolean;
  const forwarded = req.get("x-forwarded-host");
  return forwarded && isTrusted(req.socket.remoteAddress, 0) ? forwarded.split(",").map((host) => host.trim()) : [];
}

/** Of a name (RFC 1035, section 2.3.4) with a port: what is longer would stand in each URL of an answer. */
const HOST_MAX = 261;

const isHost = (text: string) => text.length <= HOST_MAX && HOST.test(text) && URL.canParse(`http://${text}`);
