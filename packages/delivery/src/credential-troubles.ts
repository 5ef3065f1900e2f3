import type { WaitReason } from "@fanfare/domain";

/** Why pushes of a credential do not go out. */
export interface Trouble extends WaitReason {
  version: number;
  since: Date;
  /** Whether it keeps all of them, or some. */
  keeps: "all" | "some";
}

/** The troubles of a worker's credentials, each for as long as something confirms it. */
export interface CredentialTroubles {
  /** Tells that there is a version; what is said of older ones is not heard any more. */
  see(id: string, version: number): void;
  /** Reports or confirms what keeps pushes of a version; `false`: there is a newer one. */
  report(id: string, version: number, reason: WaitReason & { since?: Date }, keeps: Trouble["keeps"]): boolean;
  /** A push of a version failed in a way that may be a neighbour's alone; whether so much time passed without any that went out that it is not. */
  fail(id: string, version: number): boolean;
  /** A push of a version went out: what kept all of them, also of the versions before, is over. */
  end(id: string, version: number): Trouble | undefined;
  forget(id: string): void;
  /** Those of the newest versions that something confirmed lately, with the id of each. */
  current(): [id: string, trouble: Trouble][];
}

/** What waits for a credential comes back at least once a minute: by then trouble is confirmed, or it is nobody's any more. */
const CONFIRMED_WITHIN_MS = 150_000;

/** Failures without any push that went out, for so long, are the credential's or the provider's as a whole. */
const FAILING_FOR_MS = 5_000;

interface Known {
  newest: number;
  heardAtMs: number;
  failingSinceMs?: number | undefined;
  /** By what they keep. */
  troubles: { all?: Trouble | undefined; some?: Trouble | undefined };
}

/** Makes an empty set; the clock only goes forward, in milliseconds. */
export function createCredentialTroubles(nowMs: () => number): CredentialTroubles {
  const known = new Map<string, Known>();

  function hear(id: string, version: number): Known | undefined {
    const found = known.get(id) ?? { newest: version, heardAtMs: 0, troubles: {} };
    if (version < found.newest) return undefined;
    found.newest = version;
    found.heardAtMs = nowMs();
    known.set(id, found);
    return found;
  }

  return {
    see: (id, version) => void hear(id, version),
    report(id, version, { code, detail, since: begunAt = new Date() }, keeps) {
      const found = hear(id, version);
      if (!found) return false;
      const before = found.troubles[keeps];
      const since = before?.version === version ? before.since : begunAt;
      found.troubles[keeps] = { version, code, detail, since, keeps };
      return true;
    },
    fail(id, version) {
      const found = hear(id, version);
      if (!found) return false;
      found.failingSinceMs ??= nowMs();
      return nowMs() - found.failingSinceMs >= FAILING_FOR_MS;
    },
    end(id, version) {
      const found = known.get(id);
      if (!found || version < found.newest) return undefined;
      found.failingSinceMs = undefined;
      const { all } = found.troubles;
      found.troubles.all = undefined;
      return all;
    },
    forget: (id) => void known.delete(id),
    current() {
      const now = nowMs();
      for (const [id, { heardAtMs }] of known) if (now - heardAtMs > CONFIRMED_WITHIN_MS) known.delete(id);
      return [...known].flatMap(([id, { newest, troubles }]) =>
        Object.values(troubles).flatMap((trouble): [string, Trouble][] =>
          trouble?.version === newest ? [[id, trouble]] : [],
        ),
      );
    },
  };
}
