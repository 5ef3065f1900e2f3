import { readAnswerHeaders } from "./answer-head.js";

/** One POST. */
export interface Http2Request {
  path: string;
  /** Regular fields, names in lower case, values of ASCII. */
  headers: Readonly<Record<string, string>>;
  /** Not to be changed before the request has settled. */
  body: Uint8Array;
}

/** What became of a request. */
export type Http2Reply =
  | { kind: "answered"; status: number; headers: Readonly<Record<string, string | undefined>>; body: Buffer }
  /** Never written, refused, or above GOAWAY's last stream: the server did nothing with it (RFC 9113, section 8.7). */
  | { kind: "not-processed"; code: string }
  /** It has a field that may not be sent (`:path`, or a regular one's name): nothing was written, and nothing ever is. */
  | { kind: "illegal"; field: string }
  /** It was written and no answer came. */
  | { kind: "unknown"; code: string };

/** Called exactly once for a request. */
export type Http2Settle = (reply: Http2Reply) => void;

/** An answer. Its fields are decoded when somebody reads them. */
export class Http2Answer {
  readonly kind = "answered";
  readonly status: number;
  readonly body: Buffer;
  private head: Buffer | undefined;
  private decoded: Record<string, string | undefined> | undefined;

  constructor(status: number, head: Buffer, body: Buffer) {
    this.status = status;
    this.head = head;
    this.body = body;
  }

  get headers(): Readonly<Record<string, string | undefined>> {
    if (this.head) {
      this.decoded = readAnswerHeaders(this.head);
      this.head = undefined;
    }
    return this.decoded as Record<string, string | undefined>;
  }
}
