import { webcrypto } from "node:crypto";
import http2, { type Http2SecureServer, type SecureServerOptions } from "node:http2";
import type { AddressInfo } from "node:net";
import * as x509 from "@peculiar/x509";

/** A certificate for localhost that signs itself, made for one test run; PEM. */
export async function selfSignedCertificate(): Promise<{ cert: string; key: string }> {
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  x509.cryptoProvider.set(webcrypto as unknown as Parameters<typeof x509.cryptoProvider.set>[0]);
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: "CN=localhost",
    keys,
    signingAlgorithm: algorithm,
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: "dns", value: "localhost" }])],
  });
  const pkcs8 = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
  return { cert: certificate.toString("pem"), key: x509.PemConverter.encode(pkcs8, "PRIVATE KEY") };
}

/** An HTTP/2 server for tests. */
export interface TestServer {
  server: Http2SecureServer;
  origin: string;
  /** Sessions that are open. */
  sessions: Set<http2.ServerHttp2Session>;
  close(): Promise<void>;
}

/** Starts an HTTP/2 server on a free port that answers each stream as `onStream` does. */
export async function startTestServer(
  options: SecureServerOptions,
  onStream: (stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders, body: string) => void,
): Promise<TestServer> {
  const server = http2.createSecureServer(options);
  const sessions = new Set<http2.ServerHttp2Session>();
  server.on("session", (session) => {
    sessions.add(session);
    session.on("error", () => session.destroy());
    session.on("close", () => sessions.delete(session));
  });
  server.on("stream", (stream, headers) => {
    let body = "";
    stream.on("error", () => stream.destroy());
    stream.on("data", (chunk) => {
      body += String(chunk);
    });
    stream.on("end", () => onStream(stream, headers, body));
  });
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  return {
    server,
    origin: `https://localhost:${(server.address() as AddressInfo).port}`,
    sessions,
    close: () =>
      new Promise((resolve) => {
        for (const session of sessions) session.destroy();
        server.close(() => resolve());
      }),
  };
}
