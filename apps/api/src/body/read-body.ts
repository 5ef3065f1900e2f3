import type { IncomingMessage } from "node:http";
import type { Transform } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate, type Zlib } from "node:zlib";
import { AppError } from "@fanfare/domain";

/** RFC 9110, section 8.4.1: `x-gzip` is `gzip`. */
const DECODERS: Readonly<Record<string, () => Transform & Zlib>> = {
  gzip: createGunzip,
  "x-gzip": createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/** Content codings that bodies may have, as a header lists them. */
export const ENCODINGS = "gzip, deflate, br";

/** How a body is read. */
export interface ReadBodyOptions {
  /** Bytes that it may have, also once it is unpacked. */
  limitBytes: number;
  /** Told of bytes as they come; what it throws ends the reading. */
  onBytes: (bytes: number) => void;
}

/**
 * The body of a request, unpacked; see {@link encodingOf}. When it is refused, the rest of it is thrown away as it comes.
 *
 * @throws AppError 400 when it can not be unpacked or ends too soon, 413, and what `onBytes` throws
 */
export function readBody(req: IncomingMessage, { limitBytes, onBytes }: ReadBodyOptions): Promise<Buffer> {
  const encoding = encodingOf(req) ?? "identity";
  const decoder = DECODERS[encoding]?.();
  const source = decoder ? req.pipe(decoder) : req;
  const chunks: Buffer[] = [];
  let length = 0;
  const notUnpacked = (cause?: unknown) => unreadable(`The request body can not be unpacked as ${encoding}.`, cause);
  return new Promise((resolve, reject) => {
    const refuse = (error: unknown) => {
      source.off("data", take);
      if (decoder) req.unpipe(decoder).resume();
      decoder?.destroy();
      reject(error);
    };
    const take = (chunk: Buffer) => {
      try {
        length += chunk.length;
        if (length > limitBytes) throw bodyTooLarge(limitBytes);
        onBytes(chunk.length);
        chunks.push(chunk);
      } catch (error) {
        refuse(error);
      }
    };
    // What unpacks to nothing has no end either.
    let packed = 0;
    if (decoder) {
      req.on("data", (chunk: Buffer) => {
        packed += chunk.length;
        if (packed > limitBytes) refuse(bodyTooLarge(limitBytes));
      });
    }
    source.on("data", take);
    source.once("end", () => {
      // A decoder leaves alone what comes behind.
      const isWhole = !decoder || (req.readableEnded && decoder.bytesWritten === packed);
      if (!isWhole) return refuse(notUnpacked());
      resolve(Buffer.concat(chunks, length));
      // The request, which lives on until it is answered, has its listeners still.
      chunks.length = 0;
    });
    decoder?.on("error", (cause) => refuse(notUnpacked(cause)));
    req.once("close", () => req.complete || refuse(unreadable("The request body ended too soon.")));
  });
}

/** The content coding of a body, in lower case; `undefined` for one that is not read. */
export function encodingOf({ headers }: Pick<IncomingMessage, "headers">): string | undefined {
  const encoding = headers["content-encoding"]?.toLowerCase() ?? "identity";
  return encoding === "identity" || Object.hasOwn(DECODERS, encoding) ? encoding : undefined;
}

export function bodyTooLarge(limitBytes: number): AppError {
  return new AppError("body-too-large", `The request body is over the limit of ${limitBytes} bytes.`);
}

const unreadable = (detail: string, cause?: unknown) => new AppError("malformed-json", detail, { cause });
