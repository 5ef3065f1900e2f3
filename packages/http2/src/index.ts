export { type ConnectHttp2Options, connectHttp2, Http2ConnectError } from "./connect.js";
export type { Http2Connection, Http2ConnectionEvents, Http2ConnectionOptions } from "./connection.js";
export { illegalFieldOf } from "./field-rules.js";
export { createFrameReader, type OnFrame } from "./frame-reader.js";
export {
  CLIENT_PREFACE,
  DEFAULT_FRAME_BYTES,
  FRAME_HEAD_BYTES,
  FrameFlag,
  FrameType,
  readUint31,
  readUint32,
  writeFrameHead,
  writeUint32,
} from "./frames.js";
export { createHpackDecoder, type HpackDecoder, type OnField } from "./hpack/decoder.js";
export { BEGIN_BYTES_AT_MOST, createHpackEncoder, encodedBytesAtMost, type HpackEncoder } from "./hpack/encoder.js";
export { ErrorCode, Http2ConnectionError, http2ErrorName } from "./http2-error.js";
export type { Http2Reply, Http2Request, Http2Settle } from "./http2-reply.js";
export { DEFAULT_WINDOW_BYTES, encodeSettings, SettingId } from "./settings.js";
