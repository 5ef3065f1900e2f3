import { AppError } from "@fanfare/domain";
import type { RequestHandler } from "express";

/**
 * Answers what the routes of a path do not: OPTIONS, and with 405 the methods that it has not. HEAD is answered wherever GET is.
 */
export function otherMethods(...methods: readonly string[]): RequestHandler {
  const named = methods.map((method) => method.toUpperCase());
  const allowed = [...named.flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method])), "OPTIONS"].join(", ");
  return (req, res) => {
    res.set("Allow", allowed);
    if (req.method !== "OPTIONS")
      throw new AppError("method-not-allowed", `${req.method} is not among ${allowed} here.`);
    res.status(204).end();
  };
}
