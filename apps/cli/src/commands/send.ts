import { PROVIDER_TRAITS, PROVIDERS, type ProviderField, perProviderField } from "@fanfare/domain";
import { CommandError } from "../command-error.js";
import type { CliConfig } from "../config.js";
import { connectApi } from "./connect-api.js";
import { watch as watchOperation } from "./watch.js";

/** Options of `fanfare send`. */
export interface SendOptions extends Record<ProviderField, string[]> {
  title?: string;
  body?: string;
  watch?: boolean;
}

/** `fanfare send`: one push to some device tokens; with `--watch` also what `fanfare watch` shows. */
export async function send(config: CliConfig, { title, body, watch, ...tokens }: SendOptions): Promise<void> {
  const to = PROVIDERS.flatMap((provider) =>
    tokens[PROVIDER_TRAITS[provider].field].map((token) => ({ provider, token })),
  );
  if (to.length === 0) {
    const options = Object.keys(perProviderField(() => true)).map((field) => `--${field}`);
    throw new CommandError(`Nobody to send to: name device tokens with ${options.join(" or ")}.`);
  }
  if (!title && !body) throw new CommandError("Nothing to send: give --title or --body.");
  const api = connectApi(config);
  const { operationId, operationLocation } = await api.send({ to, content: { title, body } });
  process.stdout.write(`${operationId}\n${operationLocation}\n`);
  if (watch) await watchOperation(api, operationId);
}
