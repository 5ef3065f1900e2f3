import { type CredentialRef, formatId, mintRowId } from "@fanfare/domain";
import { createCredentialWatch } from "./credential-watch.js";

const credential: CredentialRef = { id: mintRowId(), version: 3, type: "FCM" };
const name = formatId("credential", credential.id);
const since = new Date("2026-01-01T00:00:00Z");
const pause = { code: "OAUTH_INVALID_GRANT", detail: "Refused.", advice: "Change it.", since };
const away = { code: "NO_ACCESS_TOKEN", detail: "It answered HTTP 503.", advice: "Look at the way to it." };

function aWatch() {
  const lines: { level: string; fields: object; message: string }[] = [];
  const clock = { ms: 0 };
  const log = (level: string) => (fields: object, message: string) => void lines.push({ level, fields, message });
  const watch = createCredentialWatch(
    { info: log("info"), warn: log("warn"), error: log("error") },
    () => undefined,
    () => clock.ms,
  );
  return { watch, lines, clock };
}

test("a pause is told with the credential, its version, why, and what to do; its end as well", () => {
  const { watch, lines } = aWatch();
  const told = watch.of(credential);
  told.onPaused({ ...pause, inFlight: 2 });
  expect(watch.describe()).toBe(
    `nothing is sent with ${name}: OAUTH_INVALID_GRANT (Refused.) since 2026-01-01T00:00:00.000Z`,
  );
  told.onResumed(pause);
  expect(watch.describe()).toBeUndefined();
  const { code, detail, advice } = pause;
  expect(lines).toMatchObject([
    { level: "error", fields: { credential: name, version: 3, code, detail, advice, inFlight: 2 } },
    { level: "info", fields: { credential: name, version: 3, code } },
  ]);
});

test("what keeps calls from being made is named until one is answered", () => {
  const { watch, lines } = aWatch();
  const told = watch.of(credential);
  told.onHindered(away);
  told.onHindered(away);
  expect(watch.describe()).toContain(`${name}: NO_ACCESS_TOKEN (It answered HTTP 503.)`);
  told.onServed();
  told.onServed();
  expect(watch.describe()).toBeUndefined();
  // The brake behind it counts what says the same of the same credential.
  expect(lines.map(({ level }) => level)).toEqual(["warn", "warn", "info"]);
});

test("an end that comes again and again is told once in ten seconds", () => {
  const { watch, lines, clock } = aWatch();
  const told = watch.of(credential);
  const comeAndGo = () => {
    told.onHindered(away);
    told.onServed();
  };
  for (let time = 0; time < 5; time++) comeAndGo();
  clock.ms += 10_000;
  comeAndGo();
  expect(lines.filter(({ level }) => level === "info")).toHaveLength(2);
});

test("a key that can not sign is not said to be refused by the provider", () => {
  const { watch, lines } = aWatch();
  watch.of(credential).onPaused({ ...pause, code: "KEY_CAN_NOT_SIGN", inFlight: 0 });
  expect(lines.map(({ message }) => message)).toEqual(["A credential can not be used: it is paused"]);
});

test("a changed credential begins without the trouble of the version before, whose end is told once the new one serves", () => {
  const { watch, lines } = aWatch();
  watch.of(credential).onPaused({ ...pause, inFlight: 0 });
  const newer = watch.of({ ...credential, version: 4 });
  expect(watch.describe()).toBeUndefined();
  newer.onServed();
  expect(lines.at(-1)).toMatchObject({ level: "info", fields: { code: pause.code, version: 4 } });
});

test("what an older version still gets answered tells nothing of the one after it", () => {
  const { watch, lines } = aWatch();
  const older = watch.of(credential);
  const newer = watch.of({ ...credential, version: 4 });
  newer.onHindered(away);
  older.onServed();
  older.onPaused({ ...pause, inFlight: 0 });
  older.onHindered({ ...away, code: "ECONNREFUSED" });
  expect(watch.describe()).toContain("NO_ACCESS_TOKEN");
  expect(lines).toHaveLength(1);
});

test("trouble that nothing confirms for two and a half minutes is nobody's any more, and one that is gone has none", () => {
  const { watch, clock } = aWatch();
  const told = watch.of(credential);
  told.onHindered(away);
  clock.ms += 150_000;
  told.onHindered(away);
  clock.ms += 150_000;
  expect(watch.describe()).toContain(name);
  clock.ms += 1;
  expect(watch.describe()).toBeUndefined();
  told.onHindered(away);
  watch.forget(credential.id);
  expect(watch.describe()).toBeUndefined();
});

test("pushes that fail are a credential's trouble once none of them went out for five seconds", () => {
  const { watch, lines, clock } = aWatch();
  const told = watch.of(credential);
  const failure = { code: "UNAVAILABLE", detail: "FCM is overloaded." };
  told.onFailing(failure);
  clock.ms += 4_999;
  told.onFailing(failure);
  told.onServed();
  clock.ms += 1;
  told.onFailing(failure);
  expect([watch.describe(), lines]).toEqual([undefined, []]);
  clock.ms += 5_000;
  told.onFailing(failure);
  expect(watch.describe()).toContain(`nothing is sent with ${name}: UNAVAILABLE (FCM is overloaded.)`);
  expect(lines).toMatchObject([
    { level: "warn", fields: { credential: name, code: "UNAVAILABLE", advice: expect.stringMatching(/\.$/) } },
  ]);
});

test("pushes that are refused for another key are told beside those that go out", () => {
  const { watch, lines } = aWatch();
  const told = watch.of(credential);
  told.onPartlyRefused({ code: "THIRD_PARTY_AUTH_ERROR", detail: "The APNs key is wrong.", advice: "Mend it." });
  told.onServed();
  expect(watch.describe()).toContain(`some is refused with ${name}: THIRD_PARTY_AUTH_ERROR`);
  expect(lines).toMatchObject([{ level: "error", fields: { advice: "Mend it." } }]);
});

test("of very many credentials in trouble a hundred are named, and the others counted", () => {
  const { watch } = aWatch();
  for (let index = 0; index < 103; index++) watch.of({ ...credential, id: mintRowId() }).onHindered(away);
  expect(watch.describe()?.match(/NO_ACCESS_TOKEN/g)).toHaveLength(100);
  expect(watch.describe()).toMatch(/, and 3 more$/);
});
