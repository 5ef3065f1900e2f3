import { type IncomingHttpHeaders, request } from "node:http";
import { connect } from "node:net";
import { checkExchange } from "../../../scripts/test-setup/validate-answers.js";
import { originForm, pathOf } from "../src/request-target.js";

/** A request as it goes over the wire. */
export interface RawRequest {
  method: string;
  /** What follows the method, up to the version: one character per byte, as in the headers. */
  target: string;
  headers: readonly (readonly [name: string, value: string])[];
  body: Buffer;
  /** Nothing follows, though the headers promise more. */
  isCut: boolean;
}

/** What came back. */
export interface RawAnswer {
  status: number;
  requestId: string | undefined;
  contentType: string | undefined;
  text: string;
}

/**
 * Sends what no client would, and reads the answer, of a stream its beginning; `undefined` when the connection was closed
 * without one.
 */
export function sendRaw(url: string, raw: RawRequest, timeoutMs: number): Promise<RawAnswer | undefined> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    socket.write(toBytes(raw));
    if (raw.isCut) socket.end();
    // Node's client reads the answer; what it would ask itself is not sent.
    socket.write = () => true;
    const method = raw.method === "HEAD" ? "HEAD" : "POST";
    const asked = request({ method, createConnection: () => socket });
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error(`No answer within ${timeoutMs} ms to ${describeRaw(raw)}`));
    }, timeoutMs);
    const end = (answer: RawAnswer | undefined) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    asked.on("error", () => end(undefined));
    asked.on("response", (res) => {
      const { statusCode: status = 0, headers } = res;
      const requestId = headers["x-request-id"] as string | undefined;
      const contentType = headers["content-type"];
      let text = "";
      const finish = () => {
        const problem = problemOf(raw, { status, headers, text });
        if (problem) reject(problem);
        end({ status, requestId, contentType, text });
      };
      res.setEncoding("utf8").on("error", finish).on("end", finish);
      res.on("data", (chunk: string) => {
        text += chunk;
        // Events of an operation that nobody works on do not end.
        if (contentType?.startsWith("text/event-stream")) finish();
      });
    });
    asked.end();
  });
}

/** What of an answer is not as documented. */
function problemOf({ method, target }: RawRequest, { status, headers, text }: Heard): unknown {
  const path = pathOf(originForm(target));
  const fields = new Headers(Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]));
  const isStream = headers["content-type"]?.startsWith("text/event-stream");
  try {
    checkExchange({ method, path, status, headers: fields, body: isStream ? undefined : text });
  } catch (error) {
    return error;
  }
  return undefined;
}

interface Heard {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/** The request for whoever wants to make it again. */
export function describeRaw({ method, target, headers, body, isCut }: RawRequest): string {
  const shown =
    body.length > 2_000 ? `${body.toString("latin1", 0, 2_000)}… (${body.length} bytes)` : body.toString("latin1");
  return JSON.stringify({ method, target, headers, body: shown, isCut });
}

function toBytes({ method, target, headers, body }: RawRequest): Buffer {
  const lines = [`${method} ${target} HTTP/1.1`, ...headers.map(([name, value]) => `${name}: ${value}`), "", ""];
  return Buffer.concat([Buffer.from(lines.join("\r\n"), "latin1"), body]);
}
