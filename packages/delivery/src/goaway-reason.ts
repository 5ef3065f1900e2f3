/**
 * The reason in a GOAWAY's debug data (RFC 9113, section 6.8), which APNs gives as JSON: `{"reason":"…"}` (Apple,
 * "Handling notification responses from APNs"). `undefined` for none, or for data of another form.
 */
export function readGoawayReason(debugData: Uint8Array | undefined): string | undefined {
  try {
    const { reason } = JSON.parse(Buffer.from(debugData ?? []).toString()) as { reason?: unknown };
    return typeof reason === "string" ? reason : undefined;
  } catch {
    // None, or not JSON: only APNs is known to give one.
    return undefined;
  }
}
