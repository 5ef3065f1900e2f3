/** Error codes (RFC 9113, section 7). */
export const ErrorCode = {
  NO_ERROR: 0,
  PROTOCOL_ERROR: 1,
  INTERNAL_ERROR: 2,
  FLOW_CONTROL_ERROR: 3,
  SETTINGS_TIMEOUT: 4,
  STREAM_CLOSED: 5,
  FRAME_SIZE_ERROR: 6,
  REFUSED_STREAM: 7,
  CANCEL: 8,
  COMPRESSION_ERROR: 9,
  CONNECT_ERROR: 10,
  ENHANCE_YOUR_CALM: 11,
  INADEQUATE_SECURITY: 12,
  HTTP_1_1_REQUIRED: 13,
} as const;

/** The peer did what ends a connection (RFC 9113, section 5.4.1). */
export class Http2ConnectionError extends Error {
  override readonly name = "Http2ConnectionError";
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

const NAMES = Object.keys(ErrorCode);

/**
 * What the code that a stream ended with is called (RFC 9113, section 7). A stream that ended without an answer and without
 * an error was taken along by its connection, so 0 is `CONNECTION_LOST`.
 */
export function http2ErrorName(code = 0): string {
  return code === 0 ? "CONNECTION_LOST" : (NAMES[code] ?? `HTTP2_ERROR_${code}`);
}
