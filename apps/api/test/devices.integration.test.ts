import { addCredentials, type Credentials, type RunningApi, runApi } from "./support.js";

let api: RunningApi;

beforeAll(async () => {
  api = await runApi();
  await addCredentials(api, undefined, "airline");
  await addCredentials(api, undefined, "hotel");
});
afterAll(() => api.close());

const path = "/v1/PushNotifications";
const register = (body: object, as?: Credentials) => api.call("POST", `${path}/DeviceRegistrations`, { as, body });
const phone = (token: string) => ({ provider: "FCM", token });

test("devices are registered for a new user or a known one, listed, fetched and forgotten", async () => {
  const first = await register({ appName: "airline", devices: [phone("a"), { provider: "APN", token: "b" }] });
  expect(first.status).toBe(201);
  const { userId, deviceRegistrations } = first.body;
  expect(deviceRegistrations).toMatchObject([
    { appName: "airline", userId, provider: "FCM", token: "a" },
    { appName: "airline", userId, provider: "APN", token: "b" },
  ]);
  await register({ appName: "hotel", userId, devices: [phone("c")] });
  expect((await api.call("GET", `${path}/Users/${userId}`)).body).toMatchObject({ id: userId, devices: 3 });
  const list = async (query: string) =>
    (await api.call("GET", `${path}/DeviceRegistrations?${query}`)).body.deviceRegistrations.map(
      ({ token }: { token: string }) => token,
    );
  expect(await list(`userId=${userId}`)).toEqual(["c", "b", "a"]);
  expect(await list(`userId=${userId}&appName=hotel`)).toEqual(["c"]);
  expect(await list("appName=nowhere")).toEqual([]);
  const [{ id }] = deviceRegistrations;
  expect((await api.call("GET", `${path}/DeviceRegistrations/${id}`)).body.token).toBe("a");
  expect((await api.call("DELETE", `${path}/DeviceRegistrations/${id}`)).status).toBe(204);
  expect((await api.call("DELETE", `${path}/DeviceRegistrations/${id}`)).status).toBe(404);
  expect(await list(`userId=${userId}`)).toEqual(["c", "b"]);
  expect((await api.call("DELETE", `${path}/Users/${userId}`)).status).toBe(204);
  expect(await api.db.deviceRegistration.count()).toBe(0);
});

test("a token that is registered again moves to that user, within its app", async () => {
  const one = (await register({ appName: "airline", devices: [phone("moving")] })).body;
  const inHotel = (await register({ appName: "hotel", devices: [phone("moving")] })).body;
  const two = (await register({ appName: "airline", devices: [phone("moving")] })).body;
  expect(two.deviceRegistrations[0].id).toBe(one.deviceRegistrations[0].id);
  const devices = async (userId: string) => (await api.call("GET", `${path}/Users/${userId}`)).body.devices;
  expect([await devices(one.userId), await devices(two.userId), await devices(inHotel.userId)]).toEqual([0, 1, 1]);
});

test("the same device twice in a request is one registration, and ten at once for the same token leave one owner", async () => {
  const twice = await register({ appName: "airline", devices: [phone("twice"), phone("twice")] });
  expect(twice.body.deviceRegistrations).toHaveLength(1);
  const answers = await Promise.all(
    Array.from({ length: 10 }, () =>
      register({ appName: "airline", devices: [phone("x"), phone("y"), phone("z")].sort(() => Math.random() - 0.5) }),
    ),
  );
  expect(answers.map(({ status }) => status)).toEqual(Array<number>(10).fill(201));
  expect(await api.db.deviceRegistration.count({ where: { token: { in: ["x", "y", "z"] } } })).toBe(3);
});

test.each([
  [{ appName: "nowhere", devices: [phone("t")] }, 422, "/appName"],
  [
    { appName: "airline", userId: "comms_pushnotificationuser_01h2xcejqtf2nbrexx3vqjhp41", devices: [phone("t")] },
    422,
    "/userId",
  ],
  [{ appName: "airline", userId: "nobody", devices: [phone("t")] }, 400, "/userId"],
  [{ appName: "airline", devices: [] }, 400, "/devices"],
  [{ appName: "airline", devices: Array(51).fill(phone("t")) }, 400, "/devices"],
  [{ appName: "airline", devices: [{ provider: "FCM", token: "a b" }] }, 400, "/devices/0/token"],
  [{ devices: [phone("t")] }, 400, "/appName"],
])("%j is refused with %i, the field is named, no user is made", async (body, status, pointer) => {
  const before = await api.db.user.count();
  const answer = await register(body);
  expect([answer.status, answer.body.errors[0].pointer]).toEqual([status, pointer]);
  expect(await api.db.user.count()).toBe(before);
});
