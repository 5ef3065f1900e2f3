import { randomBytes } from "node:crypto";
import http, { type IncomingMessage } from "node:http";
import http2 from "node:http2";
import { z } from "zod";
import { type Behaviour, type Behaviours, outcomeOf } from "../behaviours.js";
import type { Customers } from "../customers.js";
import { takeStream, whenNotProcessed } from "../goaway.js";
import { payloadOf, type ReceivedLog, withoutCredential } from "../received-log.js";
import type { StreamLimits } from "../stream-limits.js";
import type { TlsIdentity } from "../tls-identity.js";
import { answerStream, htmlPage, isDelivered, type WireAnswer } from "../wire-faults.js";
import { type FcmAnswer, fcmError } from "./errors.js";
import { judgeSend } from "./judge-send.js";
import type { OauthFaults } from "./oauth-faults.js";
import type { FcmRequest } from "./rules.js";
import type { TokenEndpoint } from "./token-endpoint.js";

/** What the FCM server is made of. */
export interface FcmServerOptions {
  tls: Pick<TlsIdentity, "cert" | "key">;
  customers: Customers;
  tokens: TokenEndpoint;
  behaviours: Behaviours;
  oauthFaults: OauthFaults;
  received: ReceivedLog;
  streamLimits: StreamLimits;
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

/** How a request is answered: with `answer`, unless the behaviour says otherwise. */
interface Reply {
  answer: FcmAnswer;
  behaviour: Behaviour;
  /** Takes back that the request was counted as accepted. */
  withdraw?: () => void;
}

/** Makes the FCM server, which is the OAuth token endpoint too, over HTTP/2 and HTTP/1.1; the caller listens. */
export function createFcmServer(options: FcmServerOptions): http2.Http2SecureServer {
  const { tls, maxStreams, streamLimits } = options;
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
  server.on("session", (session) => {
    streamLimits.begin(session, maxStreams);
    session.on("error", () => session.destroy());
  });
  server.on("stream", (stream, headers) => {
    stream.on("error", () => stream.destroy());
    collect(stream, (body) => {
      const { session } = stream;
      if (session && takeStream(stream))
        answerHttp2(stream, reply(options, fromStream(headers, body, numberOf(session))));
    });
  });
  const http1 = http.createServer((req, res) =>
    collect(req, (body) => {
      answerHttp1(res, reply(options, fromHttp1(req, body, numberOf(req.socket))));
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

/** As much of a body as says which device it is for. */
const targeted = z.object({ message: z.looseObject({ token: z.string().optional() }) });

function reply(options: FcmServerOptions, request: Request): Reply {
  const { method, path, body } = request;
  if (path === "/token") return grant(options, request);
  if (options.acceptAll) return acceptUnseen(options, request);
  const authorization = request.headers.authorization as string | undefined;
  const judged = judgeSend({ method, path, authorization, body }, options);
  if ("refused" in judged) {
    keepRefused(options, request, judged.refused, payloadOf(body));
    return { answer: judged.refused, behaviour: accepted };
  }
  return deliver(options, request, judged);
}

function grant(options: FcmServerOptions, request: Request): Reply {
  const fault = options.oauthFaults.meet();
  const { answer, issuer } = fault?.answer
    ? { answer: fault.answer, issuer: undefined }
    : options.tokens.grant(request.body.toString(), `https://${request.host}/token`);
  // The assertion is a credential: of the body only who sent it is kept.
  if (answer.status !== 200) keepRefused(options, request, answer, { iss: issuer });
  return { answer, behaviour: fault?.behaviour ?? accepted };
}

function keepRefused({ received }: FcmServerOptions, request: Request, answer: FcmAnswer, payload: unknown): void {
  const { message } = targeted.safeParse(payload).data ?? {};
  received.keep({
    ...entryOf(request),
    token: message?.token ?? "",
    call: 0,
    payload: message ?? payload,
    outcome: `${answer.status} ${answer.code}`,
  });
}

function deliver(
  { behaviours, received }: FcmServerOptions,
  request: Request,
  { projectId, request: { message, validate_only } }: { projectId: string; request: FcmRequest },
): Reply {
  const token = message.token ?? "";
  const call = validate_only ? received.countDryRun("FCM", token) : received.countCall("FCM", token);
  const behaviour = behaviours.decide({ provider: "FCM", token, call });
  const delivered = isDelivered(behaviour) && !validate_only;
  if (delivered) received.countAccepted("FCM", token);
  received.keep({
    ...entryOf(request),
    token,
    call,
    payload: message,
    outcome: outcomeOf(behaviour),
    ...(validate_only && { validateOnly: true }),
  });
  const answer = success(projectId, validate_only ? "fake_message_id" : undefined);
  return { answer, behaviour, ...(delivered && { withdraw: () => received.withdrawAccepted("FCM", token) }) };
}

const entryOf = ({ connection, headers }: Request) => ({
  at: new Date().toISOString(),
  provider: "FCM" as const,
  connection,
  headers: withoutCredential(headers),
});

// The token is cut out of the body instead of parsing it.
function acceptUnseen({ received }: FcmServerOptions, { path, body }: Request): Reply {
  const token = /"token":"([^"]*)"/.exec(body.toString())?.[1] ?? "";
  received.countCall("FCM", token);
  received.countAccepted("FCM", token);
  return { answer: success(path.split("/")[3] ?? ""), behaviour: accepted };
}

const success = (projectId: string, id = randomBytes(8).toString("hex")): FcmAnswer => ({
  status: 200,
  body: { name: `projects/${projectId}/messages/${id}` },
});

function answerHttp2(stream: http2.ServerHttp2Stream, { answer, behaviour, withdraw }: Reply): void {
  if (withdraw) whenNotProcessed(stream, withdraw);
  answerStream(stream, behaviour, {
    accepted: () => onWire(answer),
    refused: (refusal) => onWire(fcmError(refusal)),
    unavailable: "UNAVAILABLE",
  });
}

const onWire = ({ status, headers, body }: FcmAnswer): WireAnswer => ({
  headers: { ":status": status, "content-type": "application/json; charset=UTF-8", ...headers },
  body: JSON.stringify(body),
});

// Of the faults only those of the token endpoint reach HTTP/1.1: FCM itself is spoken to over HTTP/2.
function answerHttp1(res: http.ServerResponse, { answer, behaviour }: Reply): void {
  const { status, headers, body } = behaviour.kind === "refuse" ? fcmError(behaviour) : answer;
  const isHtml = behaviour.kind === "html";
  setTimeout(() => {
    res.writeHead(status, { "content-type": isHtml ? "text/html" : "application/json", ...headers });
    res.end(isHtml ? htmlPage(status) : JSON.stringify(body));
  }, behaviour.delayMs ?? 0);
}
