import { randomBytes } from "node:crypto";
import { parseConfig } from "@fanfare/runtime";
import { piecesIn } from "@fanfare/testkit";
import fc from "fast-check";
import { CONFIG_SCHEMAS } from "./test-setup/config-schemas.js";

/** A secret that is given to the wrong setting, or in the wrong form. */
const around = [
  ...["%", "/%", "./%", "~/%", "file:///%", '"%"', "{%}", "%\n%", "postgres://u:%@db/f", "postgres://u:pa/%@db"],
  ...[
    "redis://:%#%@host",
    "redis://u:%@h:port",
    "https://u:%@host",
    "https://u:%@host/key.pem",
    "//u:%@h/a.json",
    "https://u:%",
    "http://%@",
    "%:6379",
    "%@h:1,%",
  ],
  ...["-----BEGIN PRIVATE KEY-----\n%\n-----END PRIVATE KEY-----", "1%", "AC%", "mysql://u:%@h"],
];

const secrets = fc.record({
  secret: fc.nat({ max: 100 }).map((bytes) => randomBytes(bytes + 9).toString("base64url")),
  form: fc.constantFrom(...around),
});

const settings = Object.entries(CONFIG_SCHEMAS).flatMap(([app, schema]) =>
  Object.keys(schema.shape).map((name) => [name, app, schema] as const),
);

test.each(settings)("a secret given as %s of %s is not in what is said of it", (name, _app, schema) => {
  fc.assert(
    fc.property(secrets, ({ secret, form }) => {
      const parsed = parseConfig(schema, { DATABASE_URL: "postgres://x/y", [name]: form.replaceAll("%", secret) });
      expect(parsed.ok ? [] : piecesIn(parsed.problems.join("\n"), secret)).toEqual([]);
    }),
    { numRuns: 60 },
  );
});
