import { until } from "@fanfare/testkit";
import { type Guarded, inTurn, runGuarded } from "./guarded-api.js";
import { type Credentials, ofAccount } from "./support.js";

// Five wrong logins a minute, and addresses at will.
let api: Guarded;
beforeAll(async () => {
  api = await runGuarded({ LOGIN_FAILURES_PER_MINUTE: "5" });
});
afterAll(() => api.close());

const wrong = ({ user }: Credentials): Credentials => ({ user, password: "wrong" });

/** A key of an account, made over the API. */
async function aKeyOf(as: Credentials, scopes = ["read"]): Promise<Credentials> {
  const { body } = await api.call("POST", ofAccount(as, "/Keys"), { as, body: { name: "k", scopes } });
  return { user: body.id, password: body.secret };
}

/** Presents wrong credentials from one new address each. */
const guessFromManyAddresses = (as: Credentials, times: number) => inTurn(times, () => api.login(as, api.newAddress()));

describe("an address", () => {
  test("is refused after its wrong logins of a minute, with 429 and when to come back; others are not", async () => {
    const [account, stranger] = [await api.newAccount(), await api.newAccount()];
    const address = api.newAddress();
    const statuses = await inTurn(7, () => api.login(wrong(account), address));
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429]);
    const refused = await api.ask(wrong(account), address);
    expect([refused.status, refused.body.code]).toEqual([429, "too-many-failed-logins"]);
    const seconds = Number(refused.headers.get("retry-after"));
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(60);
    expect(await api.login(stranger, api.newAddress())).toBe(200);
    expect(await api.login(wrong(stranger), api.newAddress())).toBe(401);
  });

  test("that is refused may still present what was right before, until it is revoked", async () => {
    const [account, other] = [await api.newAccount(), await api.newAccount()];
    const key = await aKeyOf(account);
    const address = api.newAddress();
    expect(await api.login(key, api.newAddress())).toBe(200);
    await inTurn(6, () => api.login(wrong(other), address));
    expect(await inTurn(10, () => api.login(key, address))).toEqual(Array.from({ length: 10 }, () => 200));
    await api.call("DELETE", ofAccount(account, `/Keys/${key.user}`), { as: account });
    expect(await inTurn(3, () => api.login(key, address))).toEqual([429, 429, 429]);
  });

  test("that is refused may present what is new now and then, beside one that repeats a wrong secret", async () => {
    const [account, other] = [await api.newAccount(), await api.newAccount()];
    const address = api.newAddress();
    await inTurn(6, () => api.login(wrong(other), address));
    const keys = await Promise.all(Array.from({ length: 10 }, () => aKeyOf(account)));
    const atOnce = await Promise.all(keys.map((key) => api.login(key, address)));
    expect(new Set(atOnce)).toEqual(new Set([200, 429]));
    for (const key of keys.slice(0, 3)) {
      await until(async () => {
        expect(await api.login(wrong(other), address)).toBe(429);
        return (await api.login(key, address)) === 200;
      });
    }
  });

  test("that is refused may not present the operator's password, which people choose", async () => {
    const shared = { FANFARE_AUTH_TOKEN: api.account.password, FANFARE_ADMIN_PASSWORD: api.operator.password };
    const settings = { ...shared, FANFARE_DATA_DIR: api.dataDir, LOGIN_FAILURES_PER_MINUTE: "5" };
    const other = await runGuarded(settings, api.databaseUrl);
    const operator = api.operator;
    const address = other.newAddress();
    await inTurn(6, () => other.login(wrong(operator), address));
    expect(await inTurn(3, () => other.login(operator, address))).toEqual([429, 429, 429]);
    expect(await other.login(operator, other.newAddress())).toBe(200);
    await other.close();
  });

  test("that says nothing of who it is guesses nothing", async () => {
    const address = api.newAddress();
    const ask = () => fetch(`${api.url}/v1/Accounts`, { headers: { "x-forwarded-for": address } });
    const answers = await inTurn(10, async () => (await ask()).status);
    expect(answers).toEqual(Array.from({ length: 10 }, () => 401));
  });

  test("has no more answers of 401 when all come at once", async () => {
    const account = await api.newAccount();
    const address = api.newAddress();
    const guess = (index: number) => ({ user: `AC${String(index).padStart(32, "0")}`, password: "x" });
    const statuses = await Promise.all(Array.from({ length: 60 }, (_, index) => api.login(guess(index), address)));
    expect(statuses.filter((status) => status === 401)).toHaveLength(5);
    expect(await api.login(account, api.newAddress())).toBe(200);
  });

  test("is one address whatever port its proxy writes behind it", async () => {
    const account = await api.newAccount();
    const statuses = await inTurn(6, (index) => api.login(wrong(account), `198.51.100.1:${40_000 + index}`));
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
    expect(await api.login(account, "198.51.100.2:40000")).toBe(200);
  });

  test("of IPv6 is counted with its network", async () => {
    const account = await api.newAccount();
    const statuses = await inTurn(6, (index) => api.login(wrong(account), `2001:db8:1:2::${index + 1}`));
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
  });
});

describe("an account", () => {
  test("that was guessed at too often from many addresses answers guesses with 429, and right credentials as ever", async () => {
    const [account, other] = [await api.newAccount(), await api.newAccount()];
    const key = await aKeyOf(account);
    expect(await guessFromManyAddresses(wrong(account), 7)).toEqual([401, 401, 401, 401, 401, 429, 429]);
    const guess = await api.ask(wrong(account), api.newAddress());
    expect([guess.status, guess.body.code]).toEqual([429, "too-many-failed-logins"]);
    expect(Number(guess.headers.get("retry-after"))).toBeGreaterThan(0);
    for (const as of [account, key]) expect(await api.login(as, api.newAddress())).toBe(200);
    expect(await guessFromManyAddresses(wrong(other), 1)).toEqual([401]);
  });

  test("and its keys, revoked ones too, are counted each for itself, so that the answers do not tell whose they are", async () => {
    const account = await api.newAccount();
    const [key, revoked] = [await aKeyOf(account), await aKeyOf(account)];
    await api.call("DELETE", ofAccount(account, `/Keys/${revoked.user}`), { as: account });
    const asOfOne = [401, 401, 401, 401, 401, 429];
    for (const guess of [wrong(key), revoked, wrong(account)]) {
      expect(await guessFromManyAddresses(guess, 6)).toEqual(asOfOne);
    }
    for (const as of [account, key]) expect(await api.login(as, api.newAddress())).toBe(200);
  });

  test("that is not there is answered as one that is", async () => {
    for (const user of [`AC${"e".repeat(32)}`, `SK${"e".repeat(32)}`]) {
      expect(await guessFromManyAddresses({ user, password: "x" }, 6)).toEqual([401, 401, 401, 401, 401, 429]);
    }
  });

  test("of the operator is guarded as all others", async () => {
    expect(await guessFromManyAddresses(wrong(api.operator), 6)).toEqual([401, 401, 401, 401, 401, 429]);
    expect((await api.ask(api.operator, api.newAddress())).status).toBe(200);
  });
});
