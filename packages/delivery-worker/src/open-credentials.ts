import { forgetSuspectedTokens, loadCredential } from "@fanfare/db";
import {
  type CredentialWatch,
  createCredentialWatch,
  createSessionPools,
  type LoadedCredential,
  type PushClient,
  SESSION_OPENERS,
} from "@fanfare/delivery";
import {
  CREDENTIAL_PROVIDERS,
  type CredentialRef,
  PROVIDER_TRAITS,
  type Provider,
  type Verification,
} from "@fanfare/domain";
import { readMasterKeys, type Service } from "@fanfare/runtime";
import type { Stores } from "@fanfare/stores";
import type { ClientTools, CredentialOf, DeliveryProvider } from "./delivery-provider.js";
import type { DeliveryWorkerConfig } from "./delivery-worker-config.js";

/** The credentials of a worker, and what is made of them. */
export interface Credentials {
  watch: CredentialWatch;
  load(id: string): Promise<LoadedCredential | undefined>;
  /** Makes the client of a credential, which holds its sessions until it is closed. */
  open(credential: LoadedCredential): PushClient;
  /** Asks the provider what it thinks of a credential. */
  verify(credential: LoadedCredential): Promise<Verification>;
}

/** What made a suspicion is still being recorded when it is told, in milliseconds. */
const RECORDED_BY_MS = 2_000;

/** Opens the sessions that credentials are used on, which belong to the service. */
export function openCredentials<Of extends Provider>(
  service: Service,
  config: DeliveryWorkerConfig,
  { db, brake, onError }: Stores,
  worker: DeliveryProvider<Of>,
): Credentials {
  const { provider, clientFor, verify } = worker;
  const { ownerOf, ...sessions } = worker.sessions;
  const keepTokens = (credential: CredentialRef) =>
    void setTimeout(() => forgetSuspectedTokens(db, credential).catch(onError), RECORDED_BY_MS).unref();
  const watch = createCredentialWatch(brake, keepTokens);
  service.readyWhen({ credentials: async () => watch.describe() });
  const pools = service.own(
    createSessionPools({
      provider,
      openSession: SESSION_OPENERS[config.HTTP2_CLIENT],
      ca: config.PROVIDER_CA_FILE,
      requestTimeoutMs: config.REQUEST_TIMEOUT_MS,
      pingIdleMs: config.PING_IDLE_MS,
      ...{ ...sessions, log: brake, onError },
    }),
    (opened) => opened.close(),
  );

  function hold(credential: CredentialOf<Of>): { tools: ClientTools; release(): void } {
    const { senderTo, release } = pools.of(ownerOf(credential));
    return { tools: { senderTo, onUnrefreshed: (hindrance) => watch.onUnrefreshed(credential, hindrance) }, release };
  }

  return {
    watch,
    load: async (id) => loadCredential(db, readMasterKeys(config), id),
    open(loaded) {
      const credential = requireProvider(provider, loaded);
      const { tools, release } = hold(credential);
      try {
        const client = clientFor(credential, tools);
        return { ...client, close: () => client.close().finally(release) };
      } catch (error) {
        release();
        throw error;
      }
    },
    async verify(loaded) {
      const credential = requireProvider(provider, loaded);
      const { tools, release } = hold(credential);
      try {
        return await verify(credential, { ...tools, isWanted: () => !service.stopping.aborted });
      } finally {
        release();
      }
    },
  };
}

function requireProvider<Of extends Provider>(provider: Of, credential: LoadedCredential): CredentialOf<Of> {
  if (CREDENTIAL_PROVIDERS[credential.type] === provider) return credential as CredentialOf<Of>;
  throw new Error(`Credential ${credential.id} is not one for ${PROVIDER_TRAITS[provider].name}.`);
}
