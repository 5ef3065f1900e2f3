import { Writable } from "node:stream";
import { type DestinationStream, type Logger, pino } from "pino";
import { serializeError } from "./serialize-error.js";

/** A structured logger: `log.info({ field: 1 }, "What happened")`. */
export type Log = Logger;

/** How a process logs. */
export interface LogOptions {
  /** @default "info" */
  level?: string | undefined;
  /** `json`: one object a line; `pretty`: one readable line. @default "json" */
  format?: "json" | "pretty" | undefined;
  /** Where to. @default standard output */
  destination?: DestinationStream;
}

/** Fields that carry secrets, wherever they stand in what is logged. */
const SECRET_FIELDS = [
  ...["authorization", "token", "authToken", "accessToken", "password", "adminPassword"],
  ...["key", "privateKey", "private_key"],
];

/** Makes the logger of a process. Fields known to carry secrets are blotted out. */
export function createLogger(name: string, { level = "info", format = "json", destination }: LogOptions = {}): Log {
  const paths = SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]);
  const options = { name, level, base: { pid: process.pid }, redact: { paths, censor: "[secret]" } };
  const target = destination ?? pino.destination({ fd: 1, sync: true });
  return pino(
    { ...options, serializers: { err: serializeError }, timestamp: pino.stdTimeFunctions.isoTime },
    format === "pretty" ? readable(target) : target,
  );
}

/** A device token as logs may show it: enough to recognise it by, too little to send to it. */
export function maskToken(token: string): string {
  return token.length <= 12 ? "…" : `${token.slice(0, 4)}…${token.slice(-4)}`;
}

const LEVELS: Record<number, string> = { 10: "trace", 20: "debug", 30: "info", 40: "warn", 50: "ERROR", 60: "FATAL" };

/** Fields that every line has and that say nothing to a reader in a terminal. */
const UNSAID = new Set(["level", "time", "pid", "name", "msg", "err"]);

function readable(target: DestinationStream): DestinationStream {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      for (const line of chunk.toString().split("\n")) if (line) target.write(`${toReadable(JSON.parse(line))}\n`);
      done();
    },
  });
}

function toReadable(entry: Record<string, unknown>): string {
  const fields = Object.entries(entry)
    .filter(([name]) => !UNSAID.has(name))
    .map(([name, value]) => ` ${name}=${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join("");
  const error = entry.err as { stack?: string; message?: string } | undefined;
  const time = String(entry.time).slice(11, 23);
  const trouble = error ? `\n${error.stack ?? error.message ?? JSON.stringify(error)}` : "";
  return `${time} ${LEVELS[Number(entry.level)] ?? "?"} ${String(entry.msg ?? "")}${fields}${trouble}`;
}
