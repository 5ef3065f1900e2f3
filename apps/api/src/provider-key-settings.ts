import {
  AppError,
  apnContentSchema,
  type CredentialContent,
  canonicalKey,
  describeIssue,
  type FcmContent,
  type FieldProblem,
} from "@fanfare/domain";
import { readTextOrFile, SIGNING_KEY_PAIR, unquoted, wholePairs } from "@fanfare/runtime";
import { z } from "zod";
import { parseCredentialContent } from "./credential-content.js";

/** The longest text that is told that it is no path either, in characters. */
const PATH_LIKELY_MAX = 255;

/** Without the line end and the quotation marks that tools leave around a value. */
const plainSetting = z.string().transform(unquoted);

type Read<Value> = { value: Value } | { problems: string[] };

/** The settings that hold provider keys: as text in any form that deployment tools make of one, or as the path of a file of it. */
export const providerKeySettings = {
  /** FCM service account for the default app, as JSON, as base64 of it, or as the path of a file. */
  FCM_SERVICE_ACCOUNT: keySetting(readServiceAccount).optional(),
  /** APNs signing key (.p8) for the default app, as PEM, as base64 of it, or as the path of a file. */
  APNS_KEY: keySetting(readSigningKey).optional(),
  /** Id of the key: 10 characters. */
  APNS_KEY_ID: plainSetting.optional(),
  /** Apple developer team: 10 characters. */
  APNS_TEAM_ID: plainSetting.optional(),
  /** The app's bundle id. */
  APNS_TOPIC: plainSetting.optional(),
  /** `sandbox` for development builds of the app. */
  APNS_ENVIRONMENT: z.enum(["production", "sandbox"]).default("production"),
};

/** What the settings of provider keys are read as. */
export type ProviderKeySettings = z.infer<z.ZodObject<typeof providerKeySettings>>;

/** What goes with a signing key of Apple: settings, and the fields of a credential. */
const WITH_SIGNING_KEY = { APNS_KEY_ID: "keyId", APNS_TEAM_ID: "teamId", APNS_TOPIC: "bundleId" } as const;

/** A schema that has {@link providerKeySettings}, and wants a signing key and what goes with it, or nothing of it. */
export function wholeSigningKey<Schema extends z.ZodType<ProviderKeySettings>>(settings: Schema): Schema {
  return wholePairs(settings, SIGNING_KEY_PAIR).superRefine((config, ctx) => {
    if (config.APNS_KEY === undefined) return;
    for (const [name, field] of Object.entries(WITH_SIGNING_KEY)) {
      const value = config[name as keyof typeof WITH_SIGNING_KEY];
      const { error } = apnContentSchema.shape[field].safeParse(value, { error: describeIssue });
      const message = value === undefined ? "is required when APNS_KEY is set" : error?.issues[0]?.message;
      if (error) ctx.addIssue({ code: "custom", path: [name], message });
    }
  });
}

/** The credentials that the settings hold. */
export function environmentCredentials(settings: ProviderKeySettings): CredentialContent[] {
  const { FCM_SERVICE_ACCOUNT: account, APNS_KEY: key, APNS_ENVIRONMENT: environment } = settings;
  const credentials: CredentialContent[] = [];
  if (account !== undefined) credentials.push({ type: "FCM", content: account });
  if (key !== undefined) {
    const { APNS_KEY_ID: keyId, APNS_TEAM_ID: teamId, APNS_TOPIC: bundleId } = settings;
    const content = apnContentSchema.parse({ key, keyId, teamId, bundleId });
    credentials.push({ type: environment === "sandbox" ? "APN_SANDBOX" : "APN", content });
  }
  return credentials;
}

function keySetting<Value>(read: (content: string | Buffer) => Read<Value>) {
  return z.string().transform((setting, ctx): Value => {
    const given = readTextOrFile(setting);
    const result = given.ok ? read("bytes" in given ? given.bytes : given.text) : { problems: [given.problem] };
    if ("value" in result) return result.value;
    const mayBePath = given.ok && setting.length <= PATH_LIKELY_MAX && !/[\r\n{]|-----/.test(setting);
    for (const problem of result.problems) {
      // What is wrong with a field of it says that it is none.
      const isNoPath = mayBePath && problem.startsWith("must be") ? ", nor the path of a file" : "";
      const where = given.ok && "file" in given ? ` (read from ${given.file})` : isNoPath;
      ctx.addIssue({ code: "custom", message: `${problem}${where}` });
    }
    return z.NEVER;
  });
}

function readSigningKey(content: string | Buffer): Read<string> {
  const read = canonicalKey("p256", content);
  return "pem" in read ? { value: read.pem } : { problems: [read.problem] };
}

function readServiceAccount(content: string | Buffer): Read<FcmContent> {
  try {
    return { value: parseCredentialContent("FCM", content).content as FcmContent };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { problems: error.errors.map(toSentence) };
  }
}

/** `/content/private_key` names a field of the account, `/content` all of it. */
function toSentence({ pointer, detail }: FieldProblem): string {
  const field = pointer.replace(/^\/content\/?/, "");
  return field === "" ? detail : `${field} ${detail}`;
}
