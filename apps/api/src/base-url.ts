import type { Request } from "express";
import type { ApiContext } from "./context.js";

/** Where this API is reached, such as `https://push.example.com`, without a slash at its end. */
export function baseUrl({ publicUrl }: Pick<ApiContext, "publicUrl">, req: Request): string {
  return publicUrl ?? `${req.protocol}://${req.get("host") ?? "localhost"}`;
}
