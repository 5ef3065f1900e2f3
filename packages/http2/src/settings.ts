import { DEFAULT_FRAME_BYTES, MAX_31_BIT, readUint32, writeUint32 } from "./frames.js";
import { DEFAULT_TABLE_BYTES } from "./hpack/dynamic-table.js";
import { ErrorCode, Http2ConnectionError } from "./http2-error.js";

/** Identifiers of settings (RFC 9113, section 6.5.2). */
export const SettingId = {
  HEADER_TABLE_SIZE: 1,
  ENABLE_PUSH: 2,
  MAX_CONCURRENT_STREAMS: 3,
  INITIAL_WINDOW_SIZE: 4,
  MAX_FRAME_SIZE: 5,
  MAX_HEADER_LIST_SIZE: 6,
} as const;

/** Bytes of one setting. */
const SETTING_BYTES = 6;

/** The window of a stream and of the connection until something else is said (RFC 9113, section 6.9.2). */
export const DEFAULT_WINDOW_BYTES = 65_535;

/** What a server may tell its client and this client heeds; it begins with what the RFC says. */
export interface PeerSettings {
  headerTableBytes: number;
  maxConcurrentStreams: number;
  initialWindowBytes: number;
  maxFrameBytes: number;
}

/** A server's settings as long as it has said nothing. */
export function defaultSettings(): PeerSettings {
  return {
    headerTableBytes: DEFAULT_TABLE_BYTES,
    maxConcurrentStreams: Number.POSITIVE_INFINITY,
    initialWindowBytes: DEFAULT_WINDOW_BYTES,
    maxFrameBytes: DEFAULT_FRAME_BYTES,
  };
}

/** Settings as the payload of a SETTINGS frame. */
export function encodeSettings(values: readonly (readonly [id: number, value: number])[]): Buffer {
  const payload = Buffer.alloc(values.length * SETTING_BYTES);
  for (const [index, [id, value]] of values.entries()) {
    payload[index * SETTING_BYTES + 1] = id;
    writeUint32(payload, index * SETTING_BYTES + 2, value);
  }
  return payload;
}

/**
 * Takes over what the payload `bytes[start..end)` of a server's SETTINGS frame says, in its order; unknown settings mean nothing
 * (RFC 9113, section 6.5).
 *
 * @throws Http2ConnectionError for a value that is not allowed.
 */
export function applySettings(settings: PeerSettings, bytes: Uint8Array, start: number, end: number): void {
  if ((end - start) % SETTING_BYTES !== 0) {
    throw new Http2ConnectionError(ErrorCode.FRAME_SIZE_ERROR, "SETTINGS are cut off.");
  }
  for (let at = start; at < end; at += SETTING_BYTES) {
    applySetting(settings, ((bytes[at] as number) << 8) | (bytes[at + 1] as number), readUint32(bytes, at + 2));
  }
}

function applySetting(settings: PeerSettings, id: number, value: number): void {
  switch (id) {
    case SettingId.HEADER_TABLE_SIZE:
      settings.headerTableBytes = value;
      return;
    case SettingId.ENABLE_PUSH:
      // A server may only say that it will get none itself.
      if (value !== 0) throw new Http2ConnectionError(ErrorCode.PROTOCOL_ERROR, "Only a client takes pushes.");
      return;
    case SettingId.MAX_CONCURRENT_STREAMS:
      settings.maxConcurrentStreams = value;
      return;
    case SettingId.INITIAL_WINDOW_SIZE:
      if (value > MAX_31_BIT) throw new Http2ConnectionError(ErrorCode.FLOW_CONTROL_ERROR, "A window is too large.");
      settings.initialWindowBytes = value;
      return;
    case SettingId.MAX_FRAME_SIZE:
      if (value < DEFAULT_FRAME_BYTES || value > 2 ** 24 - 1) {
        throw new Http2ConnectionError(ErrorCode.PROTOCOL_ERROR, `Frames can not be ${value} bytes large.`);
      }
      settings.maxFrameBytes = value;
      return;
    default:
  }
}
