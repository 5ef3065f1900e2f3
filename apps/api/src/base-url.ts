import type { Request } from "express";

/** Where this API is reached, such as `https://push.example.com`, without a slash at its end. Only behind {@link requireHost}. */
export function baseUrl(publicUrl: string | undefined, req: Request): string {
  // A trusted proxy may hand on what its caller claims.
  const protocol = req.protocol.toLowerCase() === "https" ? "https" : "http";
  return publicUrl ?? new URL(`${protocol}://${req.host ?? "localhost"}`).origin;
}
