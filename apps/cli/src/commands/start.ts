import { localCredentials } from "@fanfare/runtime";
import pc from "picocolors";
import type { CliConfig } from "../config.js";
import { prefixLine } from "../prefix-line.js";
import { startStack } from "../stack.js";

/** `fanfare start`: everything on this machine, each app as a process of its own, until Ctrl-C. */
export async function start(
  config: CliConfig,
  env: Readonly<Record<string, string | undefined>>,
  { workers, simulator }: { workers: number; simulator: boolean | undefined },
): Promise<void> {
  const print = (line: string) => void process.stdout.write(`${line}\n`);
  const onEvent = (app: string, event: string) => print(prefixLine("fanfare", pc.yellow(`${app} ${event}`)));
  const local = localCredentials(config.FANFARE_DATA_DIR);
  const credentials = {
    accountId: config.FANFARE_ACCOUNT_ID ?? local.accountId,
    authToken: config.FANFARE_AUTH_TOKEN ?? local.authToken,
    adminPassword: config.FANFARE_ADMIN_PASSWORD ?? local.adminPassword,
  };
  print("Starting Fanfare …");
  // From here on Ctrl-C and SIGTERM stop what has been started, in order.
  const stopRequested = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stopRequested.abort());
  const starting = startStack({
    signal: stopRequested.signal,
    dataDir: config.FANFARE_DATA_DIR,
    env: { LOG_FORMAT: "pretty", ...env, PORT: String(config.PORT) },
    credentials,
    workers,
    simulator,
    onLine: (app, line) => print(prefixLine(app, line)),
    onEvent,
  });
  const stack = await starting.catch((error: unknown) => {
    if (!stopRequested.signal.aborted) throw error;
    print("Stopped before it had started.");
    process.exit(0);
  });
  print(banner(stack, local.file, local.created ? credentials : undefined));

  await new Promise((resolve) => stopRequested.signal.addEventListener("abort", resolve));
  print("Stopping: what is in flight is finished first …");
  process.once("SIGINT", () => process.exit(1));
  const clean = await stack.stop();
  print(clean ? "Stopped." : "Stopped, but not every app ended cleanly.");
  process.exit(clean ? 0 : 1);
}

function banner(
  { url, simulatorUrl }: Awaited<ReturnType<typeof startStack>>,
  credentialsFile: string,
  created: { accountId: string; authToken: string; adminPassword: string } | undefined,
): string {
  const lines = [
    pc.bold(pc.green(`Fanfare is ready at ${url}`)),
    `  API:         ${url}/docs  (any credentials)`,
    `  Queues:      ${url}/admin/queues  (user admin)`,
    `  Credentials: ${credentialsFile}  (read them into a shell: . ${credentialsFile})`,
    ...(created
      ? [
          `  Made just now: account ${created.accountId}`,
          `                 auth token ${created.authToken}`,
          `                 admin password ${created.adminPassword}`,
        ]
      : []),
    `  Try: curl -u "$FANFARE_ACCOUNT_ID:$FANFARE_AUTH_TOKEN" ${url}/v1/PushNotifications -H 'content-type: application/json' \\`,
    `         -d '{"to":[{"provider":"FCM","token":"any-token"}],"content":{"title":"Hello"}}'`,
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
