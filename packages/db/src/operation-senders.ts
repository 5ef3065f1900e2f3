import {
  type PerProvider,
  PROVIDER_TRAITS,
  PROVIDERS,
  type Provider,
  type ProviderField,
  perProvider,
} from "@fanfare/domain";
import { Prisma } from "./generated/prisma/client.js";

/** What an operation is sent with: its app, and the credential for each provider, UUIDs; all null: the account's default app. */
export interface OperationSender {
  appId: string | null;
  credentials: PerProvider<string | null>;
}

// An operation's row has two columns for each provider.
type CredentialField = `${ProviderField}CredentialId`;
const credentialField = (provider: Provider): CredentialField => `${PROVIDER_TRAITS[provider].field}CredentialId`;
const credentialColumn = (provider: Provider) => `${PROVIDER_TRAITS[provider].field}_credential_id`;
const mayUseColumn = (provider: Provider) => `may_use_${PROVIDER_TRAITS[provider].field}`;

/** The fields of {@link OperationSender}, for Prisma's `select`. */
export const SENDER_FIELDS = {
  appId: true,
  ...(Object.fromEntries(PROVIDERS.map((provider) => [credentialField(provider), true])) as Record<
    CredentialField,
    true
  >),
} as const;

/** What an operation's row says that it is sent with. */
export function senderOf(row: { appId: string | null } & Record<CredentialField, string | null>): OperationSender {
  return { appId: row.appId, credentials: perProvider((provider) => row[credentialField(provider)]) };
}

/** The names of the columns of {@link senderValues}, in their order. */
export const SENDER_COLUMNS = Prisma.raw(
  ["app_id", ...PROVIDERS.map(credentialColumn), ...PROVIDERS.map(mayUseColumn)].join(", "),
);

/** What an operation is stored with of its sender, and of the providers that it may go through. */
export function senderValues(sender: OperationSender | undefined, mayUse: ReadonlySet<Provider>): Prisma.Sql {
  const ids = [sender?.appId, ...PROVIDERS.map((provider) => sender?.credentials[provider])];
  return Prisma.join([
    ...ids.map((id) => Prisma.sql`${id ?? null}::uuid`),
    ...PROVIDERS.map((provider) => Prisma.sql`${mayUse.has(provider)}`),
  ]);
}

/** Whether an operation, named `o`, may go through a provider. It has an index of its own. */
export const mayUse = (provider: Provider): Prisma.Sql => Prisma.raw(`o.${mayUseColumn(provider)}`);

/** The id of the credential that an operation, named `o`, has for a provider. */
export const credentialIdFor = (provider: Provider): Prisma.Sql => Prisma.raw(`o.${credentialColumn(provider)}`);

/** Whether an operation, named `o`, was accepted before there were apps: it goes out with the account's default one. */
export const HAS_NO_SENDER = Prisma.raw(
  ["app_id", ...PROVIDERS.map(credentialColumn)].map((column) => `o.${column} is null`).join(" and "),
);

const byProvider = PROVIDERS.map((provider) => `when '${provider}' then o.${credentialColumn(provider)}`).join(" ");

/** The id of the credential of a batch, named `b`, of an operation, named `o`: a worker of the previous release has put none into it. */
export const BATCH_CREDENTIAL_ID = Prisma.raw(`coalesce(b.credential_id, case b.provider ${byProvider} end)`);
