import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import { z } from "zod";

/** The master keys of an installation. */
export interface Keyring {
  /** 32 bytes: what is sealed now is sealed under it. */
  current: Buffer;
  /** Keys that were current before: what they sealed can still be opened. */
  previous: readonly Buffer[];
}

const ALGORITHM = "aes-256-gcm";
const KEY_BYTES = 32;
/** NIST SP 800-38D, section 8.2: 96 bits. */
const IV_BYTES = 12;

const boxSchema = z.object({ iv: z.string(), data: z.string(), tag: z.string() });
const envelopeSchema = z.object({
  v: z.literal(1),
  /** Which master key. */
  keyId: z.string(),
  /** The envelope's own key, under the master key. */
  key: boxSchema,
  /** The secret, under the envelope's own key. */
  secret: boxSchema,
});
/** A secret as it is stored: under a key of its own, which is under the master key. All of it is base64. */
export type SealedSecret = z.infer<typeof envelopeSchema>;

/** None of the master keys at hand opens an envelope. */
export class UnknownMasterKeyError extends Error {
  override readonly name = "UnknownMasterKeyError";
  readonly retryable = false;
  /** Its message is a sentence for whoever set things up. */
  readonly forOperator = true;
  /** EX_CONFIG of sysexits.h. */
  readonly exitCode = 78;
}

/** The id of a master key: the beginning of its SHA-256, which says nothing about the key. */
export function masterKeyId(key: Buffer): string {
  return createHash("sha256").update("fanfare master key").update(key).digest("hex").slice(0, 16);
}

/** Seals a secret for `owner`: an envelope that is put in another row's place does not open. */
export function sealSecret({ current }: Keyring, owner: string, secret: string): SealedSecret {
  const key = randomBytes(KEY_BYTES);
  return {
    v: 1,
    keyId: masterKeyId(current),
    key: encrypt(current, key, owner),
    secret: encrypt(key, Buffer.from(secret), owner),
  };
}

/**
 * Opens what {@link sealSecret} sealed.
 *
 * @throws UnknownMasterKeyError when its master key is not at hand; Error when it was changed, or is another owner's.
 */
export function openSecret(keyring: Keyring, owner: string, sealed: unknown): string {
  const envelope = envelopeSchema.parse(sealed);
  return decrypt(openKey(keyring, owner, envelope), envelope.secret, owner).toString();
}

/** The same secret with its key under the current master key; `undefined` when it is already. */
export function resealSecret(keyring: Keyring, owner: string, sealed: unknown): SealedSecret | undefined {
  const envelope = envelopeSchema.parse(sealed);
  const keyId = masterKeyId(keyring.current);
  if (envelope.keyId === keyId) return undefined;
  return { ...envelope, keyId, key: encrypt(keyring.current, openKey(keyring, owner, envelope), owner) };
}

function openKey({ current, previous }: Keyring, owner: string, { keyId, key }: SealedSecret): Buffer {
  const master = [current, ...previous].find((candidate) => masterKeyId(candidate) === keyId);
  if (!master)
    throw new UnknownMasterKeyError(
      `Provider keys are encrypted under the master key with the id ${keyId}, which is not at hand: set FANFARE_MASTER_KEY to that one, or FANFARE_MASTER_KEY_PREVIOUS beside the new one.`,
    );
  return decrypt(master, key, owner);
}

type Box = z.infer<typeof boxSchema>;

function encrypt(key: Buffer, plain: Buffer, owner: string): Box {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, iv).setAAD(Buffer.from(owner));
  const data = Buffer.concat([cipher.update(plain), cipher.final()]);
  return { iv: iv.toString("base64"), data: data.toString("base64"), tag: cipher.getAuthTag().toString("base64") };
}

function decrypt(key: Buffer, { iv, data, tag }: Box, owner: string): Buffer {
  const decipher = createDecipheriv(ALGORITHM, key, Buffer.from(iv, "base64"), { authTagLength: 16 });
  decipher.setAAD(Buffer.from(owner)).setAuthTag(Buffer.from(tag, "base64"));
  return Buffer.concat([decipher.update(Buffer.from(data, "base64")), decipher.final()]);
}
