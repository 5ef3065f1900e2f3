import { type PerProvider, PROVIDERS, type Provider, perProvider } from "@fanfare/domain";
import { Prisma } from "./generated/prisma/client.js";

/** What an operation is sent with: its app, and the credential for each provider, UUIDs; all null: the account's default app. */
export interface OperationSender {
  appId: string | null;
  credentials: PerProvider<string | null>;
}

/** Where an operation's row has what is said of it for each provider. */
const COLUMNS = {
  FCM: {
    credentialId: "fcmCredentialId",
    mayUse: "mayUseFcm",
    credentialColumn: "fcm_credential_id",
    mayUseColumn: "may_use_fcm",
  },
  APN: {
    credentialId: "apnCredentialId",
    mayUse: "mayUseApn",
    credentialColumn: "apn_credential_id",
    mayUseColumn: "may_use_apn",
  },
} as const satisfies PerProvider<Record<string, string>>;

type CredentialField = (typeof COLUMNS)[Provider]["credentialId"];

/** The fields of {@link OperationSender}, for Prisma's `select`. */
export const SENDER_FIELDS = {
  appId: true,
  ...(Object.fromEntries(PROVIDERS.map((provider) => [COLUMNS[provider].credentialId, true])) as Record<
    CredentialField,
    true
  >),
} as const;

/** What an operation's row says that it is sent with. */
export function senderOf(row: { appId: string | null } & Record<CredentialField, string | null>): OperationSender {
  return { appId: row.appId, credentials: perProvider((provider) => row[COLUMNS[provider].credentialId]) };
}

/** The names of the columns of {@link senderValues}, in their order. */
export const SENDER_COLUMNS = Prisma.raw(
  [
    "app_id",
    ...PROVIDERS.flatMap((provider) => [COLUMNS[provider].credentialColumn, COLUMNS[provider].mayUseColumn]),
  ].join(", "),
);

/** What an operation is stored with of its sender, and of the providers that it may go through. */
export function senderValues(sender: OperationSender | undefined, mayUse: ReadonlySet<Provider>): Prisma.Sql {
  const values = PROVIDERS.map((provider) => {
    const credentialId = sender?.credentials[provider] ?? null;
    return Prisma.sql`${credentialId}::uuid, ${mayUse.has(provider)}`;
  });
  return Prisma.sql`${sender?.appId ?? null}::uuid, ${Prisma.join(values)}`;
}

/** Whether an operation, named `o`, may go through a provider. It has an index of its own. */
export const mayUse = (provider: Provider): Prisma.Sql => Prisma.raw(`o.${COLUMNS[provider].mayUseColumn}`);

/** The id of the credential that an operation, named `o`, has for a provider. */
export const credentialIdFor = (provider: Provider): Prisma.Sql =>
  Prisma.raw(`o.${COLUMNS[provider].credentialColumn}`);

/** Whether an operation, named `o`, was accepted before there were apps: it goes out with the account's default one. */
export const HAS_NO_SENDER = Prisma.raw(
  ["o.app_id", ...PROVIDERS.map((provider) => `o.${COLUMNS[provider].credentialColumn}`)]
    .map((column) => `${column} is null`)
    .join(" and "),
);

/** The id of the credential of a batch, named `b`, of an operation, named `o`: a worker of the previous release has put none into it. */
export const BATCH_CREDENTIAL_ID = Prisma.raw(
  `coalesce(b.credential_id, case b.provider ${PROVIDERS.map((provider) => `when '${provider}' then o.${COLUMNS[provider].credentialColumn}`).join(" ")} end)`,
);
