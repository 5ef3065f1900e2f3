import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectDb, type Db } from "@fanfare/db";
import { createLogger, type Service } from "@fanfare/runtime";
import { createTestDatabase, patient } from "@fanfare/testkit";
import { secretsIn } from "../../../scripts/test-setup/secrets-in-folder.js";
import { findSeenSecrets, noteSecrets } from "../../../scripts/test-setup/seen-secrets.js";
import { checkExchange } from "../../../scripts/test-setup/validate-answers.js";
import { configSchema } from "../src/config.js";
import { pathOf } from "../src/request-target.js";
import { startApi } from "../src/start-api.js";

/** Who calls: user and password of HTTP Basic. */
export interface Credentials {
  user: string;
  password: string;
}

/** An answer of the API. */
export interface ApiAnswer {
  status: number;
  headers: Headers;
  // What it is is what the tests check.
  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape are looked into
  body: any;
}

/** One API process's worth of Fanfare on a database of its own. */
export interface RunningApi {
  url: string;
  db: Db;
  databaseUrl: string;
  dataDir: string;
  log: string[];
  /** The account of the settings. */
  account: Credentials;
  operator: Credentials;
  call(method: string, path: string, options?: CallOptions): Promise<ApiAnswer>;
  /** Another account, made over the API. */
  newAccount(): Promise<Credentials>;
  close(): Promise<void>;
}

interface CallOptions {
  as?: Credentials | undefined;
  body?: unknown;
  headers?: Record<string, string>;
}

/** Where what belongs to an account itself is: its `Keys`, its `Audit`. */
export const ofAccount = ({ user }: Credentials, what = "") => `/v1/Accounts/${user}${what}`;

export const basic = ({ user, password }: Credentials) =>
  `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;

/** Starts an API in this process. Whoever runs it closes it. */
export async function runApi(env: Record<string, string> = {}, sharedDatabaseUrl?: string): Promise<RunningApi> {
  const dataDir = mkdtempSync(join(tmpdir(), "fanfare-api-"));
  const database = sharedDatabaseUrl === undefined ? await createTestDatabase() : undefined;
  const databaseUrl = sharedDatabaseUrl ?? database?.url ?? "";
  const account = { user: `AC${"0".repeat(31)}1`, password: randomBytes(24).toString("hex") };
  const operator = { user: "admin", password: randomBytes(12).toString("hex") };
  const log: string[] = [];
  const { service, stop } = aService(log, env.LOG_LEVEL);
  const config = configSchema.parse({
    PORT: "0",
    // No load balancer is to hear that it ends.
    SHUTDOWN_DELAY_SECONDS: "0",
    DATABASE_URL: databaseUrl,
    FANFARE_DATA_DIR: dataDir,
    FANFARE_ACCOUNT_ID: account.user,
    FANFARE_AUTH_TOKEN: account.password,
    FANFARE_ADMIN_PASSWORD: operator.password,
    ...env,
  });
  const { url } = await startApi(service, config);
  const db = connectDb(databaseUrl);

  const call: RunningApi["call"] = async (method, path, { as = account, body, headers = {} } = {}) => {
    const res = await fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: basic(as),
        ...(body !== undefined && { "content-type": "application/json" }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await res.text();
    return { status: res.status, headers: res.headers, body: text === "" ? undefined : JSON.parse(text) };
  };
  return {
    ...{ url, db, databaseUrl, dataDir, log, account, operator, call },
    async newAccount() {
      const { body } = await call("POST", "/v1/Accounts", { as: operator, body: { name: "another" } });
      return { user: body.id, password: body.authToken };
    },
    async close() {
      noteSecrets(account.password, operator.password, keys.rsaKey, keys.ecKey, ...secretsIn(dataDir));
      const found = await findSeenSecrets(db, log).catch((error: Error) => [error.message]);
      await stop();
      await db.$disconnect();
      await database?.drop();
      rmSync(dataDir, { recursive: true, force: true });
      if (found.length > 0) throw new Error(`Secrets where they must not be:\n${found.join("\n")}`);
    },
  };
}

/** What `runService` gives to an app, without the process around it. */
function aService(log: string[], level?: string): { service: Service; stop(): Promise<void> } {
  const releases: (() => unknown)[] = [];
  const stops: (() => Promise<unknown>)[] = [];
  const checks: Record<string, () => Promise<unknown>> = {};
  const service: Service = {
    log: createLogger("api", { level, destination: { write: (line: string) => void log.push(line) } }),
    stopping: new AbortController().signal,
    signal: new AbortController().signal,
    orphaned: new AbortController().signal,
    own(resource, close) {
      releases.push(() => close(resource));
      return resource;
    },
    fail(error) {
      throw error;
    },
    waitFor: (_what, ask) => ask(),
    onStop: (stopWork) => void stops.push(stopWork),
    countLost: () => undefined,
    readyWhen: (more) => void Object.assign(checks, more),
    watchProgress: () => undefined,
    serveHealth: async () => undefined,
    readiness: async () => {
      const results = await Promise.allSettled(Object.values(checks).map((check) => check()));
      return { status: results.every(({ status }) => status === "fulfilled") ? "ok" : "unavailable", checks: {} };
    },
  };
  return {
    service,
    async stop() {
      await Promise.all(stops.map((stopWork) => stopWork()));
      for (const release of releases.reverse()) await release();
    },
  };
}

const encoding = { type: "pkcs8", format: "pem" } as const;
const rsaKey = generateKeyPairSync("rsa", { modulusLength: 2_048 }).privateKey.export(encoding).toString();
const ecKey = generateKeyPairSync("ec", { namedCurve: "prime256v1" }).privateKey.export(encoding).toString();

/** Provider keys that were made for this test run. */
export const keys = { rsaKey, ecKey };

export const fcmContent = (fields: object = {}) => ({
  type: "service_account",
  project_id: "airline",
  client_email: "sender@airline.iam.gserviceaccount.com",
  private_key: rsaKey,
  private_key_id: "0123456789abcdef",
  token_uri: "https://oauth2.googleapis.com/token",
  ...fields,
});

export const apnContent = (fields: object = {}) => ({
  key: ecKey,
  keyId: "ABCDEFGHIJ",
  teamId: "KLMNOPQRST",
  bundleId: "com.example.airline",
  ...fields,
});

/** Adds credentials of both providers to an app; resolves with their ids. */
export async function addCredentials(api: RunningApi, as?: Credentials, appName = "airline") {
  const add = async (credentialType: string, content: object) =>
    (await api.call("POST", "/v1/PushNotifications/Credentials", { as, body: { credentialType, appName, content } }))
      .body.resourceId as string;
  return { fcm: await add("FCM", fcmContent()), apn: await add("APN", apnContent()) };
}

/** A request to send, to both providers. */
export const aSend = (fields: object = {}) => ({
  to: [
    { provider: "FCM", token: "fcm-1" },
    { provider: "APN", token: "apn-1" },
  ],
  content: { title: "Boarding", body: "Gate A1 in one hour" },
  ...fields,
});

/**
 * What comes of a request that is sent as it is written, until the server ends the connection: its head and its body. For what `fetch` would
 * mend or refuse.
 */
export async function answerTo(api: Pick<RunningApi, "url">, ...lines: string[]): Promise<string> {
  const answered = await new Promise<string>((resolve, reject) => {
    const socket = connect(Number(new URL(api.url).port), "127.0.0.1");
    let text = "";
    socket.setEncoding("latin1").on("data", (chunk) => {
      text += chunk;
    });
    socket.on("end", () => resolve(text)).on("error", reject);
    socket.setTimeout(patient(10_000), () => socket.destroy(new Error("It was not answered.")));
    socket.write(`${[...lines, "Connection: close"].join("\r\n")}\r\n\r\n`, "latin1");
  });
  const [method = "", target = ""] = lines[0]?.split(" ") ?? [];
  if (answered !== "" && target.startsWith("/"))
    checkExchange({ method, path: pathOf(target), ...readAnswer(answered) });
  return answered;
}

/** An answer of {@link answerTo} in its parts. */
export function readAnswer(text: string) {
  const [head = "", body = ""] = text.split("\r\n\r\n");
  const [line = "", ...fields] = head.split("\r\n");
  const headers = new Headers(
    fields.map((field): [string, string] => [field.split(": ")[0] ?? "", field.split(": ")[1] ?? ""]),
  );
  return { status: Number(line.split(" ")[1]), headers, body };
}
