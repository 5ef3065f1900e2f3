import {
  AppError,
  apnContentSchema,
  CREDENTIAL_MAX_BYTES,
  CREDENTIAL_PROVIDERS,
  type CredentialContent,
  type CredentialType,
  contentSchemaOf,
  type FcmContent,
  type FieldProblem,
  fcmContentSchema,
  type PerProvider,
  readSecretJson,
  refusal,
} from "@fanfare/domain";
import { cert } from "firebase-admin/app";
import { z } from "zod";
import { invalidRequest, parseRequest } from "./parse-request.js";

/** Characters of a content that is text: base64 of base64, and line ends. */
const CONTENT_MAX = CREDENTIAL_MAX_BYTES * 2;

/** A content as the document shows it. */
function formOf(content: z.ZodObject, title: string) {
  const { $schema, ...form } = z.toJSONSchema(content, {
    io: "input",
    // By itself zod shows none of a key, which is taken in another form than it is given in.
    override: ({ zodSchema, jsonSchema }) => {
      const examples = z.globalRegistry.get(zodSchema)?.examples;
      if (Array.isArray(examples)) jsonSchema.examples = examples;
    },
  });
  return { title, ...form };
}

/** A content made of the first example of each field. */
const exampleOf = ({ properties = {} }: ReturnType<typeof formOf>) =>
  Object.fromEntries(
    Object.entries(properties).flatMap(([name, field]) =>
      typeof field === "object" ? [[name, field.const ?? field.examples?.[0]]] : [],
    ),
  );

const FCM = formOf(fcmContentSchema, "Service account");
const APN = formOf(apnContentSchema, "APNs key");
const TEXT = {
  ...{ type: "string", title: "Text", maxLength: CONTENT_MAX },
  description: "A service account as JSON, or as base64 of it.",
  examples: ["eyJ0eXBlIjogInNlcnZpY2VfYWNjb3VudCIsIC4uLn0="],
};

/** The content of a credential as a request gives it; which form it must have depends on the type. */
export const credentialBodySchemas = z
  .union([z.record(z.string(), z.unknown()), z.string().min(1).max(CONTENT_MAX)])
  .meta({
    description:
      "The provider's keys. `FCM`: the service account, as an object, as its JSON or as base64 of that. `APN` and `APN_SANDBOX`: `key`, `keyId`, `teamId` and `bundleId`. " +
      "Keys are taken as PEM, with line ends real, escaped or lost, or as base64 of it.",
    override: ({ jsonSchema }: { jsonSchema: { anyOf?: unknown } }) => {
      delete jsonSchema.anyOf;
      Object.assign(jsonSchema, { oneOf: [TEXT, FCM, APN], examples: [exampleOf(FCM), exampleOf(APN)] });
    },
  });

/**
 * Checks the content of a credential: its fields, its key's type and curve, its size. Keys come out in their canonical form. What is
 * text is never taken for the path of a file: a tenant would read this machine's.
 *
 * @throws AppError 400 that names each bad field, and never carries any of their values.
 */
export function parseCredentialContent(type: CredentialType, content: unknown): CredentialContent {
  const object = isText(content) ? readText(type, content) : content;
  const json = JSON.stringify(object);
  const { wanted, faultOf } = KINDS[CREDENTIAL_PROVIDERS[type]];
  const fault = faultOf(object);
  if (fault) throw wrong(refusal(wanted, isText(content) ? content.length : json.length, fault));
  if (Buffer.byteLength(json) > CREDENTIAL_MAX_BYTES) throw wrong(`must be at most ${CREDENTIAL_MAX_BYTES} bytes`);
  let parsed: CredentialContent;
  try {
    parsed = { type, content: parseRequest(contentSchemaOf(type), object, "nothing was stored") } as CredentialContent;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw new AppError(error.code, error.detail, { errors: error.errors.map(belowContent) });
  }
  if (parsed.type === "FCM") readAsGoogleDoes(parsed.content);
  return parsed;
}

/** Longest name of an unknown field that an answer repeats, in characters: a longer one may be a key at the wrong place. */
const NAME_MAX = 40;

function belowContent(problem: FieldProblem): FieldProblem {
  const pointer = `/content${problem.pointer}`;
  const isWhole = problem.pointer.length <= NAME_MAX && !problem.pointer.endsWith("…");
  if (isWhole || problem.code !== "unknown-field") return { ...problem, pointer };
  return {
    ...problem,
    pointer: "/content",
    detail: "has a field that is not one here, with a name too long to repeat.",
  };
}

/** What is wanted of each provider's content, and what is often given instead. */
const KINDS: PerProvider<{ wanted: string; faultOf(object: unknown): string | undefined }> = {
  FCM: { wanted: "a Google service account, as its JSON or base64 of it", faultOf: otherFile },
  APN: { wanted: "an object with key, keyId, teamId and bundleId", faultOf: () => undefined },
};

const isText = (content: unknown): content is string | Buffer =>
  typeof content === "string" || Buffer.isBuffer(content);

function readText(type: CredentialType, content: string | Buffer): object {
  const { wanted } = KINDS[CREDENTIAL_PROVIDERS[type]];
  if (content.length > CONTENT_MAX) throw wrong(refusal(wanted, content.length, "are too many"));
  const read = readSecretJson(content);
  if ("fault" in read) throw wrong(refusal(wanted, content.length, read.fault));
  return read.object;
}

/** Other files of Google that are taken for a service account. */
function otherFile(object: unknown): string | undefined {
  if (typeof object !== "object" || object === null) return undefined;
  if ("project_info" in object || "client" in object) return "are google-services.json, which an app is built with";
  if ("installed" in object || "web" in object) return "are an OAuth client";
  return undefined;
}

// What Google's own library would not take as a service account is not stored.
function readAsGoogleDoes({ project_id, client_email, private_key }: FcmContent): void {
  try {
    cert({ projectId: project_id, clientEmail: client_email, privateKey: private_key });
  } catch {
    // Its message may quote the key.
    throw wrong("is not a service account that Google's library can read");
  }
}

const wrong = (detail: string) =>
  invalidRequest([{ pointer: "/content", code: "invalid-content", detail }], "nothing was stored");
