import { AppError } from "@fanfare/domain";
import { parse } from "content-type";
import express, { type RequestHandler } from "express";
import { checkJson, parseJson } from "../body/read-json.js";
import { takeBody } from "./expectation.js";

/**
 * Reads a JSON body of at most `limitBytes`. Other media types are refused, not ignored; what is refused for what its headers
 * say is refused before its body is there. What `limitInFlight` counts are bodies that are read.
 */
export function jsonBody(limitBytes: number, limitInFlight: RequestHandler): RequestHandler[] {
  return [
    requireJson,
    requireSize(limitBytes),
    limitInFlight,
    takeBody,
    express.raw({ limit: limitBytes, type: () => true }),
    // Where there is none it is not even empty.
    inTurn((bytes: Buffer | undefined = Buffer.alloc(0)) => checkJson(bytes)),
    inTurn(parseJson),
  ];
}

/** Bytes from which on others are let in between two steps of what is done with them. */
const LARGE = 1_000_000;

/** Makes something of the body, and lets other requests in before it is gone on with. */
function inTurn<Body extends Buffer | undefined>(step: (body: Body) => unknown): RequestHandler {
  return (req, _res, next) => {
    const body = req.body as Body;
    req.body = step(body);
    if ((body?.length ?? 0) < LARGE) next();
    else setImmediate(next);
  };
}

const JSON_TYPE = /^application\/([\w.-]+\+)?json$/;

const requireJson: RequestHandler = (req, _res, next) => {
  const { type, parameters } = parse(req.get("content-type") ?? "");
  if (!JSON_TYPE.test(type)) throw new AppError("unsupported-media-type", "Send the request body as application/json.");
  // RFC 8259, section 8.1: JSON that is exchanged is UTF-8.
  if (!/^utf-?8$/i.test(parameters.charset ?? "utf-8")) {
    throw new AppError("unsupported-media-type", "Send the request body as JSON in UTF-8.");
  }
  next();
};

/** Before the body is read: one that is known to be too large its client need not send to its end. */
function requireSize(limitBytes: number): RequestHandler {
  return (req, _res, next) => {
    if (Number(req.get("content-length") ?? 0) > limitBytes) throw bodyTooLarge(limitBytes);
    next();
  };
}

function bodyTooLarge(limitBytes: number): AppError {
  return new AppError("body-too-large", `The request body is over the limit of ${limitBytes} bytes.`);
}
