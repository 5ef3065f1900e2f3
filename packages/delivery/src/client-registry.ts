import { type CredentialRef, UnusableCredentialError } from "@fanfare/domain";
import type { ClientFor, LoadedCredential, PushClient } from "./ports.js";
import { createShared } from "./shared-resources.js";
import { createUnusableClients } from "./unusable-clients.js";

/** The clients of a worker's credentials. Whoever makes it closes it. */
export interface ClientRegistry {
  clientFor: ClientFor;
  close(): Promise<void>;
}

/** How {@link createClientRegistry} makes clients. */
export interface ClientRegistryOptions {
  /** Reads a credential; `undefined` when it does not exist any more. @throws UnusableCredentialError when it can not be used. */
  load(id: string): Promise<LoadedCredential | undefined>;
  /** @throws UnusableCredentialError when it can not be used. */
  open(credential: LoadedCredential): PushClient;
  /** Puts what guards a credential before a client of it. */
  guard(client: PushClient, credential: CredentialRef): PushClient;
  /** Told of each credential that is found to be gone. */
  onGone?: ((credentialId: string) => void) | undefined;
  /** How long the client of a credential that nobody uses is kept, in milliseconds. @default 3,600,000 */
  idleMs?: number;
  onError: (error: unknown) => void;
  /** A clock that only goes forward, in milliseconds. @default performance.now */
  nowMs?: () => number;
}

/**
 * Makes a registry: one client for each version of a credential, opened at its first use. A lease says which version is
 * the present one, so that a changed credential is used by the next batch that is leased, while batches in flight end
 * with the client that they began with. One that can not be used has a client too, which sends nothing and says why; it is looked
 * at again every now and then, since a master key may be mended without a change of it.
 */
export function createClientRegistry({
  load,
  open,
  guard,
  onGone,
  idleMs = 3_600_000,
  onError,
  nowMs = () => performance.now(),
}: ClientRegistryOptions): ClientRegistry {
  const clients = createShared<PushClient>({ closeOne: (client) => client.close(), idleMs, onError });
  const loading = new Map<string, Promise<LoadedCredential | undefined>>();
  const loaded = new Map<string, LoadedCredential>();
  const unusable = createUnusableClients(guard, nowMs);

  /** All who wait for the same version share one reading of it. */
  function read({ id, version }: CredentialRef): Promise<LoadedCredential | undefined> {
    const key = `${id} ${version}`;
    let reading = loading.get(key);
    if (!reading) {
      reading = load(id).finally(() => loading.delete(key));
      loading.set(key, reading);
    }
    return reading;
  }

  async function currentOf(credential: CredentialRef): Promise<LoadedCredential | undefined> {
    const known = loaded.get(credential.id);
    if (known?.version === credential.version) return known;
    const current = await read(credential);
    if (current) loaded.set(credential.id, current);
    else loaded.delete(credential.id);
    return current;
  }

  async function takeUsable(credential: CredentialRef) {
    const current = await currentOf(credential);
    const key = `${current?.id} ${current?.version}`;
    const taken = current && clients.take(key, () => guard(open(current), current));
    unusable.forget(credential.id);
    if (!taken) onGone?.(credential.id);
    return taken && { client: taken.resource, release: taken.release };
  }

  return {
    async clientFor({ credential }) {
      if (!credential) return undefined;
      const known = unusable.find(credential);
      if (known) return { client: known, release: () => undefined };
      try {
        return await takeUsable(credential);
      } catch (error) {
        if (!(error instanceof UnusableCredentialError)) throw error;
        return { client: unusable.refuse(credential, error), release: () => undefined };
      }
    },
    close: () => clients.close(),
  };
}
