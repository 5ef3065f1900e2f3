import { readFileSync } from "node:fs";
import { pipeline } from "node:stream/promises";
import { type Command, InvalidArgumentError } from "commander";
import { ApiError } from "../api-error.js";
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
  const init = { method, headers: readHeaders(header), ...(data !== undefined && { body: readData(data) }) };
  const api = operator ? connectAsOperator(config) : connectApi(config);
  const res = await api.request(readPath(path), init).catch((error: unknown) => {
    if (error instanceof ApiError && error.problem) print(error.problem);
    throw error;
  });
  if (method !== "HEAD" && res.headers.get("content-type")?.startsWith("application/json")) print(await res.json());
  else if (res.body) await pipeline(res.body, process.stdout, { end: false });
}

const print = (value: unknown) => void process.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);

/** A path below the API's URL. What a URL takes for a way up would lead elsewhere, with the credentials. */
function readPath(text: string): string {
  const path = text.startsWith("/") ? text : `/${text}`;
  const [beforeQuery = ""] = path.split("?");
  const isDots = (segment: string) => /^(\.|%2e){1,2}$/i.test(segment);
  if (path.includes("#") || beforeQuery.split(/[/\\]/).some(isDots) || /^\/?\w+:\/\//.test(path)) {
    throw new CommandError(`${text} is no path of the API: write one such as /v1/PushNotifications/Users?pageSize=10.`);
  }
  return path;
}

const WITH_BODY: ReadonlySet<string> = new Set(["POST", "PATCH", "DELETE"]);
const METHODS = ["GET", "HEAD", "OPTIONS", ...WITH_BODY];

function readMethod(text: string): string {
  const method = text.toUpperCase();
  if (!METHODS.includes(method)) throw new InvalidArgumentError(`must be one of ${METHODS.join(", ")}.`);
  return method;
}

/** Headers that follow from everything else. */
const OWN_HEADERS: ReadonlySet<string> = new Set([
  "authorization",
  "connection",
  "content-length",
  "host",
  "transfer-encoding",
]);

function readHeaders(texts: readonly string[]): Headers {
  const headers = new Headers();
  for (const text of texts) {
    const [, name = "", value = ""] = /^([^:]*):\s*(.*)$/.exec(text) ?? [];
    if (OWN_HEADERS.has(name.toLowerCase()))
      throw new CommandError(`The header ${name} is made by the command itself.`);
    try {
      headers.append(name, value);
    } catch {
      throw new CommandError(`${text} is no header: write Name: value, in ASCII.`);
    }
  }
  return headers;
}

/** As it is: what is no UTF-8 is for the API to refuse. */
function readData(text: string): string | Uint8Array<ArrayBuffer> {
  if (!text.startsWith("@")) return text;
  const file = text.slice(1);
  if (file === "") throw new CommandError("--data @ names no file.");
  try {
    return Uint8Array.from(readFileSync(file === "-" ? process.stdin.fd : file));
  } catch (cause) {
    throw new CommandError(`${file} can not be read: ${(cause as Error).message}.`);
  }
}
