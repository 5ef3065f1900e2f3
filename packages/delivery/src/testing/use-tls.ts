import { selfSignedCertificate } from "./tls-server.js";

/** What the tests of a `describe` have in common. */
export interface TlsTests {
  /** The certificate of their peers, and its key; PEM. */
  readonly tls: { cert: string; key: string };
  /** Has something done after the test that runs; what was asked for last is done first. */
  afterwards(cleanup: () => unknown): void;
}

/** Makes a certificate for the peers of a `describe`; to be called inside it. */
export function useTls(): TlsTests {
  let tls: { cert: string; key: string };
  const cleanups: (() => unknown)[] = [];
  beforeAll(async () => {
    tls = await selfSignedCertificate();
  });
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });
  return {
    get tls() {
      return tls;
    },
    afterwards: (cleanup) => void cleanups.push(cleanup),
  };
}
