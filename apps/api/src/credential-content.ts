import {
  AppError,
  apnContentSchema,
  CREDENTIAL_MAX_BYTES,
  type CredentialContent,
  type CredentialType,
  contentSchemaOf,
  type FcmContent,
  fcmContentSchema,
} from "@fanfare/domain";
import { cert } from "firebase-admin/app";
import { z } from "zod";
import { invalidRequest, parseRequest } from "./parse-request.js";

/** The content of a credential as a request gives it; which form it must have depends on the type. */
export const credentialBodySchemas = z
  .union([
    z
      .string()
      .min(1)
      .max(CREDENTIAL_MAX_BYTES * 2),
    z.record(z.string(), z.unknown()),
  ])
  .meta({
    description:
      "FCM: the service account, as an object or as base64 of its JSON. APN and APN_SANDBOX: key, keyId, teamId, bundleId.",
    override: {
      oneOf: [
        { type: "string", description: "base64 of a service account" },
        z.toJSONSchema(fcmContentSchema, { io: "input" }),
        z.toJSONSchema(apnContentSchema, { io: "input" }),
      ] as never,
    },
  });

/**
 * Checks the content of a credential: its fields, its key's type and curve, its size.
 *
 * @throws AppError 400 that names each bad field, and never carries any of their values.
 */
export function parseCredentialContent(type: CredentialType, content: unknown): CredentialContent {
  const object = typeof content === "string" ? fromBase64(content) : content;
  if (Buffer.byteLength(JSON.stringify(object)) > CREDENTIAL_MAX_BYTES) {
    throw wrong(`must be at most ${CREDENTIAL_MAX_BYTES} bytes`);
  }
  let parsed: CredentialContent;
  try {
    parsed = { type, content: parseRequest(contentSchemaOf(type), object, "nothing was stored") } as CredentialContent;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const errors = error.errors.map((problem) => ({ ...problem, pointer: `/content${problem.pointer}` }));
    throw new AppError(error.code, error.detail, { errors });
  }
  if (parsed.type === "FCM") readAsGoogleDoes(parsed.content);
  return parsed;
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

// The parser's message would quote the text, which holds the key.
function fromBase64(text: string): unknown {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, "base64").toString());
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  } catch {}
  throw wrong("is not base64 of a JSON object");
}

const wrong = (detail: string) =>
  invalidRequest([{ pointer: "/content", code: "invalid-content", detail }], "nothing was stored");
