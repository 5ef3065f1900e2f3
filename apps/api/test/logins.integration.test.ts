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
    const right = await api.ask(stranger, address);
    expect([right.status, right.body.code]).toEqual([429, "too-many-failed-logins"]);
    const seconds = Number(right.headers.get("retry-after"));
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
    expect([await api.login(key, address), await api.login(other, address)]).toEqual([200, 429]);
    // Another secret for the same key is a guess.
    expect(await api.login(wrong(key), address)).toBe(429);
    await api.call("DELETE", ofAccount(account, `/Keys/${key.user}`), { as: account });
    expect([await api.login(key, address), await api.login(key, address)]).toEqual([401, 429]);
  });

  test("that says nothing of who it is guesses nothing", async () => {
    const address = api.newAddress();
    const ask = () => fetch(`${api.url}/v1/Accounts`, { headers: { "x-forwarded-for": address } });
    const answers = await inTurn(10, async () => (await ask()).status);
    expect(answers).toEqual(Array.from({ length: 10 }, () => 401));
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

  test("counts the guesses at its keys as its own, and those of its keys' past", async () => {
    const account = await api.newAccount();
    const [key, revoked] = [await aKeyOf(account), await aKeyOf(account)];
    await api.call("DELETE", ofAccount(account, `/Keys/${revoked.user}`), { as: account });
    expect(await guessFromManyAddresses(wrong(key), 3)).toEqual([401, 401, 401]);
    expect(await guessFromManyAddresses(revoked, 3)).toEqual([401, 401, 429]);
    expect(await guessFromManyAddresses(wrong(account), 1)).toEqual([429]);
    expect(await api.login(key, api.newAddress())).toBe(200);
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
