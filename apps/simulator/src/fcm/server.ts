import { randomBytes } from "node:crypto";
import http, { type IncomingMessage } from "node:http";
import http2 from "node:http2";
import type { Behaviour, Behaviours } from "../behaviours.js";
import type { ReceivedLog } from "../received-log.js";
import type { TlsIdentity } from "../tls-identity.js";
import { type FcmAnswer, fcmError, googleError, invalidRequest } from "./errors.js";
import { judgeFcmRequest } from "./rules.js";
import type { TokenEndpoint } from "./token-endpoint.js";

/** What the FCM server is made of. */
export interface FcmServerOptions {
  tls: Pick<TlsIdentity, "cert" | "key">;
  projectId: string;
  tokens: TokenEndpoint;
  behaviours: Behaviours;
  received: ReceivedLog;
  /** Requests at once on a connection. */
  maxStreams: number;
  /** Judge nothing, keep nothing but counts: for measuring senders. */
  acceptAll: boolean;
}

interface Request {
  method: string;
  path: string;
  host: string;
  headers: Record<string, unknown>;
  body: Buffer;
  connection: number;
}

/** How a request is answered; `behaviour` other than accept and refuse leaves it without an answer. */
interface Reply {
  answer: FcmAnswer;
  behaviour: Behaviour;
}

/** Makes the FCM server, which is the OAuth token endpoint too, over HTTP/2 and HTTP/1.1; the caller listens. */
export function createFcmServer(options: FcmServerOptions): http2.Http2SecureServer {
  const { tls, maxStreams } = options;
  const server = http2.createSecureServer({
    ...tls,
    settings: { maxConcurrentStreams: maxStreams },
    minVersion: "TLSv1.2",
    ALPNProtocols: ["h2", "http/1.1"],
  });
  const connections = new WeakMap<object, number>();
  let connectionCount = 0;
  const numberOf = (connection: object) => {
    const number = connections.get(connection) ?? ++connectionCount;
    connections.set(connection, number);
    return number;
  };
  server.on("session", (session) => session.on("error", () => session.destroy()));
  server.on("stream", (stream, headers) => {
    stream.on("error", () => stream.destroy());
    collect(stream, (body) => {
      const { session } = stream;
      if (session) answerStream(stream, reply(options, fromStream(headers, body, numberOf(session))));
    });
  });
  const http1 = http.createServer((req, res) =>
    collect(req, (body) => {
      const { answer } = reply(options, fromHttp1(req, body, numberOf(req.socket)));
      res.writeHead(answer.status, { "content-type": "application/json", ...answer.headers });
      res.end(JSON.stringify(answer.body));
    }),
  );
  server.on("unknownProtocol", (socket) => http1.emit("connection", socket));
  return server;
}

function collect(stream: NodeJS.ReadableStream, done: (body: Buffer) => void): void {
  const chunks: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  stream.on("end", () => done(Buffer.concat(chunks)));
}

function fromStream(headers: http2.IncomingHttpHeaders, body: Buffer, connection: number): Request {
  const [method, path] = [String(headers[":method"]), String(headers[":path"])];
  return { method, path, host: String(headers[":authority"]), headers, body, connection };
}

function fromHttp1({ method = "", url = "", headers }: IncomingMessage, body: Buffer, connection: number): Request {
  return { method, path: url, host: String(headers.host), headers, body, connection };
}

const accepted: Behaviour = { kind: "accept" };

function reply(options: FcmServerOptions, request: Request): Reply {
  const { tokens, projectId, acceptAll } = options;
  if (request.path === "/token") {
    const { status, body } = tokens.grant(request.body.toString(), `https://${request.host}/token`);
    return { answer: { status, body }, behaviour: accepted };
  }
  if (acceptAll) return acceptUnseen(options, request);
  const project = /^\/v1\/projects\/([^/]+)\/messages:send$/.exec(request.path)?.[1];
  const objection = (answer: FcmAnswer) => ({ answer, behaviour: accepted });
  if (project === undefined || request.method !== "POST") return objection(googleError(404, "NOT_FOUND", "Not found."));
  if (!tokens.accepts(request.headers.authorization as string | undefined)) {
    return objection(googleError(401, "UNAUTHENTICATED", "Request had invalid authentication credentials."));
  }
  if (project !== projectId) return objection(googleError(403, "PERMISSION_DENIED", "Permission denied on project."));
  const judged = judgeFcmRequest(request.body.toString());
  if ("violations" in judged) return objection(invalidRequest(judged.violations));
  return deliver(options, request, judged.request);
}

function deliver(
  { behaviours, received, projectId }: FcmServerOptions,
  request: Request,
  { message, validate_only }: { message: { token?: string | undefined }; validate_only?: boolean | undefined },
): Reply {
  const token = message.token ?? "";
  const answer = success(projectId);
  if (validate_only) return { answer, behaviour: accepted };
  const call = received.countCall("FCM", token);
  const behaviour = behaviours.decide("FCM", token, call);
  if (behaviour.kind === "accept") received.countAccepted("FCM", token);
  const { authorization, ...headers } = request.headers;
  received.keep({
    at: new Date().toISOString(),
    provider: "FCM",
    token,
    call,
    connection: request.connection,
    headers,
    payload: message,
    outcome: behaviour.kind === "refuse" ? `${behaviour.status} ${behaviour.code}` : behaviour.kind,
  });
  if (behaviour.kind !== "refuse") return { answer, behaviour };
  return { answer: fcmError(behaviour.status, behaviour.code, behaviour.headers), behaviour };
}

// The token is cut out of the body instead of parsing it.
function acceptUnseen({ received, projectId }: FcmServerOptions, { body }: Request): Reply {
  const token = /"token":"([^"]*)"/.exec(body.toString())?.[1] ?? "";
  received.countCall("FCM", token);
  received.countAccepted("FCM", token);
  return { answer: success(projectId), behaviour: accepted };
}

const success = (projectId: string): FcmAnswer => ({
  status: 200,
  body: { name: `projects/${projectId}/messages/${randomBytes(8).toString("hex")}` },
});

function answerStream(stream: http2.ServerHttp2Stream, { answer, behaviour }: Reply): void {
  if (behaviour.kind === "silent") return;
  const { delayMs } = behaviour;
  if (delayMs) {
    setTimeout(() => answerStream(stream, { answer, behaviour: { ...behaviour, delayMs: 0 } }), delayMs);
    return;
  }
  if (stream.destroyed) return;
  if (behaviour.kind === "reset") {
    stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR);
    return;
  }
  stream.respond({ ":status": answer.status, "content-type": "application/json; charset=UTF-8", ...answer.headers });
  stream.end(JSON.stringify(answer.body));
}
