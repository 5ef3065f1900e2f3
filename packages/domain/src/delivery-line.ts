import { z } from "zod";
import type { Recipient } from "./send-request.js";

/** One recipient of a delivery batch: which one it is of its operation, and where it goes. */
export interface DeliveryLine {
  ordinal: number;
  token: string;
}

// Arrays, not objects: a batch's lines are written and read once per recipient, and names would be half of the bytes.
const storedLinesSchema = z.array(z.tuple([z.int(), z.string()]));
const storedRecipientsSchema = z.array(z.tuple([z.enum(["FCM", "APN"]), z.string()]));

/** The lines of a delivery batch as they are stored: JSON `[[ordinal, token], …]`. */
export function encodeLines(lines: readonly DeliveryLine[]): string {
  return JSON.stringify(lines.map(({ ordinal, token }) => [ordinal, token]));
}

/** Reads what {@link encodeLines} wrote, from UTF-8. @throws ZodError when the bytes are not of that form. */
export function decodeLines(bytes: Uint8Array): DeliveryLine[] {
  return storedLinesSchema.parse(parseJson(bytes)).map(([ordinal, token]) => ({ ordinal, token }));
}

/** The recipients of a recipient batch as they are stored: JSON `[[provider, token], …]`. */
export function encodeRecipients(recipients: readonly Recipient[]): string {
  return JSON.stringify(recipients.map(({ provider, token }) => [provider, token]));
}

/** Reads what {@link encodeRecipients} wrote, from UTF-8. @throws ZodError when the bytes are not of that form. */
export function decodeRecipients(bytes: Uint8Array): Recipient[] {
  return storedRecipientsSchema.parse(parseJson(bytes)).map(([provider, token]) => ({ provider, token }));
}

function parseJson(bytes: Uint8Array): unknown {
  return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString());
}
