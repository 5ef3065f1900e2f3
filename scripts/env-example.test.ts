import { readFileSync } from "node:fs";
import { join } from "node:path";
import { configSchema as api } from "@fanfare/api";
import { configSchema as apnsWorker } from "@fanfare/apns-worker";
import { configSchema as cli } from "@fanfare/cli";
import { configSchema as fanoutWorker } from "@fanfare/fanout-worker";
import { configSchema as fcmWorker } from "@fanfare/fcm-worker";
import { configSchema as simulator } from "@fanfare/simulator";

const text = readFileSync(join(import.meta.dirname, "../.env.example"), "utf8");
const listed = new Map(
  [...text.matchAll(/^(# )?([A-Z][A-Z0-9_]+)=(.*)$/gm)].map(([, off, name, value]) => [
    name ?? "",
    off ? undefined : value,
  ]),
);
const schemas = { api, apnsWorker, cli, fanoutWorker, fcmWorker, simulator };

test(".env.example lists every setting that some process reads, and no other", () => {
  const names = new Set(Object.values(schemas).flatMap((schema) => Object.keys(schema.shape)));
  expect([...listed.keys()].filter((name) => name !== "POSTGRES_PASSWORD").sort()).toEqual([...names].sort());
});

test.each(Object.entries(schemas))("what .env.example says is the default is the default of %s", (_app, schema) => {
  for (const [name, field] of Object.entries(schema.shape)) {
    const { data } = field.safeParse(undefined) as { data?: unknown };
    const value = data === undefined ? undefined : String(data);
    expect([name, listed.get(name)]).toEqual([name, value]);
  }
});
