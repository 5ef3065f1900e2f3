import { AppError } from "@fanfare/domain";
import { parse } from "content-type";
import type { RequestHandler } from "express";
import { bodyTooLarge, ENCODINGS, encodingOf, readBody } from "../body/read-body.js";
import { checkJson, parseJson } from "../body/read-json.js";
import { takeBody } from "./expectation.js";
import type { InFlight } from "./limit-in-flight.js";

/**
 * Reads a JSON body of at most `limitBytes`. Other media types are refused, not ignored; what is refused for what its headers
 * say is refused before its body has come.
 */
export function jsonBody(limitBytes: number, inFlight: InFlight): RequestHandler[] {
  return [requireJson, readWhole(limitBytes, inFlight), inTurn(checkJson), inTurn(parseJson)];
}

const JSON_TYPE = /^application\/([\w.-]+\+)?json$/;

const requireJson: RequestHandler = (req, res, next) => {
  const { type, parameters } = parse(req.get("content-type") ?? "");
  if (!JSON_TYPE.test(type)) throw new AppError("unsupported-media-type", "Send the request body as application/json.");
  // RFC 8259, section 8.1: JSON that is exchanged is UTF-8.
  if (!/^utf-?8$/i.test(parameters.charset ?? "utf-8")) {
    throw new AppError("unsupported-media-type", "Send the request body as JSON in UTF-8.");
  }
  if (encodingOf(req) === undefined) {
    // RFC 9110, section 15.5.16.
    res.set("Accept-Encoding", ENCODINGS);
    throw new AppError("unsupported-media-type", `Send the request body plain, or as one of ${ENCODINGS}.`);
  }
  next();
};

function readWhole(limitBytes: number, inFlight: InFlight): RequestHandler {
  return async (req, res, next) => {
    // Its client went away while it was found out who that is: nobody waits for an answer, and no `close` comes any more.
    if (res.closed || req.socket.destroyed) return;
    const announced = Number(req.get("content-length") ?? 0);
    if (announced > limitBytes) throw bodyTooLarge(limitBytes);
    inFlight.requireRoom(announced);
    const place = inFlight.open(req, res);
    takeBody(res);
    req.body = await readBody(req, { limitBytes, onBytes: place.add });
    place.begin();
    next();
  };
}

/** Bytes from which on others are let in between two steps of what is done with them. */
const LARGE = 1_000_000;

/** Makes something of the body, and lets other requests in before it is gone on with. */
function inTurn(step: (bytes: Buffer) => unknown): RequestHandler {
  return (req, _res, next) => {
    const bytes = req.body as Buffer;
    req.body = step(bytes);
    if (bytes.length < LARGE) next();
    else setImmediate(next);
  };
}
