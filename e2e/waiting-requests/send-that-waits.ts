import { until } from "@fanfare/testkit";
import { tokensOf } from "../support/sends-in-flight.js";
import type { WaitingInstallation } from "./installation.js";
import { tokensFor, type WaitingPlace } from "./places.js";

/** A send of which all that is not in flight waits, in the hands of one worker. */
export interface SendThatWaits {
  name: string;
  operationId: string;
  appName: string;
  holder: string;
  /** The worker that could take it over. */
  other: string;
  /** How often the provider was called for each token by now. */
  calls(): Promise<Map<string, number>>;
}

/** Sends, and comes back when the requests wait where they are to. */
export async function sendThatWaits(
  installation: WaitingInstallation,
  place: WaitingPlace,
  name: string,
): Promise<SendThatWaits> {
  const appName = name.replaceAll("-", "_");
  await installation.addApp(place.provider, appName);
  await place.prove?.(installation, appName);
  await place.bar(installation);
  const operationId = await installation.send(place.provider, appName, tokensFor(place, name));
  await until(() => place.isReached(installation, name), { describe: `The wait for ${place.title}` });
  const calls = async () =>
    new Map((await tokensOf(installation.stack, name)).map(({ token, calls: count }) => [token, count]));
  return { name, operationId, appName, ...(await installation.holderOf(operationId)), calls };
}
