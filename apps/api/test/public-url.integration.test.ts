import { addCredentials, aSend, type RunningApi, runApi } from "./support.js";

const path = "/v1/PushNotifications";
let api: RunningApi | undefined;
afterEach(async () => {
  await api?.close();
});

async function sendWith(env: Record<string, string>, headers: Record<string, string> = {}) {
  api = await runApi(env);
  await addCredentials(api);
  const { call } = api;
  const sent = await call("POST", path, { body: aSend(), headers });
  const { body } = await call("GET", `${path}/Operations?pageSize=1`, { headers });
  return { status: sent.status, location: sent.headers.get("location"), sent: sent.body, self: body.pagination.self };
}

test.each([
  ["https://日本.example", "https://xn--wgv71a.example"],
  ["https://example.com/å/", "https://example.com/%C3%A5"],
])("a PUBLIC_URL of %s stands in answers and headers in the form that both can carry", async (publicUrl, url) => {
  const { status, location, sent, self } = await sendWith({ PUBLIC_URL: publicUrl });
  expect(status).toBe(202);
  expect(location).toBe(`${url}${path}/Operations/${sent.operationId}`);
  expect(sent.operationLocation).toBe(location);
  expect(self).toBe(`${url}${path}/Operations?pageSize=1`);
});

test.each([
  ["https", "https"],
  ["javascript", "http"],
  ["x://y", "http"],
])("a trusted proxy whose caller came by %s has URLs that begin with %s", async (claimed, protocol) => {
  const { location, self } = await sendWith({ TRUST_PROXY: "loopback" }, { "x-forwarded-proto": claimed });
  expect(location).toMatch(new RegExp(`^${protocol}://127.0.0.1:\\d+/v1/`));
  expect(self).toMatch(new RegExp(`^${protocol}://127.0.0.1:\\d+/v1/`));
});
