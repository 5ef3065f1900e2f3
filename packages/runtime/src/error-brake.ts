import { errorKind } from "./error-kind.js";
import { shortenErrorText } from "./serialize-error.js";

/** Where a brake logs to. */
interface Destination {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** How a brake holds repetitions back. */
export interface ErrorBrakeOptions {
  /** What an error is, where a process knows better than {@link errorKind}: it is asked first, of the error and of what is below it. */
  kindOf?: ((error: unknown) => string | undefined) | undefined;
  /** How long the first repetitions of a kind are only counted, in milliseconds; then twice as long each time. @default 10,000 */
  firstIntervalMs?: number;
  /** How long they are only counted at most, in milliseconds. @default 600,000 */
  maxIntervalMs?: number;
  /** How long a kind has to be absent, in milliseconds, to be new again; never less than its present interval. @default 60,000 */
  forgetAfterMs?: number;
  /** Kinds that are kept apart; what comes on top of them is counted together. @default 100 */
  maxKinds?: number;
  /** What those are called. @default "Errors of many other kinds" */
  others?: string;
  /** How often it is looked for what is to be told, in milliseconds. @default 1,000 */
  lookEveryMs?: number;
  /** A clock that only goes forward, in milliseconds. @default performance.now */
  nowMs?: () => number;
}

/**
 * A log that tells the same trouble once in full, then in numbers. It takes the place of a log wherever what is logged can
 * repeat: a message with its fields, and the error in `err`. Whoever makes it closes it, late.
 */
export interface ErrorBrake extends Destination {
  /** Tells what has been counted and not told yet; what is logged from then on is logged at once and in full. */
  close(): void;
  /**
   * Looks now for what is to be told, as it does by itself every now and then.
   * @internal
   */
  look(): void;
}

interface Repetition {
  level: "warn" | "error";
  message: string;
  kind: string;
  /** The fields of the last one. */
  fields: object;
  times: number;
  lastAt: number;
  toldAt: number;
  intervalMs: number;
}

/** The kind of all that is beyond `maxKinds`. */
const OTHERS = "many others";

/** How many errors, each the reason of the one before, a process is asked about. */
const REASONS = 6;

/** How much of the last error's message a summary shows, in characters. */
const LAST_LENGTH = 300;

/**
 * Makes a brake before a log. The first error of a kind is logged at once; later ones are counted, and told in one line without a
 * stack after 10 s, 20 s, 40 s and so on, up to 10 minutes. A kind is a message together with what its error is, or, for lines
 * without an error, with the credential, operation, account, address or user that they are about.
 */
export function createErrorBrake(log: Destination, options: ErrorBrakeOptions = {}): ErrorBrake {
  const { kindOf, firstIntervalMs = 10_000, maxIntervalMs = 600_000, forgetAfterMs = 60_000 } = options;
  const {
    maxKinds = 100,
    others = "Errors of many other kinds",
    lookEveryMs = 1_000,
    nowMs = () => performance.now(),
  } = options;
  const repetitions = new Map<string, Repetition>();
  let closed = false;

  function report(level: "warn" | "error", fields: object, message: string): void {
    const now = nowMs();
    const kind = nameKind(fields, kindOf);
    const known = find(`${message}\n${kind}`);
    if (closed) {
      log[level](fields, message);
    } else if (known) {
      Object.assign(known, { fields, lastAt: now, times: known.times + 1 });
      // After a quiet time nobody has to wait for the number.
      if (now - known.toldAt >= known.intervalMs) tell(known, now);
    } else {
      begin({ level, message, kind, fields }, now);
    }
  }

  function find(key: string): Repetition | undefined {
    return repetitions.get(key) ?? (repetitions.size < maxKinds ? undefined : repetitions.get(OTHERS));
  }

  function begin(first: Pick<Repetition, "level" | "message" | "kind" | "fields">, now: number): void {
    const isOther = repetitions.size >= maxKinds;
    const key = isOther ? OTHERS : `${first.message}\n${first.kind}`;
    const named = isOther ? { ...first, message: others, kind: OTHERS } : first;
    repetitions.set(key, { ...named, times: 0, lastAt: now, toldAt: now, intervalMs: firstIntervalMs });
    log[first.level](withPlainReason(first.fields, first.kind), first.message);
  }

  function tell(repetition: Repetition, now: number): void {
    const { level, message, kind, fields, times, toldAt } = repetition;
    const { err, ...about } = fields as { err?: unknown };
    const seconds = Math.max(1, Math.round((now - toldAt) / 1_000));
    const last = err === undefined ? {} : { last: lastWords(err) };
    log[level](
      { ...about, kind, times, seconds, ...last },
      `${message}: … ${times.toLocaleString("en-US")} ${times === 1 ? "time" : "times"} in the last ${spell(seconds)}`,
    );
    const intervalMs = Math.min(maxIntervalMs, repetition.intervalMs * 2);
    Object.assign(repetition, { times: 0, toldAt: now, intervalMs });
  }

  function look(): void {
    const now = nowMs();
    for (const [key, repetition] of repetitions) {
      const { times, lastAt, toldAt, intervalMs } = repetition;
      if (now - toldAt < intervalMs) continue;
      if (times > 0) tell(repetition, now);
      else if (now - lastAt >= Math.max(intervalMs, forgetAfterMs)) repetitions.delete(key);
    }
  }

  function close(): void {
    if (closed) return;
    closed = true;
    clearInterval(timer);
    leaveToExit(close);
    for (const repetition of repetitions.values()) if (repetition.times > 0) tell(repetition, nowMs());
    repetitions.clear();
  }

  // Alone it keeps no process running: what is left is told when the process ends, however that comes about.
  const timer = setInterval(look, lookEveryMs).unref();
  closeAtExit(close);
  return {
    debug: (fields, message) => log.debug(fields, message),
    info: (fields, message) => log.info(fields, message),
    warn: (fields, message) => report("warn", fields, message),
    error: (fields, message) => report("error", fields, message),
    look,
    close,
  };
}

/** Brakes that are open: what they have counted is told when the process ends, by one listener for all. */
const open = new Set<() => void>();

function closeAtExit(close: () => void): void {
  if (open.size === 0) process.once("exit", closeAll);
  open.add(close);
}

function leaveToExit(close: () => void): void {
  if (open.delete(close) && open.size === 0) process.off("exit", closeAll);
}

function closeAll(): void {
  for (const close of [...open]) close();
}

/** Where a server that is away, or refuses, was asked says nothing: it is asked everywhere. */
const PLAIN = /unreachable$|^read-only$|^not permitted$/;

function withPlainReason(fields: { err?: unknown }, kind: string): object {
  const { err, ...about } = fields;
  const isPlain = PLAIN.test(kind) || (err instanceof Error && err.name === "ReplyError");
  return err !== undefined && isPlain ? { ...about, reason: lastWords(err) } : fields;
}

function nameKind(
  fields: Partial<Record<"err" | "credential" | "operation" | "account" | "address" | "user", unknown>>,
  kindOf: ErrorBrakeOptions["kindOf"],
) {
  const { err, credential, operation, account, address, user } = fields;
  if (err === undefined) return String(credential ?? operation ?? account ?? address ?? user ?? "the same");
  let reason: unknown = err;
  for (let depth = 0; kindOf && reason instanceof Error && depth < REASONS; depth++) {
    const kind = kindOf(reason);
    if (kind !== undefined) return kind;
    reason = reason.cause;
  }
  return errorKind(err);
}

function lastWords(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return shortenErrorText(text).trim().slice(0, LAST_LENGTH);
}

function spell(seconds: number): string {
  if (seconds === 60) return "minute";
  if (seconds < 120) return seconds === 1 ? "second" : `${seconds} seconds`;
  return `${Math.round(seconds / 60)} minutes`;
}
