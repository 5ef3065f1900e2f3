import { AppError } from "@fanfare/domain";
import express, { type RequestHandler } from "express";

/** Reads a JSON body of at most `limitBytes`. Other media types are refused, not ignored. */
export function jsonBody(limitBytes: number): RequestHandler[] {
  return [requireJson, express.json({ limit: limitBytes, strict: false, type: isJson })];
}

const isJson = (req: { headers: { "content-type"?: string | undefined } }) =>
  /^application\/([\w.-]+\+)?json\s*(;|$)/i.test(req.headers["content-type"] ?? "");

const requireJson: RequestHandler = (req, _res, next) => {
  if (!isJson(req)) throw new AppError("unsupported-media-type", "Send the request body as application/json.");
  next();
};
