import { z } from "zod";
import { type PushMessage, pushMessageSchema } from "./push-message.js";

/**
 * The newest forms that this release reads: of an operation's message, of the recipients of a recipient batch, of the lines of
 * a delivery batch. A field that older releases may ignore is no new form; one without which they would do something else is,
 * and its writer says so beside it.
 */
export const STORED_FORMS = { message: 1, recipients: 1, lines: 1 } as const;

// A message without anything but content: what fields are by default that had none when it was stored.
const { content: _content, ...defaults } = pushMessageSchema.parse({ content: { title: "-" } });

const storedMessageSchema = z.looseObject({ content: z.looseObject({}) });

/**
 * Reads a message as it is stored. It was checked when it was accepted, perhaps by another release, whose rules are not this
 * one's: what this one does not know is left alone.
 *
 * @throws ZodError when it is no message at all.
 */
export function readStoredMessage(stored: unknown): PushMessage {
  return { ...defaults, ...storedMessageSchema.parse(stored) } as PushMessage;
}
