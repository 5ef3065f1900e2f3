import { z } from "zod";
import { localeSchema } from "./content.js";
import { EXAMPLE } from "./example-story.js";
import { givenAs } from "./given-as.js";
import { parseId } from "./ids.js";
import { jsonObjectSchema } from "./json.js";
import { listOf } from "./list-of.js";
import { perProvider, providerSchema } from "./provider.js";

/** Characters of a device token. Nothing else is assumed: both providers say that its form may change. */
export const TOKEN_MAX_LENGTH = 4_096;

/** Addresses of one recipient. */
export const ADDRESSES_MAX = 10;

/** Bytes of a recipient's variables, as JSON. */
export const VARIABLES_MAX_BYTES = 4_096;

/** Visible characters: no white space, no control character, no lone surrogate. */
const VISIBLE = /^[^\s\p{C}]+$/u;

/** As a segment of a path they name another one (RFC 3986, section 5.2.4), however they are encoded. */
const DOT_SEGMENT = /^\.{1,2}$/;

/** Whether a text would be another path where it stands as a segment. */
export const isDotSegment = (text: string): boolean => DOT_SEGMENT.test(text);

/** A device token. */
export const tokenSchema = z
  .string()
  .min(1)
  .max(TOKEN_MAX_LENGTH)
  .regex(VISIBLE, "may contain only visible characters")
  .refine((token) => !isDotSegment(token), "is no device token")
  .meta({
    description: "Device token, as the provider's library gives it to the app: visible characters of any kind.",
    examples: [EXAMPLE.fcmToken],
  });

/** A device token and the provider that knows it. */
export const recipientAddressSchema = z.strictObject({ provider: providerSchema, token: tokenSchema });
/** See {@link recipientAddressSchema}. */
export type Address = z.infer<typeof recipientAddressSchema>;

const personal = {
  variables: jsonObjectSchema(VARIABLES_MAX_BYTES)
    .meta({
      description: `What Liquid in the content, tags, sound and collapse key can name, for this recipient: at most ${VARIABLES_MAX_BYTES} bytes of JSON. A variable that is missing renders as nothing.`,
      ...givenAs({ name: "Ada" }),
    })
    .optional(),
  locale: localeSchema
    .meta({
      description:
        "The recipient's language (BCP 47): which of `content.localizations` it gets. `de-AT` gets `de` where there is no `de-AT`; without either, or absent, the content as it is.",
      examples: ["de-AT"],
    })
    .optional(),
};

/** The id of a user as callers spell it; its UUID inside. */
export const userIdSchema = z
  .string()
  .transform((id, context) => {
    const uuid = parseId("pushnotificationuser", id);
    if (!uuid) context.addIssue({ code: "custom", message: "is not the id of a user" });
    return uuid ?? z.NEVER;
  })
  .meta({ description: "Id of a user.", ...givenAs(EXAMPLE.ids.pushnotificationuser) });

/** One recipient: a device, a user and whatever devices are registered for them, or a list of devices. */
export const recipientSchema = z.union([
  z
    .strictObject({ provider: providerSchema, token: tokenSchema, ...personal })
    .meta({ title: "Device", description: "One device." }),
  z
    .strictObject({
      userId: userIdSchema.meta({
        description:
          "Id of a user: it is sent to every device that is registered for the user in the app by then, to the 100 newest at most.",
      }),
      ...personal,
    })
    .meta({ title: "User", description: "A user, with every device that they have then." }),
  z
    .strictObject({
      addresses: listOf(recipientAddressSchema, { min: 1, max: ADDRESSES_MAX }).meta({
        description: "The devices, in the order in which `first` tries them.",
        ...givenAs([
          { provider: "APN", token: EXAMPLE.apnToken },
          { provider: "FCM", token: EXAMPLE.fcmToken },
        ]),
      }),
      policy: z.enum(["first", "all"]).default("first").meta({
        description: "`first`: one device after the other until a provider accepts it. `all`: every one.",
      }),
      ...personal,
    })
    .meta({ title: "Addresses", description: "Several devices of one recipient." }),
]);
/** See {@link recipientSchema}. */
export type Recipient = z.infer<typeof recipientSchema>;

/** A recipient that is left out because an earlier one of the same request has its address. */
export interface Duplicate {
  /** JSON pointer into the request. */
  pointer: string;
  /** Ordinal of the recipient that stays. */
  keptOrdinal: number;
}

/** Recipients in their order, each address once: the first of several equal ones stays. */
export function withoutDuplicates(recipients: readonly Recipient[]): { kept: Recipient[]; duplicates: Duplicate[] } {
  // By token and by user's id as they are: a key made of provider and token took half of the time.
  const mapOf = () => new Map<string, number>();
  const ordinals = { ...perProvider(mapOf), user: mapOf() };
  const kept: Recipient[] = [];
  const duplicates: Duplicate[] = [];
  /** Whether the address is new; if it is not, it is reported. */
  const claim = (kind: keyof typeof ordinals, address: string, index: number, position?: number) => {
    const keptOrdinal = ordinals[kind].get(address);
    if (keptOrdinal === undefined) {
      ordinals[kind].set(address, kept.length + 1);
      return true;
    }
    const pointer = position === undefined ? `/to/${index}` : `/to/${index}/addresses/${position}`;
    duplicates.push({ pointer, keptOrdinal });
    return false;
  };
  for (const [index, recipient] of recipients.entries()) {
    if ("token" in recipient) {
      if (claim(recipient.provider, recipient.token, index)) kept.push(recipient);
    } else if ("userId" in recipient) {
      if (claim("user", recipient.userId, index)) kept.push(recipient);
    } else {
      const addresses = recipient.addresses.filter(({ provider, token }, position) =>
        claim(provider, token, index, position),
      );
      if (addresses.length === recipient.addresses.length) kept.push(recipient);
      else if (addresses.length > 0) kept.push({ ...recipient, addresses });
    }
  }
  return { kept, duplicates };
}
