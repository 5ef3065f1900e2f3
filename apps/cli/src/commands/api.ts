import { readFileSync } from "node:fs";
import { pipeline } from "node:stream/promises";
import { type Command, InvalidArgumentError } from "commander";
import { CommandError } from "../command-error.js";
import type { CliConfig } from "../config.js";
import { connectApi, connectAsOperator } from "./connect-api.js";

/** Options of `fanfare api`. */
interface ApiOptions {
  method?: string;
  data?: string;
  header: string[];
  operator?: boolean;
}

/** `fanfare api`: any call of the API, as the account of this machine or the operator. */
export function addApiCommand(program: Command, readSettings: () => CliConfig): void {
  const collect = (value: string, others: string[]) => [...others, value];
  program
    .command("api")
    .description("make any call of the API, and print its answer")
    .argument("<path>", "path and query, such as /v1/PushNotifications/Operations?pageSize=10")
    .option("-X, --method <method>", "method (default: GET, or POST with --data)", readMethod)
    .option("-d, --data <json>", "body; @<file> for a file's content, @- for standard input")
    .option(
      "-H, --header <header>",
      "a header, such as 'Idempotency-Key: boarding-LH400'; may be repeated",
      collect,
      [],
    )
    .option("--operator", "as the operator (default: as the account of this machine or of the environment)")
    .action((path: string, options: ApiOptions) => callAndPrint(readSettings(), path, options));
}

async function callAndPrint(config: CliConfig, path: string, options: ApiOptions): Promise<void> {
  const { method = options.data === undefined ? "GET" : "POST", data, header, operator } = options;
  if (data !== undefined && !WITH_BODY.has(method)) throw new CommandError(`${method} has no body: leave --data out.`);
  const api = operator ? connectAsOperator(config) : connectApi(config);
  const res = await api.request(path.startsWith("/") ? path : `/${path}`, {
    method,
    headers: header.map(readHeader),
    ...(data !== undefined && { body: readData(data) }),
  });
  if (method !== "HEAD" && res.headers.get("content-type")?.startsWith("application/json")) {
    process.stdout.write(`${JSON.stringify(await res.json(), undefined, 2)}\n`);
  } else if (res.body) {
    await pipeline(res.body, process.stdout, { end: false });
  }
}

const WITH_BODY: ReadonlySet<string> = new Set(["POST", "PATCH", "DELETE"]);
const METHODS = ["GET", "HEAD", "OPTIONS", ...WITH_BODY];

function readMethod(text: string): string {
  const method = text.toUpperCase();
  if (!METHODS.includes(method)) throw new InvalidArgumentError(`must be one of ${METHODS.join(", ")}.`);
  return method;
}

function readHeader(text: string): [name: string, value: string] {
  const [, name, value] = /^([\w-]+):\s*(.*)$/.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new CommandError(`${text} is no header: write Name: value.`);
  return [name, value];
}

function readData(text: string): string {
  if (!text.startsWith("@")) return text;
  const file = text.slice(1);
  try {
    return readFileSync(file === "-" ? process.stdin.fd : file, "utf8");
  } catch (cause) {
    throw new CommandError(`${file} can not be read: ${(cause as Error).message}.`);
  }
}
