import { PROVIDER_TRAITS, type Provider, type Verification } from "@fanfare/domain";
import {
  NOT_WANTED,
  type ProviderReply,
  type PushReply,
  type PushRequest,
  type RequestSender,
} from "./push-session.js";
import { isUnsent, unsentRequest } from "./unsent-request.js";

/** What is known of a credential when its provider could not say. */
export function notVerified(providerCode: string, detail: string): Verification {
  return { status: "UNKNOWN", wrong: [], providerCode, detail };
}

/** What is known of one when the worker was stopped before it could ask. */
export const verificationStopped = () =>
  notVerified(NOT_WANTED, "The worker that was to ask was stopped before it could: verify again.");

/** Makes a push that no device can get, and has `judge` say what the provider's answer says of the credential. */
export async function verifyByPush(
  { provider, sender }: { provider: Provider; sender: RequestSender },
  request: PushRequest,
  judge: (reply: ProviderReply) => Verification,
): Promise<Verification> {
  const reply = await new Promise<PushReply>((resolve) => sender.send(request, resolve));
  if (!isUnsent(reply)) return judge(reply);
  const { code, detail = `${PROVIDER_TRAITS[provider].name} could not be reached.` } = unsentRequest(reply, provider);
  return code === NOT_WANTED ? verificationStopped() : notVerified(code, detail);
}
