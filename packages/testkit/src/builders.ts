import { type Address, type PushMessage, pushMessageSchema } from "@fanfare/domain";

/** A message with a title, or what is given instead. */
export function aMessage(fields: Partial<PushMessage> = {}): PushMessage {
  return pushMessageSchema.parse({ content: { title: "Boarding" }, ...fields });
}

/** Recipients of both providers in turn, each with a token of its own. */
export function someRecipients(count: number): Address[] {
  return Array.from({ length: count }, (_, index) => ({
    provider: index % 2 === 0 ? "FCM" : "APN",
    token: `device-${index + 1}`,
  }));
}
