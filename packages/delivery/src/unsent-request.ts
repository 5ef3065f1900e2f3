import { PROVIDER_TRAITS, type Provider } from "@fanfare/domain";
import type { SendResult } from "./ports.js";
import { NOT_WANTED, type ProviderReply, type PushReply } from "./push-session.js";

/** What passes by itself, within the worker or between it and a provider that it reaches: no sender has use of it. */
const PASSING = new Set([NOT_WANTED, "CLOSED", "NO_FREE_STREAM", "DRAINING", "GOAWAY", "REFUSED_STREAM"]);

/** A reply after which no provider has the request. */
type UnsentReply = Exclude<PushReply, ProviderReply>;

/** Whether it is certain that no provider processed a request. */
export const isUnsent = (reply: PushReply): reply is UnsentReply =>
  reply.kind === "not-processed" || reply.kind === "illegal";

/** What is told of a line whose request no provider processed: it is tried again, unless it can never be sent as it is. */
export function unsentRequest(reply: UnsentReply, provider: Provider): Exclude<SendResult, { kind: "attempted" }> {
  if (reply.kind === "illegal") {
    const detail = `Its ${reply.field} can not be sent: it has characters that HTTP does not allow there.`;
    return { kind: "unsendable", code: "ILLEGAL_FIELD", detail };
  }
  const { code } = reply;
  if (PASSING.has(code)) return { kind: "not-sent", code };
  const detail = `${PROVIDER_TRAITS[provider].name} could not be called (${code}).`;
  const advice = "It goes on by itself once that works.";
  const forOperator = { detail, advice: `${advice} Look at the worker's way to the provider.` };
  return { kind: "not-sent", code, detail, advice, forOperator };
}
