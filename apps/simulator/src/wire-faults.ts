import http2 from "node:http2";
import type { Behaviour, Refusal } from "./behaviours.js";
import { cutConnection } from "./connection-sockets.js";
import { promisesOf, sayGoaway } from "./goaway.js";

/** Behaviours that break the wire instead of answering as the provider would. */
export type WireFault = Exclude<Behaviour, { kind: "accept" | "refuse" }>;

/** An answer as it goes over the wire. */
export interface WireAnswer {
  headers: http2.OutgoingHttpHeaders;
  /** Empty for none. */
  body: string;
}

/** How a provider words its answers to one request. */
export interface ProviderWords {
  accepted(): WireAnswer;
  refused(refusal: Refusal): WireAnswer;
  /** Its code for 503. */
  unavailable: string;
}

const { NGHTTP2_INTERNAL_ERROR, NGHTTP2_REFUSED_STREAM } = http2.constants;
const GONE_AFTER_MS = 2_000;
const DRIP_MS = 5;

const isSuccess = (status: number) => status < 300;

/** Whether a request that is treated so was taken by the provider, and delivered. */
export function isDelivered(behaviour: Behaviour): boolean {
  switch (behaviour.kind) {
    case "accept":
    case "drip":
      return true;
    case "goaway":
      return behaviour.lastStream === "received";
    case "empty":
    case "cutBody":
      return isSuccess(behaviour.status);
    default:
      return false;
  }
}

/** Answers a request as its behaviour says. */
export function answerStream(stream: http2.ServerHttp2Stream, behaviour: Behaviour, words: ProviderWords): void {
  const { kind, delayMs } = behaviour;
  if (delayMs && kind !== "drip") {
    setTimeout(() => answerStream(stream, { ...behaviour, delayMs: 0 }, words), delayMs);
    return;
  }
  if (stream.destroyed || stream.closed) return;
  if (kind !== "accept" && kind !== "refuse" && applyWireFault(stream, behaviour, words)) return;
  const { headers, body } = kind === "refuse" ? words.refused(behaviour) : words.accepted();
  stream.respond(headers, { endStream: body === "" });
  if (body !== "") stream.end(body);
}

/** Does what a fault says. Returns whether the request is answered with that; `false`: the provider's answer is still owed. */
function applyWireFault(stream: http2.ServerHttp2Stream, fault: WireFault, words: ProviderWords): boolean {
  switch (fault.kind) {
    case "silent":
      return true;
    case "reset":
      stream.close(NGHTTP2_INTERNAL_ERROR);
      return true;
    case "refuseStream":
      stream.close(NGHTTP2_REFUSED_STREAM);
      return true;
    case "destroy":
      cutConnection(stream.session);
      return true;
    case "html":
      stream.respond({ ":status": fault.status, "content-type": "text/html" });
      stream.end(htmlPage(fault.status));
      return true;
    case "empty":
      stream.respond({ ":status": fault.status }, { endStream: true });
      return true;
    case "cutBody":
      cutBody(stream, fault, words);
      return true;
    case "drip":
      drip(stream, words.accepted(), fault.delayMs ?? DRIP_MS);
      return true;
    case "goaway":
      goAway(stream, fault);
      return fault.lastStream !== "received";
  }
}

/** What a front end says instead of the provider. */
export const htmlPage = (status: number): string => `<html><body><h1>${status}</h1></body></html>`;

function cutBody(
  stream: http2.ServerHttp2Stream,
  { status, code }: Extract<WireFault, { kind: "cutBody" }>,
  { accepted, refused, unavailable }: ProviderWords,
): void {
  const { headers, body } = isSuccess(status)
    ? accepted()
    : refused({ kind: "refuse", status, code: code ?? unavailable });
  stream.respond({ ...headers, ":status": status });
  // An acceptance of APNs has no body to cut: its stream does not end in order.
  if (body !== "") stream.write(body.slice(0, body.length / 2));
  // Closing would end the body in order.
  setImmediate(() => stream.destroy(new Error("cut off")));
}

// The headers, each byte of the body and the end come each on its own.
function drip(stream: http2.ServerHttp2Stream, { headers, body }: WireAnswer, delayMs: number): void {
  const bytes = Buffer.from(body);
  let sent = 0;
  stream.respond(headers);
  const next = () => {
    if (stream.destroyed || stream.closed) return;
    if (sent === bytes.length) {
      stream.end();
      return;
    }
    stream.write(bytes.subarray(sent, ++sent));
    setTimeout(next, delayMs);
  };
  setTimeout(next, delayMs);
}

function goAway(stream: http2.ServerHttp2Stream, fault: Extract<WireFault, { kind: "goaway" }>): void {
  const { session, id = 0 } = stream;
  if (!session) return;
  const { taken, promised } = promisesOf(session);
  const last = fault.lastStream === "before" && taken === id ? id - 2 : Math.min(taken, promised);
  // No GOAWAY leaves out the first stream of a connection, nor this one when later ones were taken: then it is refused.
  if (last < 1 || (fault.lastStream === "before" && last !== id - 2)) stream.close(NGHTTP2_REFUSED_STREAM);
  sayGoaway(session, last, fault);
  // A server that is gone for good closes what is left soon after.
  setTimeout(() => session.destroy(), GONE_AFTER_MS).unref();
}
