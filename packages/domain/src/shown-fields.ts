import { z } from "zod";
import { EXAMPLE } from "./example-story.js";

/** What an id is the id of. */
type ShownId = keyof (typeof EXAMPLE)["ids"];

const WORDS: Readonly<Record<ShownId, string>> = {
  account: "the account: `AC` and 32 hexadecimal digits",
  apiKey: "the API key: `SK` and 32 hexadecimal digits. It is the user of HTTP Basic",
  operation: "the operation",
  notification: "the notification",
  attempt: "the attempt: `comms_attempt_`, the ULID of its notification, and its number",
  credential: "the credential",
  device_registration: "the device registration",
  pushnotificationuser: "the user",
  event: "the entry",
};

/** An id in an answer. */
export const shownId = (kind: ShownId, description = `Id of ${WORDS[kind]}.`) =>
  z.string().meta({ description, examples: [EXAMPLE.ids[kind]] });

/** An id in an answer, or none. */
export const shownIdOrNull = (kind: ShownId, description: string) =>
  z
    .string()
    .nullable()
    .meta({ description, examples: [EXAMPLE.ids[kind]] });

/** A moment of {@link EXAMPLE}. */
type Moment = keyof (typeof EXAMPLE)["times"];

/** A time in an answer. */
export const shownTime = (description: string, moment: Moment) =>
  z.iso.datetime().meta({ description, examples: [EXAMPLE.times[moment]] });

/** A time in an answer, or none, as in the example when no moment is given. */
export const shownTimeOrNull = (description: string, moment?: Moment) =>
  z.iso
    .datetime()
    .nullable()
    .meta({ description, examples: [moment ? EXAMPLE.times[moment] : null] });

/** A device token in an answer. */
export const shownToken = (token: "fcmToken" | "goneToken" = "fcmToken") =>
  z.string().meta({ description: "Device token, as it was given.", examples: [EXAMPLE[token]] });

/** The name of an app in an answer. */
export const shownAppName = (description = "Name of its app.") =>
  z.string().meta({ description, examples: [EXAMPLE.appName] });

/** The tags of an operation in an answer. */
export const shownTags = (description: string) =>
  z.record(z.string(), z.string()).meta({ description, examples: [EXAMPLE.tags] });
