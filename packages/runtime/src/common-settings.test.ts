import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { z } from "zod";
import { deliverySettings, storeSettings } from "./common-settings.js";
import { parseConfig } from "./parse-config.js";

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "fanfare-settings-"));
});
afterAll(() => rmSync(dir, { recursive: true }));

const stores = z.object(storeSettings);

test.each([
  "postgres://fanfare:pass@localhost:5432/fanfare",
  "postgresql://fanfare:p%40ss%2Fword@[::1]/fanfare?schema=push",
  "postgres://fanfare:p%zz@localhost/fanfare?options=-c%20lock_timeout%3D20s#comment",
  "postgres:///fanfare?host=/var/run/postgresql&user=me@there",
])("%s is taken as it is", (url) => {
  expect(stores.parse({ DATABASE_URL: url, REDIS_URL: "rediss://:p%23ss@redis:6380/1" })).toMatchObject({
    DATABASE_URL: url,
  });
});

test.each(["fanfare:12#hush-secret@db", "fanfare:hush-secret/@db:5432", "fanfare:hush-secret@db:port"])(
  "of a password that cuts its URL short nothing is told, and what to do about it is: %s",
  (rest) => {
    const env = { DATABASE_URL: `postgres://${rest}/f`, REDIS_URL: `redis://${rest}` };
    const parsed = parseConfig(stores, env);
    const problems = parsed.ok ? [] : parsed.problems;
    expect(problems.map((problem) => problem.split(":")[0])).toEqual(["DATABASE_URL", "REDIS_URL"]);
    expect(problems.every((problem) => problem.includes("percent-encoded"))).toBe(true);
    expect(problems.join()).not.toContain("hush-secret");
  },
);

test("a password whose percent signs Redis's client can not decode is told at start", () => {
  const DATABASE_URL = "postgres://x/y";
  const [url, node] = ["redis://u:hush%secret@db", "rediss://u:hush%secret@db:1"];
  for (const env of [{ REDIS_URL: url }, { REDIS_CLUSTER_NODES: node }]) {
    const parsed = parseConfig(stores, { DATABASE_URL, ...env });
    expect(parsed).toEqual({ ok: false, problems: [expect.stringMatching(/^REDIS_/)] });
    expect(JSON.stringify(parsed)).not.toContain("hush");
  }
});

test.each(["p%ffss", "p%80", "p ss", "p\tss"])(
  "a password such as %j, which Postgres's client can not take, is told at start",
  (text) => {
    const parsed = parseConfig(stores, { DATABASE_URL: `postgres://u:hush${text}@db/f` });
    expect(parsed).toEqual({ ok: false, problems: [expect.stringMatching(/^DATABASE_URL: .*percent-encoded/)] });
    expect(JSON.stringify(parsed)).not.toContain("hush");
  },
);

test("URLs are taken without the quotation marks and line ends that tools leave around them", () => {
  const env = { DATABASE_URL: '"postgres://u:p@db/f"', REDIS_URL: "redis://cache\n" };
  expect(stores.parse(env)).toMatchObject({ DATABASE_URL: "postgres://u:p@db/f", REDIS_URL: "redis://cache" });
});

test("the certificate authority is read from its file; what is no such file is told at start", () => {
  const file = (name: string, content: string) => {
    writeFileSync(join(dir, name), content);
    return join(dir, name);
  };
  const delivery = z.object(deliverySettings);
  const [certificate = ""] = rootCertificates;
  const read = (path: string) => parseConfig(delivery, { PROVIDER_CA_FILE: path });
  expect(read(file("ca.pem", certificate))).toMatchObject({ ok: true, config: { PROVIDER_CA_FILE: certificate } });
  expect(read(join(dir, "none.pem"))).toEqual({
    ok: false,
    problems: [`PROVIDER_CA_FILE: the file ${dir}/none.pem does not exist`],
  });
  expect(read(file("key.pem", "hush-secret"))).toEqual({
    ok: false,
    problems: [
      `PROVIDER_CA_FILE: must name a file with certificates in PEM form, which the file ${dir}/key.pem has not`,
    ],
  });
  expect(read(file("damaged.pem", certificate.replace("MII", "MIII")))).toEqual({
    ok: false,
    problems: [expect.stringMatching(/^PROVIDER_CA_FILE: must name a file with certificates in PEM form, which /)],
  });
  expect(read("hush-secret")).toEqual({
    ok: false,
    problems: ["PROVIDER_CA_FILE: must name a file with certificates in PEM form; these 11 characters do not"],
  });
});
