import { MAX_31_BIT } from "./frames.js";
import { ErrorCode, Http2ConnectionError } from "./http2-error.js";

/**
 * A window after the peer has let it grow, which a changed SETTINGS_INITIAL_WINDOW_SIZE can also make smaller and even negative
 * (RFC 9113, sections 6.9.1 and 6.9.2).
 *
 * @throws Http2ConnectionError when it is larger than any window may be.
 */
export function grownWindow(bytes: number, by: number): number {
  if (bytes + by > MAX_31_BIT) throw new Http2ConnectionError(ErrorCode.FLOW_CONTROL_ERROR, "A window is too large.");
  return bytes + by;
}

/**
 * What the peer may send, on a stream or on the connection (RFC 9113, section 5.2). What comes is used or dropped at once, so that a
 * peer which sends more than it may does no harm: nothing waits for room here (section 6.9.1 lets it be).
 */
export class ReceiveWindow {
  private readonly fullBytes: number;
  private takenBytes = 0;

  constructor(fullBytes: number) {
    this.fullBytes = fullBytes;
  }

  /**
   * Takes what came. Returns by how much to let the window grow again: by nothing while half of it is left, so that the peer is
   * told seldom and never waits.
   */
  take(bytes: number): number {
    this.takenBytes += bytes;
    if (this.takenBytes < this.fullBytes / 2) return 0;
    const taken = this.takenBytes;
    this.takenBytes = 0;
    return taken;
  }
}
