import { EXTRAS_KEY } from "./extras.js";
import { formedAs } from "./given-as.js";
import { recordOf } from "./json.js";
import { contentText, text } from "./message-text.js";

/**
 * Keys that `data` may not have, since they would not arrive at a device as they were given. FCM refuses `from`, `gcm*`
 * and `google*`; its Android library hands `message_type` and `collapse_key` to no app; `aps` and `fcm_options` are Apple's and
 * Google's own part of what an Apple device gets.
 */
const RESERVED_KEY = new RegExp(`^(gcm|google|(from|message_type|collapse_key|aps|fcm_options|${EXTRAS_KEY})$)`);

const RULE = `is a reserved key: from, message_type, collapse_key, aps, fcm_options, ${EXTRAS_KEY}, gcm* and google* may not be used`;

const key = text(256)
  .min(1)
  .refine((name) => !RESERVED_KEY.test(name), RULE);

/** What an app gets beside what is shown. */
export const dataSchema = recordOf(key, contentText)
  .refine((data) => Object.keys(data).length > 0, "must have at least one key")
  .meta({
    description: `What the app gets beside what is shown, a text under each key. FCM: \`data\`; APNs: beside \`aps\`. It has at least one key. Reserved keys: \`from\`, \`message_type\`, \`collapse_key\`, \`aps\`, \`fcm_options\`, \`${EXTRAS_KEY}\`, \`gcm*\` and \`google*\`.`,
    ...formedAs({ minProperties: 1 }, { flight: "FF 123", gate: "A1" }),
  });

/** The data of an override, of which null takes a key away, or all of it. */
export const dataPatchSchema = recordOf(key, contentText.nullable()).nullable();
