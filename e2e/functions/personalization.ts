import { stack } from "./stack.js";

/** Sends, waits for the end, and returns the notifications in the order of the request. */
async function sendAll(body: object) {
  const { operationId } = await stack.api.send(body);
  const stats = await stack.completed(operationId);
  const listed = await stack.api.notifications(operationId, 100);
  return { operationId, stats, notifications: await Promise.all(listed.map(({ id }) => stack.api.notification(id))) };
}

test("each recipient gets its own text in every field, at both providers, and the record shows it", async () => {
  const variables = { name: "Ada", gate: { letter: "A", number: 1 }, bags: ["red", "blue"] };
  const { stats, notifications } = await sendAll({
    to: [
      { provider: "FCM", token: "liquid-fcm", variables },
      { provider: "APN", token: "liquid-apn", variables },
      { provider: "FCM", token: "liquid-nobody" },
    ],
    content: {
      title: "Boarding, {{ name | default: 'traveller' }}",
      body: "Gate {{ gate.letter }}{{ gate.number }}{% for bag in bags %}, {{ bag }} bag{% endfor %}",
      data: { gate: "{{ gate.letter | downcase }}" },
      images: ["https://example.com/{{ name | default: 'x' }}.png"],
    },
    sound: "{{ name | default: 'ring' | downcase }}",
    collapseKey: "boarding-{{ name | default: 'any' }}",
    tags: { name: "{{ name | default: 'none' }}" },
  });
  expect(stats).toMatchObject({ sent: 3, failed: 0 });
  const [fcm] = await stack.received("liquid-fcm");
  expect(fcm?.payload).toMatchObject({
    notification: { title: "Boarding, Ada", body: "Gate A1, red bag, blue bag", image: "https://example.com/Ada.png" },
    data: { gate: "a" },
    android: { collapse_key: "boarding-Ada", notification: { sound: "ada", tag: "boarding-Ada" } },
  });
  const [apn] = await stack.received("liquid-apn");
  expect(apn?.payload).toMatchObject({
    aps: { alert: { title: "Boarding, Ada", body: "Gate A1, red bag, blue bag" }, sound: "ada" },
    gate: "a",
  });
  expect(apn?.headers["apns-collapse-id"]).toBe("boarding-Ada");
  const [nobody] = await stack.received("liquid-nobody");
  expect(nobody?.payload.notification).toMatchObject({ title: "Boarding, traveller", body: "Gate " });
  expect(notifications.map(({ content, sound, tags }) => [content.title, sound, tags])).toEqual([
    ["Boarding, Ada", "ada", { name: "Ada" }],
    ["Boarding, Ada", "ada", { name: "Ada" }],
    ["Boarding, traveller", "ring", { name: "none" }],
  ]);
});

test("a recipient's locale chooses the localization, the nearest one there is, or the text itself", async () => {
  const locales = [undefined, "de", "de-AT", "pt-BR", "fr", "DE-at"];
  await sendAll({
    to: locales.map((locale, index) => ({ provider: "FCM", token: `locale-${index}`, ...(locale && { locale }) })),
    content: {
      title: "Boarding",
      body: "Gate A1",
      localizations: { de: { title: "Einsteigen" }, "de-AT": { title: "Servus" }, pt: { body: "Portão A1" } },
    },
  });
  const shown = await Promise.all(
    locales.map(async (_locale, index) => {
      const [request] = await stack.received(`locale-${index}`);
      return request?.payload.notification as unknown;
    }),
  );
  expect(shown).toEqual([
    { title: "Boarding", body: "Gate A1" },
    { title: "Einsteigen", body: "Gate A1" },
    { title: "Servus", body: "Gate A1" },
    { title: "Boarding", body: "Portão A1" },
    { title: "Boarding", body: "Gate A1" },
    { title: "Servus", body: "Gate A1" },
  ]);
});

test("a template that fails for one recipient fails that notification alone, and no provider is called for it", async () => {
  const { stats, notifications, operationId } = await sendAll({
    to: [
      { provider: "FCM", token: "render-ok", variables: { key: "fine" } },
      { provider: "FCM", token: "render-bad", variables: { key: "é".repeat(40) } },
      { provider: "APN", token: "render-bad", variables: { key: "é".repeat(40) } },
    ],
    content: { title: "x" },
    collapseKey: "{{ key }}",
  });
  expect(stats).toMatchObject({ total: 3, sent: 1, failed: 2, attempts: 1 });
  expect(notifications.map(({ status, lastError }) => [status, lastError?.code])).toEqual([
    ["SENT", undefined],
    ["FAILED", "RENDER_ERROR"],
    ["FAILED", "RENDER_ERROR"],
  ]);
  expect(await stack.received("render-bad")).toEqual([]);
  const { body } = await stack.call("GET", `/v1/PushNotifications/Operations/${operationId}/Errors`);
  expect(body.errors).toMatchObject([
    { code: "RENDER_ERROR", provider: "FCM", providerCode: null, count: 1 },
    { code: "RENDER_ERROR", provider: "APN", providerCode: null, count: 1 },
  ]);
});

test("what is too large after rendering fails with its size; the others of the request are sent", async () => {
  const long = { long: "x".repeat(3_900) };
  const { stats, notifications } = await sendAll({
    to: [
      { provider: "FCM", token: "size-ok", variables: { long: "short" } },
      { provider: "FCM", token: "size-fcm", variables: long },
      { provider: "APN", token: "size-apn", variables: long },
    ],
    content: { title: "{{ long }}", body: "y".repeat(300) },
  });
  expect(stats).toMatchObject({ sent: 1, failed: 2, attempts: 1 });
  expect(notifications.map(({ lastError }) => [lastError?.code, lastError?.detail])).toEqual([
    [undefined, undefined],
    ["PAYLOAD_TOO_LARGE", "The payload has 4209 bytes; FCM takes at most 4096."],
    ["PAYLOAD_TOO_LARGE", expect.stringMatching(/^The payload has \d{4} bytes; APNs takes at most 4096\.$/)],
  ]);
  expect(await stack.received("size-fcm")).toEqual([]);
});

test.each([
  ["voip", "com.example.fanfare.voip", "10"],
  ["liveactivity", "com.example.fanfare.push-type.liveactivity", "10"],
  ["location", "com.example.fanfare.location-query", "10"],
  ["complication", "com.example.fanfare.complication", "10"],
  ["fileprovider", "com.example.fanfare.pushkit.fileprovider", "10"],
  ["background", "com.example.fanfare", "5"],
])("pushType %s goes to %s with priority %s, and APNs takes it", async (pushType, topic, priority) => {
  const token = `type-${pushType}`;
  const { stats } = await sendAll({ to: [{ provider: "APN", token }], content: { data: { a: "1" } }, pushType });
  expect(stats).toMatchObject({ sent: 1 });
  const [request] = await stack.received(token);
  expect(request?.headers).toMatchObject({
    "apns-push-type": pushType,
    "apns-topic": topic,
    "apns-priority": priority,
  });
});

test("raw overrides are merged last, and reach their own provider alone", async () => {
  await sendAll({
    to: [
      { provider: "APN", token: "override-apn" },
      { provider: "FCM", token: "override-fcm" },
    ],
    content: { title: "T" },
    sound: "ring",
    apns: { aps: { "interruption-level": "time-sensitive", sound: { critical: 1, name: "siren" } }, "my-key": [1] },
    fcm: { android: { notification: { color: "#ff0000" } }, fcm_options: { analytics_label: "boarding" } },
  });
  const [apn] = await stack.received("override-apn");
  expect(apn?.payload).toEqual({
    aps: { alert: { title: "T" }, sound: { critical: 1, name: "siren" }, "interruption-level": "time-sensitive" },
    "my-key": [1],
  });
  const [fcm] = await stack.received("override-fcm");
  expect(fcm?.payload).toMatchObject({
    android: { notification: { color: "#ff0000", sound: "ring" } },
    fcm_options: { analytics_label: "boarding" },
  });
  expect(fcm?.payload).not.toHaveProperty("aps");
});
