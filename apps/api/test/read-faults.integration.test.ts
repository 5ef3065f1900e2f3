import { createTestDatabase, startTcpProxy, type TcpProxy } from "@fanfare/testkit";
import { ROUTES } from "../src/routes.js";
import { type RunningApi, runApi } from "./support.js";

const ULID = "01h2xcejqtf2nbrexx3vqjhp41";
let database: Awaited<ReturnType<typeof createTestDatabase>>;
let proxy: TcpProxy;
let api: RunningApi;
beforeAll(async () => {
  database = await createTestDatabase();
  proxy = await startTcpProxy();
  const times = { STATEMENT_TIMEOUT_MS: "300", CONNECTION_WAIT_MS: "300" };
  api = await runApi({ DATABASE_URL: proxy.before(database.url), ...times }, database.url);
  proxy.set({ kind: "cut" });
});
afterAll(async () => {
  proxy.set({ kind: "pass" });
  await api.close();
  await proxy.end();
  await database.drop();
});

// The operator's password is no row of the database; of an account's token it has to be asked, so that it is no route that fails then.
test.each(ROUTES)(
  "$method $path with the database away is told that nothing was stored only if something was to be",
  async (route) => {
    const target = route.path
      .replace(":accountId", `AC${"0".repeat(31)}1`)
      .replace(":keyId", `SK${"0".repeat(32)}`)
      .replaceAll(/:\w+/g, ULID);
    const as = route.access.includes("operator") ? api.operator : api.account;
    const key = { name: "x", scopes: ["read"] };
    const body = route.path.endsWith("AuthToken") ? {} : route.path.endsWith("Keys") ? key : { name: "x" };
    const answer = await api.call(route.method.toUpperCase(), target, { as, body: route.body && body });
    expect([answer.status, answer.body.code]).toEqual([503, expect.stringMatching(/^(unavailable|outcome-unknown)$/)]);
    if (route.method === "get") expect(answer.body.detail).toBe("The database can not be reached, or not in time.");
    else expect(answer.body.detail).toMatch(/stored/);
  },
);
