import type { CredentialRef, UnusableCredentialError } from "@fanfare/domain";
import type { PushClient } from "./ports.js";

/** Clients of credentials that can not be used as they are stored: they send nothing, and say why. */
export interface UnusableClients {
  /** The client of a version that was found unusable a moment ago; `undefined`: it is to be looked at again. */
  find(credential: CredentialRef): PushClient | undefined;
  /** Keeps why a version can not be used; its guard stays the same, so that its pauses grow. */
  refuse(credential: CredentialRef, error: UnusableCredentialError): PushClient;
  forget(credentialId: string): void;
}

interface Unusable {
  version: number;
  client: PushClient;
  error: UnusableCredentialError;
  foundAtMs: number;
}

/** How long a credential is taken to be as it was found, in milliseconds; all of its batches come back at about the same time. */
const LOOK_AGAIN_MS = 5_000;

/** Makes an empty set; `guard` is put before each client. */
export function createUnusableClients(
  guard: (client: PushClient, credential: CredentialRef) => PushClient,
  nowMs: () => number,
): UnusableClients {
  const known = new Map<string, Unusable>();

  function open(credential: CredentialRef, error: UnusableCredentialError): Unusable {
    const unusable = { version: credential.version, error, foundAtMs: nowMs() } as Unusable;
    unusable.client = guard(
      refuseAll(() => unusable.error),
      credential,
    );
    known.set(credential.id, unusable);
    return unusable;
  }

  return {
    find({ id, version }) {
      const unusable = known.get(id);
      if (unusable?.version !== version || nowMs() - unusable.foundAtMs >= LOOK_AGAIN_MS) return undefined;
      return unusable.client;
    },
    refuse(credential, error) {
      const unusable = known.get(credential.id);
      if (unusable?.version !== credential.version) return open(credential, error).client;
      Object.assign(unusable, { error, foundAtMs: nowMs() });
      return unusable.client;
    },
    forget: (credentialId) => void known.delete(credentialId),
  };
}

function refuseAll(why: () => UnusableCredentialError): PushClient {
  return {
    prepare: () => ({
      send(_line, settle) {
        const { code, message: detail, advice } = why();
        settle({ kind: "not-sent", blame: "credential", code, detail, advice });
      },
    }),
    close: async () => undefined,
  };
}
