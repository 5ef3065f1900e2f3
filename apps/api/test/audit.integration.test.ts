import { addCredentials, ofAccount, type RunningApi, runApi } from "./support.js";

interface AuditEvent {
  actor: string;
  action: string;
  target: string;
  createdAt: string;
}

let api: RunningApi;
beforeAll(async () => {
  api = await runApi();
  await addCredentials(api);
});
afterAll(() => api.close());

test("the audit log says who did what to which account, key and credential", async () => {
  const account = await api.newAccount();
  const key = (
    await api.call("POST", ofAccount(account, "/Keys"), { as: account, body: { name: "k", scopes: ["admin"] } })
  ).body;
  const asKey = { user: key.id, password: key.secret };
  await addCredentials(api, asKey);
  const { body } = await api.call("GET", ofAccount(account, "/Audit"), { as: account });
  expect(body.auditEvents.map(({ actor, action }: { actor: string; action: string }) => [actor, action])).toEqual([
    [key.id, "credential.created"],
    [key.id, "credential.created"],
    [account.user, "api-key.created"],
    ["admin", "account.created"],
  ]);
  const all = await api.call("GET", "/v1/Audit?pageSize=1000", { as: api.operator });
  expect(all.body.auditEvents.length).toBeGreaterThan(body.auditEvents.length);
});

test("what changes nothing has no entry, and what is done twice has one", async () => {
  const account = await api.newAccount();
  const as = api.operator;
  const made = await api.call("POST", ofAccount(account, "/Keys"), { as, body: { name: "k", scopes: ["read"] } });
  const change = (body: object) => api.call("PATCH", ofAccount(account), { as, body });
  for (const body of [{ name: "other" }, { name: "other" }, { status: "SUSPENDED" }, { status: "SUSPENDED" }])
    await change(body);
  await change({ name: "third", status: "ACTIVE" });
  for (let times = 0; times < 2; times++)
    await api.call("DELETE", ofAccount(account, `/Keys/${made.body.id}`), { as: account });
  await api.call("DELETE", ofAccount(account, `/Keys/SK${"0".repeat(32)}`), { as: account });
  await api.call("POST", ofAccount(account, "/AuthToken"), { as: account, body: { previousValidSeconds: -1 } });
  const { body } = await api.call("GET", ofAccount(account, "/Audit"), { as });
  const entries = body.auditEvents.map(({ actor, action }: { actor: string; action: string }) => `${actor} ${action}`);
  expect(entries.reverse()).toEqual([
    ...["admin account.created", "admin api-key.created", "admin account.updated", "admin account.suspended"],
    ...["admin account.updated", "admin account.resumed", `${account.user} api-key.revoked`],
  ]);
});

test("a change that can not be put into the audit log is not made", async () => {
  const account = await api.newAccount();
  const keysOf = async () => (await api.call("GET", ofAccount(account, "/Keys"), { as: account })).body.keys.length;
  const create = () =>
    api.call("POST", ofAccount(account, "/Keys"), { as: account, body: { name: "k", scopes: ["read"] } });
  await api.db.$executeRaw`alter table audit_events add constraint no_more check (target is null) not valid`;
  expect((await create()).status).toBe(500);
  await api.db.$executeRaw`alter table audit_events drop constraint no_more`;
  expect(await keysOf()).toBe(0);
  expect((await create()).status).toBe(201);
});

test("the settings' account and provider keys are in the audit log too", async () => {
  const { body } = await api.call("GET", `${ofAccount(api.account, "/Audit")}?actor=environment`);
  expect(body.auditEvents.at(-1)).toMatchObject({
    ...{ actor: "environment", action: "account.created", target: api.account.user, address: null },
  });
});

test.each([
  ["actor=admin", (event: AuditEvent) => event.actor === "admin"],
  ["action=api-key.created", (event: AuditEvent) => event.action === "api-key.created"],
  ["target=:account", (event: AuditEvent, account: string) => event.target === account],
  ["createdAfter=2027-01-01T00:00:00Z", (event: AuditEvent) => event.createdAt >= "2027"],
  ["createdBefore=2026-01-01T00:00:00Z", (event: AuditEvent) => event.createdAt < "2026"],
])(
  "the audit log by %s is what fits of all of it, in pages too, for an account and for the operator",
  async (query, fits) => {
    for (const [path, as] of [
      [ofAccount(api.account, "/Audit"), api.account],
      ["/v1/Audit", api.operator],
    ] as const) {
      const all = (await api.call("GET", `${path}?pageSize=1000`, { as })).body.auditEvents as AuditEvent[];
      const found: AuditEvent[] = [];
      const filter = query.replace(":account", api.account.user);
      for (let next: string | null = `${path}?pageSize=3&${filter}`; next !== null; ) {
        const { body } = await api.call("GET", next, { as });
        found.push(...body.auditEvents);
        next = body.pagination.next?.slice(api.url.length) ?? null;
      }
      expect(found).toEqual(all.filter((event) => fits(event, api.account.user)));
    }
  },
);

test.each([
  ["action=nothing", "action"],
  ["actor=", "actor"],
  [`target=${"x".repeat(129)}`, "target"],
  ["createdAfter=yesterday", "createdAfter"],
  ["user=x", "user"],
])("an audit log by %s is refused, and the parameter is named", async (query, name) => {
  for (const [path, as] of [
    [ofAccount(api.account, "/Audit"), api.account],
    ["/v1/Audit", api.operator],
  ] as const) {
    const answer = await api.call("GET", `${path}?${query}`, { as });
    expect([answer.status, answer.body.errors[0].pointer]).toEqual([400, `/${name}`]);
  }
});
