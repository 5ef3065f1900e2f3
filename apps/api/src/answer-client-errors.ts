import { randomUUID } from "node:crypto";
import { OutgoingMessage, type RequestListener, type Server, type ServerResponse, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { AppError } from "@fanfare/domain";
import type { Request, Response } from "express";
import { PROBLEM_TYPE, problemText } from "./middleware/problem-answer.js";
import { safeHeaders } from "./middleware/safe-headers.js";

/**
 * Answers what never becomes a request, since Node can not read it as HTTP or it does not come to its end, as every other error is
 * answered; Node would say nothing but the status. The connection is closed: where a next request begins is not known.
 */
export function answerClientErrors(server: Server): void {
  const open = new WeakMap<Socket, Set<ServerResponse>>();
  const track: RequestListener = ({ socket }, res) => {
    const ofSocket = open.get(socket) ?? new Set();
    open.set(socket, ofSocket.add(res));
    res.once("close", () => ofSocket.delete(res));
  };
  for (const event of ["request", "checkContinue", "checkExpectation"]) server.prependListener(event, track);
  server.on("clientError", (error: NodeJS.ErrnoException, stream) => {
    const socket = stream as Socket;
    // In the midst of an answer another would be taken for a part of it.
    const isAnswered = [...(open.get(socket) ?? [])].some(({ headersSent }) => headersSent);
    if (socket.writable && !isAnswered) socket.write(answerTo(toAppError(error)));
    socket.destroySoon();
  });
}

/** What Node makes of them too, by its own codes. */
function toAppError({ code }: NodeJS.ErrnoException): AppError {
  switch (code) {
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return new AppError("request-timeout", "The request did not come to its end in time.");
    case "HPE_HEADER_OVERFLOW":
      return new AppError("headers-too-large", "The headers, with the path, are too large.");
    case "HPE_CHUNK_EXTENSIONS_OVERFLOW":
      return new AppError("body-too-large", "The extensions of a chunk are too large.");
    default:
      return new AppError("invalid-request", "The request can not be read as HTTP.");
  }
}

function answerTo(error: AppError): string {
  const requestId = randomUUID();
  const body = problemText(error, requestId);
  const head = new OutgoingMessage();
  for (const handler of safeHeaders) handler({} as Request, head as Response, () => undefined);
  const headers = {
    ...head.getHeaders(),
    "x-request-id": requestId,
    "content-type": `${PROBLEM_TYPE}; charset=utf-8`,
    "content-length": Buffer.byteLength(body),
    connection: "close",
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return [`HTTP/1.1 ${error.status} ${STATUS_CODES[error.status]}`, ...lines, "", body].join("\r\n");
}
