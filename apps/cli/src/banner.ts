import { resolve } from "node:path";
import type { LocalCredentials } from "@fanfare/runtime";
import pc from "picocolors";
import type { CliConfig } from "./config.js";
import type { Stack } from "./stack.js";

/** The credentials that an installation is started with, and where they come from. */
export interface CredentialsInForce {
  accountId: string;
  authToken: string;
  adminPassword: string;
  /** Whether the environment gives the account; else it is the one of the file. */
  accountFrom: "environment" | "file";
  adminFrom: "environment" | "file";
  /** Absolute path of the file. */
  file: string;
  /** Whether the file was made just now. */
  created: boolean;
}

/** What the environment gives goes before what is in the file. */
export function credentialsInForce(config: CliConfig, local: LocalCredentials): CredentialsInForce {
  const { FANFARE_ACCOUNT_ID: id, FANFARE_AUTH_TOKEN: token, FANFARE_ADMIN_PASSWORD: password } = config;
  const account = id !== undefined && token !== undefined ? { accountId: id, authToken: token } : undefined;
  return {
    ...(account ?? { accountId: local.accountId, authToken: local.authToken }),
    adminPassword: password ?? local.adminPassword,
    accountFrom: account ? "environment" : "file",
    adminFrom: password === undefined ? "file" : "environment",
    file: resolve(local.file),
    created: local.created,
  };
}

/**
 * What a start says at its end.
 *
 * @param isTerminal Whether a person sees it: secrets that were made just now are shown to nobody else.
 */
export function banner(
  { url, simulatorUrl }: Pick<Stack, "url" | "simulatorUrl">,
  credentials: CredentialsInForce,
  isTerminal: boolean,
): string {
  const { accountId, accountFrom, adminFrom, file } = credentials;
  const source = { environment: "in the environment", file: `in ${file}` };
  const lines = [
    pc.bold(pc.green(`Fanfare is ready at ${url}`)),
    `  API:     ${url}/docs  (any credentials)`,
    `  Queues:  ${url}/admin/queues  (user admin, FANFARE_ADMIN_PASSWORD ${source[adminFrom]})`,
    `  Account: ${accountId}  (FANFARE_AUTH_TOKEN ${source[accountFrom]})`,
    ...(isTerminal ? madeJustNow(credentials) : []),
    ...tryIt(url, credentials),
  ];
  if (simulatorUrl) {
    lines.push(
      pc.inverse(
        ` SIMULATOR: it stands in for FCM and APNs, so nothing reaches Apple or Google. What it received: ${simulatorUrl}/received `,
      ),
    );
  }
  return lines.join("\n");
}

function madeJustNow({ created, accountFrom, adminFrom, authToken, adminPassword }: CredentialsInForce): string[] {
  if (!created) return [];
  return [
    ...(accountFrom === "file" ? [`  Made just now: auth token ${authToken}`] : []),
    ...(adminFrom === "file" ? [`  Made just now: admin password ${adminPassword}`] : []),
  ];
}

/** A command to paste. The file is read in a shell of its own: this one may have other credentials in its environment. */
function tryIt(url: string, { accountFrom, accountId, file }: CredentialsInForce): string[] {
  const [before, user, after] =
    accountFrom === "file"
      ? [`(. ${quoted(file)}; `, '"$FANFARE_ACCOUNT_ID:$FANFARE_AUTH_TOKEN"', ")"]
      : ["", `"${accountId}:$FANFARE_AUTH_TOKEN"`, ""];
  return [
    `  Try: ${before}curl -g -u ${user} ${url}/v1/PushNotifications -H 'content-type: application/json' \\`,
    `         -d '{"to":[{"provider":"FCM","token":"any-token"}],"content":{"title":"Hello"}}'${after}`,
  ];
}

const quoted = (path: string) => `'${path.replaceAll("'", "'\\''")}'`;
