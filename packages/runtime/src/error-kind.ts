import { withoutSecrets } from "./without-secrets.js";

/** What libraries hang on an error beside its message, and where they put the error that was its reason. */
interface ErrorDetails {
  name?: unknown;
  message?: unknown;
  code?: unknown;
  originalCode?: unknown;
  kind?: unknown;
  cause?: unknown;
  errors?: unknown;
  meta?: { driverAdapterError?: unknown };
}

/** How deep a reason may lie in an error. */
const DEPTH = 6;

/** How much of a message tells one kind from another, in characters. */
const LENGTH = 120;

/** Of a system call, Node, Prisma or Postgres (SQLSTATE); our own codes, in small letters, say less than the reason below them. */
const CODE = /^[A-Z0-9_]{3,60}$/;

/** Prisma's for "a raw query failed" and "the database said something": the reason is what it hands on. */
const SAYS_NOTHING = new Set(["P2010", "P2039"]);

/** What one server that is away, or comes back, is met with, one after the other: it is one trouble and not six. */
const UNREACHABLE = new Set([
  ...["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH", "EAI_AGAIN"],
  // SQLSTATE: the server stops, has crashed, or starts.
  ...["57P01", "57P02", "57P03"],
]);

/** What varies between two messages about the same thing. Quoted text first: it may hold any of the others. */
const VARIABLE: readonly RegExp[] = [
  /"[^"]*"|'[^']*'|`[^`]*`/g,
  /[a-z][a-z0-9+.-]*:\/\/\S+/gi,
  /\S+@\S+/g,
  // Device tokens, ids, keys: long words with a digit in them.
  /\b(?=[\w-]*\d)[\w-]{16,}/g,
  /\b(?=[0-9a-f]*\d)[0-9a-f]{8,}\b/gi,
  /(?:\d+[.:]){3,}\d*|\d+(?:[.,:]\d+)*/g,
];

/**
 * What an error is, whatever varies in its text: the code of its innermost reason, `unreachable` where that says that a server
 * is away, otherwise its name and message without numbers, ids, addresses and quoted values.
 */
export function errorKind(error: unknown): string {
  const code = findCode(error, DEPTH);
  if (code !== undefined) return UNREACHABLE.has(code) ? "unreachable" : code;
  const { name, message } = detailsOf(error);
  return `${String(name ?? "Error")}: ${withoutVariables(String(message ?? error))}`.slice(0, LENGTH);
}

function withoutVariables(text: string): string {
  // A message may be a whole answer: what is far back says no more of its kind.
  return VARIABLE.reduce((rest, pattern) => rest.replace(pattern, "#"), withoutSecrets(text.slice(0, 1_000)))
    .replace(/\s+/g, " ")
    .trim();
}

function findCode(error: unknown, depth: number): string | undefined {
  if (typeof error !== "object" || error === null || depth === 0) return undefined;
  const { cause, errors, meta, code, originalCode, kind } = detailsOf(error);
  const first = Array.isArray(errors) ? errors[0] : undefined;
  for (const reason of [meta?.driverAdapterError, cause, first]) {
    const found = findCode(reason, depth - 1);
    if (found !== undefined) return found;
  }
  if (isCode(originalCode)) return originalCode;
  if (isCode(code) && !SAYS_NOTHING.has(code)) return code;
  // The driver adapter's, where the database itself gave no code.
  return !(error instanceof Error) && typeof kind === "string" ? kind : undefined;
}

const isCode = (code: unknown): code is string => typeof code === "string" && CODE.test(code);

function detailsOf(error: unknown): ErrorDetails {
  return typeof error === "object" && error !== null ? error : {};
}
