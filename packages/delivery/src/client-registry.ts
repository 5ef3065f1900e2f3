import type { CredentialRef } from "@fanfare/domain";
import type { ClientSource, LoadedCredential, PushClient } from "./ports.js";
import { createShared } from "./shared-resources.js";

/** The clients of a worker's credentials. Whoever makes it closes it. */
export interface ClientRegistry extends ClientSource {
  close(): Promise<void>;
}

/** How {@link createClientRegistry} makes clients. */
export interface ClientRegistryOptions {
  /** Reads a credential; `undefined` when it does not exist any more. */
  load(id: string): Promise<LoadedCredential | undefined>;
  open(credential: LoadedCredential): PushClient;
  /** How long the client of a credential that nobody uses is kept, in milliseconds. @default 3,600,000 */
  idleMs?: number;
  onError: (error: unknown) => void;
}

/**
 * Makes a registry: one client for each version of a credential, opened at its first use. A lease says which version is
 * the present one, so that a changed credential is used by the next batch that is leased, while batches in flight end
 * with the client that they began with.
 */
export function createClientRegistry({
  load,
  open,
  idleMs = 3_600_000,
  onError,
}: ClientRegistryOptions): ClientRegistry {
  const clients = createShared<PushClient>({ closeOne: (client) => client.close(), idleMs, onError });
  const loading = new Map<string, Promise<LoadedCredential | undefined>>();
  const loaded = new Map<string, LoadedCredential>();

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

  return {
    async take(credential) {
      let known = loaded.get(credential.id);
      if (known?.version !== credential.version) {
        known = await read(credential);
        if (!known) {
          loaded.delete(credential.id);
          return undefined;
        }
        loaded.set(credential.id, known);
      }
      const current = known;
      const { resource, release } = clients.take(`${current.id} ${current.version}`, () => open(current));
      return { client: resource, release };
    },
    close: () => clients.close(),
  };
}
