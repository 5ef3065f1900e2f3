import { CommandError } from "../command-error.js";
import type { CliConfig } from "../config.js";
import { connectApi } from "./connect-api.js";
import { watch as watchOperation } from "./watch.js";

/** Options of `fanfare send`. */
export interface SendOptions {
  fcm: string[];
  apn: string[];
  title?: string;
  body?: string;
  watch?: boolean;
}

/** `fanfare send`: one push to some device tokens; with `--watch` also what `fanfare watch` shows. */
export async function send(config: CliConfig, { fcm, apn, title, body, watch }: SendOptions): Promise<void> {
  const to = [...fcm.map((token) => ({ provider: "FCM", token })), ...apn.map((token) => ({ provider: "APN", token }))];
  if (to.length === 0) throw new CommandError("Nobody to send to: name device tokens with --fcm or --apn.");
  if (!title && !body) throw new CommandError("Nothing to send: give --title or --body.");
  const api = connectApi(config);
  const { operationId, operationLocation } = await api.send({ to, content: { title, body } });
  process.stdout.write(`${operationId}\n${operationLocation}\n`);
  if (watch) await watchOperation(api, operationId);
}
