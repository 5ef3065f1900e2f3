import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

/** A certificate authority and a server certificate for this machine that it signed; all PEM. */
export interface TlsIdentity {
  ca: string;
  cert: string;
  key: string;
}

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const DAYS_VALID = 3_650;

/** Makes a certificate authority of the simulator's own and its server certificate. The authority's key is not kept. */
export async function createTlsIdentity(): Promise<TlsIdentity> {
  // @peculiar/x509 declares the DOM's CryptoKey; Node's is the same thing.
  x509.cryptoProvider.set(webcrypto as unknown as Parameters<typeof x509.cryptoProvider.set>[0]);
  const generate = () => webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const [authority, server] = await Promise.all([generate(), generate()]);
  const validity = { notBefore: new Date(), notAfter: new Date(Date.now() + DAYS_VALID * 86_400_000) };
  const caName = "CN=Fanfare simulator CA";
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity,
    name: caName,
    keys: authority,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    ],
  });
  const cert = await x509.X509CertificateGenerator.create({
    ...validity,
    subject: "CN=localhost",
    issuer: caName,
    publicKey: server.publicKey,
    signingKey: authority.privateKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.SubjectAlternativeNameExtension([
        { type: "dns", value: "localhost" },
        { type: "ip", value: "127.0.0.1" },
        { type: "ip", value: "::1" },
      ]),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
    ],
  });
  const pkcs8 = await webcrypto.subtle.exportKey("pkcs8", server.privateKey);
  const key = x509.PemConverter.encode(pkcs8, "PRIVATE KEY");
  return { ca: ca.toString("pem"), cert: cert.toString("pem"), key };
}
