import type { Request } from "express";
import type { ApiContext } from "./context.js";

/** Host and port (RFC 9110, section 7.2) that can stand in a URL. */
const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d+)?$/i;

/** Where this API is reached, such as `https://push.example.com`, without a slash at its end. */
export function baseUrl({ publicUrl }: Pick<ApiContext, "publicUrl">, req: Request): string {
  // A trusted proxy may hand on what its caller claims.
  const protocol = req.protocol === "https" ? "https" : "http";
  const fromHost = `${protocol}://${req.get("host")}`;
  const isHost = HOST.test(req.get("host") ?? "") && URL.canParse(fromHost);
  return publicUrl ?? (isHost ? fromHost : `${protocol}://localhost`);
}
