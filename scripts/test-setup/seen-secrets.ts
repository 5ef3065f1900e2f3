// Every secret that a test file has seen, and every refusal: none of the ones may be in any of the others, in a log or in a database.
import type { Db } from "@fanfare/db";
import { findSecrets, SECRET_LENGTH } from "./find-secrets.js";

const secrets = new Set<string>();
const refusals: string[] = [];

/** Remembers secrets. Shorter texts are none, but tests' own wrong passwords, and stand in what has nothing to do with them. */
export function noteSecrets(...texts: (string | undefined)[]): void {
  for (const text of texts) if (text !== undefined && text.length >= SECRET_LENGTH) secrets.add(text);
}

/** What a request was made with, and what it was answered with. */
export interface SeenExchange {
  authorization: string | undefined;
  /** Of the request. */
  sent: string | undefined;
  status: number;
  /** Of the answer. */
  got: string;
}

const PEM = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]+?-----END/g;
const MADE = /"(?:authToken|secret)":"([^"]+)"/g;

/** Remembers what is secret of a request and its answer, and the answer if it is a refusal. */
export function noteExchange({ authorization, sent = "", status, got }: SeenExchange): void {
  const [, encoded = ""] = /^basic (\S+)$/i.exec(authorization ?? "") ?? [];
  const presented = Buffer.from(encoded, "base64").toString();
  noteSecrets(encoded, presented.slice(presented.indexOf(":") + 1));
  noteSecrets(...[...sent.matchAll(PEM)].map(([pem]) => pem));
  if (status >= 400) refusals.push(`${status} ${got}`);
  else noteSecrets(...[...got.matchAll(MADE)].map(([, made]) => made));
}

/** Where any of the secrets that were seen so far is and must not be: in a database, a log, or a refusal that was seen. */
export const findSeenSecrets = (db: Db, log: readonly string[]): Promise<string[]> =>
  findSecrets(db, [...log, ...refusals], [...secrets]);
