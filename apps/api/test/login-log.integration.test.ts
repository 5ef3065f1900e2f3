import { type Guarded, inTurn, runGuarded } from "./guarded-api.js";
import { runApi } from "./support.js";

const WARN = 40;
const LIMIT = 5;

interface Line {
  level: number;
  msg: string;
  times?: number;
  [field: string]: unknown;
}

const linesOf = ({ log }: Pick<Guarded, "log">) => log.map((line) => JSON.parse(line) as Line);
const withMessage = (api: Pick<Guarded, "log">, message: string) =>
  linesOf(api).filter(({ msg, level }) => level === WARN && msg.startsWith(message));

/** What the log says of some logins, to the end of the process. */
async function logOf(logins: (api: Guarded) => Promise<unknown>): Promise<Guarded> {
  const api = await runGuarded({ LOGIN_FAILURES_PER_MINUTE: String(LIMIT) });
  await logins(api);
  await api.close();
  return api;
}

/** How often something is said to have happened: once in full, and counted. */
const counted = (lines: readonly Line[]) => lines.reduce((sum, { times = 1 }) => sum + times, 0);

test("a burst from an address has one line in full for its logins and one for its being refused; all are counted", async () => {
  const api = await logOf(async (guarded) => {
    const address = guarded.newAddress();
    await inTurn(30, () => guarded.login({ ...guarded.account, password: "wrong" }, address));
  });
  const failed = withMessage(api, "A login failed");
  const path = "/v1/PushNotifications/Operations";
  const about = { address: "192.0.2.1", user: api.account.user, method: "GET", path };
  expect(failed).toMatchObject([
    { ...about, msg: "A login failed", status: 401, requestId: expect.any(String) },
    { ...about, times: LIMIT - 1 },
  ]);
  const refused = withMessage(api, "An address is refused");
  expect(refused).toMatchObject([{ address: "192.0.2.1", status: 429 }, { times: 30 - LIMIT - 1 }]);
  expect(linesOf(api).filter(({ level }) => level >= WARN)).toHaveLength(4);
});

test("an account that is guessed at from many addresses has a line, and they are not all told one by one", async () => {
  const addresses = 60;
  const api = await logOf((guarded) =>
    inTurn(addresses, () => guarded.login({ ...guarded.account, password: "wrong" }, guarded.newAddress())),
  );
  const guessed = withMessage(api, "Too many logins as one user failed");
  expect(guessed[0]).toMatchObject({ user: api.account.user, status: 429 });
  expect(guessed[0]).not.toHaveProperty("address");
  expect(counted(guessed)).toBe(addresses - LIMIT);
  const failed = linesOf(api).filter(({ msg }) => /^A login failed|^Logins from many other addresses failed/.test(msg));
  expect(failed.length).toBeLessThan(30);
  expect(counted(failed)).toBe(addresses);
});

test("who it claimed to be is told if that is a name", async () => {
  const api = await logOf((guarded) =>
    guarded.login({ user: "hush-password-as-user", password: "x" }, guarded.newAddress()),
  );
  const [line] = withMessage(api, "A login failed");
  expect(line).toMatchObject({ address: "192.0.2.1", status: 401 });
  expect(line).not.toHaveProperty("user");
  expect(api.log.join()).not.toContain("hush-password-as-user");
});

test("of one that came through a proxy that is not believed the line says what to do about it", async () => {
  const api = await runApi();
  const headers = { "x-forwarded-for": "192.0.2.1" };
  await api.call("GET", "/v1/Accounts", { as: { user: "admin", password: "wrong" }, headers });
  const advice = expect.stringContaining("TRUST_PROXY") as string;
  expect(withMessage(api, "A login failed")).toMatchObject([{ address: "127.0.0.1", user: "admin", advice }]);
  await api.close();
});
