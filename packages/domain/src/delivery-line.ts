import { z } from "zod";
import type { Content } from "./content.js";
import { providerSchema } from "./provider.js";
import type { PushMessage } from "./push-message.js";
import type { Address, Recipient } from "./recipient.js";

/** What personalization made of the fields of a message for one recipient; only of operations that have any. */
export interface Rendered {
  content: Content;
  sound?: string;
  collapseKey?: string;
  tags?: Record<string, string>;
}

/** One device token of a delivery batch: which recipient of its operation it belongs to, and where it goes. */
export interface DeliveryLine {
  ordinal: number;
  token: string;
  rendered?: Rendered | undefined;
  /** Which of its recipient's addresses it is, from 0; absent: the recipient has this one only. */
  position?: number | undefined;
}

/** What tells a line from the others of its operation and provider. */
export function lineKey({ ordinal, position }: Pick<DeliveryLine, "ordinal" | "position">): string {
  return position === undefined ? String(ordinal) : `${ordinal}.${position}`;
}

// Arrays, not objects: a batch's lines are written and read once per recipient, and names would be half of the bytes. What stands
// behind the known fields is a newer release's.
const storedLinesSchema = z.array(z.tuple([z.int(), z.string()], z.unknown()));

/** The lines of a delivery batch as they are stored: JSON `[[ordinal, token, rendered?, position?], …]`. */
export function encodeLines(lines: readonly DeliveryLine[]): string {
  return JSON.stringify(
    lines.map(({ ordinal, token, rendered, position }) => {
      if (position !== undefined) return [ordinal, token, rendered ?? null, position];
      return rendered === undefined ? [ordinal, token] : [ordinal, token, rendered];
    }),
  );
}

/** Reads what {@link encodeLines} wrote, from UTF-8. @throws ZodError when the bytes are not of that form. */
export function decodeLines(bytes: Uint8Array): DeliveryLine[] {
  return storedLinesSchema.parse(parseJson(bytes)).map(([ordinal, token, rendered, position]) => {
    if (rendered === undefined) return { ordinal, token };
    const line: DeliveryLine = { ordinal, token };
    if (rendered !== null) line.rendered = rendered as Rendered;
    if (position !== undefined) line.position = z.int().parse(position);
    return line;
  });
}

const addresses = z.array(z.tuple([providerSchema, z.string()], z.unknown()));
const personal = [z.record(z.string(), z.unknown()).nullish(), z.string().nullish()] as const;
const storedRecipientsSchema = z.array(
  z.union([
    // What nearly all are: the next one takes half as long again.
    z.tuple([providerSchema, z.string()]),
    z.tuple([providerSchema, z.string(), ...personal], z.unknown()),
    z.tuple([z.literal("USER"), z.string(), ...personal], z.unknown()),
    z.tuple([z.enum(["FIRST", "ALL"]), addresses, ...personal], z.unknown()),
  ]),
);

/**
 * The recipients of a recipient batch as they are stored: JSON of `[provider, token]`, `["USER", userId]` or
 * `["FIRST" or "ALL", addresses]` each, with variables and locale behind where there are any.
 */
export function encodeRecipients(recipients: readonly Recipient[]): string {
  return JSON.stringify(recipients.map(toStoredRecipient));
}

/** A list of what {@link encodeRecipients} makes of several batches, as JSON: made at once, no part of it is copied. */
export function encodeRecipientBatches(batches: readonly (readonly Recipient[])[]): string {
  return JSON.stringify(batches.map((recipients) => recipients.map(toStoredRecipient)));
}

function toStoredRecipient(recipient: Recipient): unknown[] {
  const { variables, locale } = recipient;
  const personal = [variables ?? null, locale ?? null];
  if ("userId" in recipient) return ["USER", recipient.userId, ...personal];
  if ("addresses" in recipient) {
    const pairs = recipient.addresses.map(({ provider, token }) => [provider, token]);
    return [recipient.policy === "first" ? "FIRST" : "ALL", pairs, ...personal];
  }
  const { provider, token } = recipient;
  return variables === undefined && locale === undefined ? [provider, token] : [provider, token, ...personal];
}

/** Reads what {@link encodeRecipients} wrote, from UTF-8. @throws ZodError when the bytes are not of that form. */
export function decodeRecipients(bytes: Uint8Array): Recipient[] {
  return storedRecipientsSchema.parse(parseJson(bytes)).map(([kind, target, variables, locale]) => {
    const personal = { ...(variables && { variables }), ...(locale && { locale }) } as Pick<Recipient, "variables">;
    if (kind === "USER") return { userId: target as string, ...personal };
    if (kind === "FIRST" || kind === "ALL") {
      const list = (target as [Address["provider"], string][]).map(([provider, token]) => ({ provider, token }));
      return { addresses: list, policy: kind === "FIRST" ? "first" : "all", ...personal };
    }
    return { provider: kind, token: target as string, ...personal };
  });
}

/** A message as one recipient gets it. */
export function personalMessage(message: PushMessage, rendered: Rendered | undefined): PushMessage {
  if (!rendered) return message;
  const { content, sound, collapseKey } = rendered;
  return {
    ...message,
    content,
    ...(sound !== undefined && { sound }),
    ...(collapseKey !== undefined && { collapseKey }),
  };
}

function parseJson(bytes: Uint8Array): unknown {
  return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString());
}
