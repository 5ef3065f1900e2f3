import type { LookupAddress } from "node:dns";
import { freePort } from "@fanfare/testkit";
import type { PushSession } from "./push-session.js";
import { createRotatingLookup } from "./rotating-lookup.js";
import { SESSION_OPENERS } from "./session-openers.js";
import { startFramePeer } from "./testing/frame-peer.js";
import { selfSignedCertificate } from "./testing/tls-server.js";

const addresses = ["10.0.0.1", "10.0.0.2", "10.0.0.3"].map((address) => ({ address, family: 4 }));

test("each connection asks anew, and begins with the next address", () => {
  const asked: string[] = [];
  const lookup = createRotatingLookup((hostname, _options, callback) => {
    asked.push(hostname);
    callback(null, addresses);
  });
  const firsts: string[] = [];
  for (let connection = 0; connection < 4; connection++) {
    lookup("api.push.apple.com", { all: true }, (_error, found) => {
      const list = found as LookupAddress[];
      expect(list).toHaveLength(3);
      firsts.push(list[0]?.address ?? "");
    });
  }
  lookup("api.push.apple.com", {}, (_error, address) => firsts.push(address as string));
  expect(firsts).toEqual(["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.1", "10.0.0.2"]);
  expect(asked).toHaveLength(5);
});

test("a name that can not be resolved is an error", () => {
  const failing = createRotatingLookup((_hostname, _options, callback) => callback(new Error("ENOTFOUND"), []));
  failing("nowhere", { all: true }, (error) => expect(error?.message).toBe("ENOTFOUND"));
});

test("hosts that are connected to in turn have each their own rotation", () => {
  const lookup = createRotatingLookup((_hostname, _options, callback) => callback(null, addresses.slice(0, 2)));
  const found: Record<string, unknown[]> = { sandbox: [], production: [] };
  for (const hostname of ["sandbox", "production", "sandbox", "production"]) {
    lookup(hostname, {}, (_error, address) => found[hostname]?.push(address));
  }
  expect(found).toEqual({ sandbox: ["10.0.0.1", "10.0.0.2"], production: ["10.0.0.1", "10.0.0.2"] });
});

test.each(Object.entries(SESSION_OPENERS))(
  "%s sessions are spread over the addresses of the host, resolved anew for each",
  async (_name, open) => {
    const tls = await selfSignedCertificate();
    const port = await freePort();
    const first = await startFramePeer(tls, {}, { host: "127.0.0.1", port });
    const second = await startFramePeer(tls, {}, { host: "127.0.0.2", port });
    let resolved = 0;
    const lookup = createRotatingLookup((_hostname, _options, callback) => {
      resolved++;
      callback(null, [
        { address: "127.0.0.1", family: 4 },
        { address: "127.0.0.2", family: 4 },
      ]);
    });
    const sessions: PushSession[] = [];
    for (let session = 0; session < 4; session++) {
      const options = { origin: first.origin, ca: tls.cert, lookup };
      sessions.push(await open(options, { onChange: () => undefined }));
    }
    expect([first, second].map(({ connections }) => connections.length)).toEqual([2, 2]);
    expect(resolved).toBe(4);
    await Promise.all([...sessions.map((session) => session.close()), first.close(), second.close()]);
  },
);
