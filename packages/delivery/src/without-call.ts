import type { SendResult } from "./ports.js";
import type { ProviderReply, PushReply } from "./push-session.js";

/** What a reply means that came without any call of the provider. */
export function withoutCall(
  reply: Exclude<PushReply, ProviderReply>,
): Exclude<SendResult, { kind: "attempted" }> & { detail?: string } {
  if (reply.kind === "not-processed") return { kind: "not-sent", code: reply.code };
  const detail = `Its ${reply.field} can not be sent: it has characters that HTTP does not allow there.`;
  return { kind: "unsendable", code: "ILLEGAL_FIELD", detail };
}
