import { z } from "zod";
import { providerSchema } from "./provider.js";
import { pushMessageSchema, tagsSchema } from "./push-message.js";

/** Recipients of one request. */
export const RECIPIENTS_MAX = 10_000;

/** Characters of a device token. Nothing else is assumed: both providers say that its form may change. */
export const TOKEN_MAX_LENGTH = 4_096;

/** Visible characters: no white space, no control character, no lone surrogate. */
const VISIBLE = /^[^\s\p{C}]+$/u;

/** One recipient, by device token. */
export const recipientSchema = z.strictObject({
  provider: providerSchema,
  token: z.string().min(1).max(TOKEN_MAX_LENGTH).regex(VISIBLE, "may contain only visible characters"),
});
/** See {@link recipientSchema}. */
export type Recipient = z.infer<typeof recipientSchema>;

/** The body of `POST /v1/PushNotifications`. */
export const sendRequestSchema = z.strictObject({
  to: z.array(recipientSchema).min(1).max(RECIPIENTS_MAX),
  ...pushMessageSchema.shape,
  tags: tagsSchema.default({}),
});
/** See {@link sendRequestSchema}. */
export type SendRequest = z.infer<typeof sendRequestSchema>;

/** The recipients in their order, each address once: the first of several equal ones stays. */
export function withoutDuplicates(recipients: readonly Recipient[]): Recipient[] {
  const seen = new Set<string>();
  return recipients.filter(({ provider, token }) => {
    const address = `${provider} ${token}`;
    return !seen.has(address) && seen.add(address);
  });
}
