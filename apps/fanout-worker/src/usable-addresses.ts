import { type Db, findDeadTokenKeys, findDevicesOfUsers, hasDeadTokens, type RecipientBatch } from "@fanfare/db";
import { type Address, type PerProvider, PROVIDERS, type Provider, type Recipient, tokenKey } from "@fanfare/domain";

/** The addresses of a recipient that can be tried, in their order. */
export type UsableAddresses = (recipient: Recipient) => Address[];

/**
 * Looks up, for all recipients of a batch at once, the devices of its users and which tokens their providers have
 * declared dead. An address without a credential for its provider can not be tried either.
 */
export async function findUsableAddresses(db: Db, { operation, recipients }: RecipientBatch): Promise<UsableAddresses> {
  const { id, appId, credentials } = operation;
  const userIds = recipients.flatMap((recipient) => ("userId" in recipient ? [recipient.userId] : []));
  const devices =
    userIds.length === 0
      ? new Map<string, Address[]>()
      : await findDevicesOfUsers(db, { operationId: id, appId }, userIds);
  // Operations that were accepted before there were apps have no credential of their own: none is ruled out.
  const hasOwn = PROVIDERS.some((provider) => credentials[provider] !== null);
  const addressesOf = (recipient: Recipient): readonly Address[] => {
    if ("token" in recipient) return [recipient];
    return "userId" in recipient ? (devices.get(recipient.userId) ?? []) : recipient.addresses;
  };
  const dead = await findDead(db, credentials, recipients.flatMap(addressesOf));
  const isDead = (provider: Provider, token: string) => dead[provider]?.has(tokenKey(token)) ?? false;
  return (recipient) =>
    addressesOf(recipient).filter(
      ({ provider, token }) => (!hasOwn || credentials[provider] !== null) && !isDead(provider, token),
    );
}

async function findDead(
  db: Db,
  credentials: Readonly<PerProvider<string | null>>,
  addresses: readonly Address[],
): Promise<Partial<PerProvider<ReadonlySet<string>>>> {
  const dead: Partial<PerProvider<ReadonlySet<string>>> = {};
  for (const provider of PROVIDERS) {
    const credentialId = credentials[provider];
    const tokens = addresses.filter((address) => address.provider === provider);
    // Mostly no token is dead, and none has to be hashed.
    if (credentialId === null || tokens.length === 0 || !(await hasDeadTokens(db, credentialId))) continue;
    dead[provider] = await findDeadTokenKeys(
      db,
      credentialId,
      tokens.map(({ token }) => tokenKey(token)),
    );
  }
  return dead;
}
