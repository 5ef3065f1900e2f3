import type { IncomingMessage } from "node:http";
import type { Readiness } from "./readiness.js";

/** Who is told why a check fails; that it does is told to everyone. */
export type ReadinessDetail = "loopback" | "everyone" | "nobody";

const LOOPBACK = /^(::ffff:)?127\.\d+\.\d+\.\d+$|^::1$/i;

/** What a proxy says about whom it asks for (RFC 7239, RFC 9110 section 7.6.3, and what was usual before). */
const FORWARDED = /^(forwarded|via|x-real-ip|x-forwarded-.+)$/;

/** A readiness as HTTP answers it: reasons name hosts, ports and credentials, which are not the world's business. */
export function answerReadiness(
  { status, checks }: Readiness,
  req: Pick<IncomingMessage, "headers" | "socket">,
  detail: ReadinessDetail,
): { status: 200 | 503; body: Readiness } {
  const withoutReasons = () => Object.fromEntries(Object.entries(checks).map(([name, { ok }]) => [name, { ok }]));
  const body = { status, checks: isTold(req, detail) ? checks : withoutReasons() };
  return { status: status === "unavailable" ? 503 : 200, body };
}

/**
 * By the connection alone: a header can claim any address. That a header names another caller at all says that a proxy on this
 * machine asks for somebody in the world.
 */
function isTold({ headers, socket }: Pick<IncomingMessage, "headers" | "socket">, detail: ReadinessDetail): boolean {
  if (detail !== "loopback") return detail === "everyone";
  return LOOPBACK.test(socket.remoteAddress ?? "") && !Object.keys(headers).some((name) => FORWARDED.test(name));
}
