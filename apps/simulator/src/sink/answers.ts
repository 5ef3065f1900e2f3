import { randomBytes } from "node:crypto";
import type { RequestHead } from "./header-decoder.js";
import type { ReceivedTokens } from "./received-tokens.js";

/** What a sink answers to one request: a header block, and a body where there is one. */
export interface SinkAnswer {
  headers: Buffer;
  body: Buffer | undefined;
}

/** Takes note of a request and says what it is answered. */
export type AnswerRequest = (head: RequestHead, body: Buffer) => SinkAnswer;

/** `:status: 200` of the static table (RFC 7541, appendix A). */
const STATUS_200 = Buffer.from([0x88]);

/** `apns-id` as a literal that enters no table, up to its value of 36 bytes. */
const APNS_ID = Buffer.concat([STATUS_200, Buffer.from([0x00, 7]), Buffer.from("apns-id"), Buffer.from([36])]);

const DEVICE_PATH = "/3/device/";

/** Answers as APNs accepts a notification. */
export function answerApns(received: ReceivedTokens): AnswerRequest {
  const nextId = numberedIds();
  return ({ path, apnsId }) => {
    received.add("APN", path.slice(DEVICE_PATH.length));
    const id = apnsId?.length === 36 ? apnsId : nextId();
    const headers = Buffer.allocUnsafe(APNS_ID.length + 36);
    APNS_ID.copy(headers);
    headers.write(id, APNS_ID.length, "latin1");
    return { headers, body: undefined };
  };
}

// UUIDs in form: this run's, and a number.
function numberedIds(): () => string {
  const run = randomBytes(10).toString("hex");
  const prefix = `${run.slice(0, 8)}-${run.slice(8, 12)}-${run.slice(12, 16)}-${run.slice(16, 20)}-`;
  let number = 0;
  return () => prefix + (++number).toString(16).padStart(12, "0");
}

const CONTENT_TYPE = "application/json; charset=UTF-8";

/** `content-type`, index 31 of the static table, as a literal that enters no table. */
const JSON_HEADERS = Buffer.concat([
  STATUS_200,
  Buffer.from([0x0f, 0x10, CONTENT_TYPE.length]),
  Buffer.from(CONTENT_TYPE),
]);

const TOKEN = '"token":"';

/** Answers as FCM accepts a message. The token is cut out of the body, since parsing that would cost more than all else. */
export function answerFcm(received: ReceivedTokens): AnswerRequest {
  const run = randomBytes(5).toString("hex");
  let number = 0;
  return ({ path }, body) => {
    const begin = body.indexOf(TOKEN) + TOKEN.length;
    received.add("FCM", begin < TOKEN.length ? "" : body.toString("latin1", begin, body.indexOf('"', begin)));
    const project = path.split("/", 4)[3] ?? "";
    return {
      headers: JSON_HEADERS,
      body: Buffer.from(`{"name":"projects/${project}/messages/${run}${++number}"}`),
    };
  };
}
