import { noteExchange } from "../../../scripts/test-setup/seen-secrets.js";
import { ofAccount, type RunningApi, runApi } from "./support.js";

// That none is found where an API was closed says something only if one that is there is found.

const key = { name: "k", scopes: ["read"] };

test("what was presented is found as it went over the wire", async () => {
  const api = await runApi();
  const presented = Buffer.from(`admin:${api.operator.password}`).toString("base64");
  await api.call("GET", "/v1/Accounts", { as: api.operator });
  api.log.push(`{"msg":"Basic ${presented}"}`);
  await expect(api.close()).rejects.toThrow("Secrets where they must not be");
});

// A refusal is remembered: it comes last.
test.each<[string, (api: RunningApi, secret: string) => unknown]>([
  ["a table", (api, secret) => api.db.account.updateMany({ data: { name: `x${secret}` } })],
  ["the log", (api, secret) => api.log.push(`{"msg":"${secret}"}`)],
  ["a refusal", (_api, secret) => noteExchange({ authorization: undefined, sent: "", status: 400, got: secret })],
])("a secret that was handed out is found in %s", async (_where, put) => {
  const api = await runApi();
  const { body } = await api.call("POST", ofAccount(api.account, "/Keys"), { body: key });
  await put(api, body.secret);
  await expect(api.close()).rejects.toThrow("Secrets where they must not be");
});
