import type { WaitingInstallation } from "./installation.js";

/** Sends that are small and many at once: each worker takes some of them. */
const SENDS = 20;

/** Has both workers of a provider send something with the credential of an app. */
export async function sendByBoth(
  { stack, send }: WaitingInstallation,
  provider: "APN" | "FCM",
  appName: string,
): Promise<void> {
  const each = Array.from({ length: SENDS }, (_, index) => `by-both-${appName}-${index}`);
  const operations = await Promise.all(each.map((token) => send(provider, appName, [token])));
  for (const operationId of operations) await stack.completed(operationId);
}
