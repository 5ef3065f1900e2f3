import { answerReadiness, type ReadinessDetail } from "./answer-readiness.js";

const red = {
  status: "unavailable" as const,
  checks: { postgres: { ok: false, detail: "10.0.0.7 refuses" }, credentials: { ok: true, detail: "paused: 1" } },
};
const without = { status: "unavailable", checks: { postgres: { ok: false }, credentials: { ok: true } } };

const answer = (remoteAddress: string, headers = {}, detail: ReadinessDetail = "loopback") =>
  answerReadiness(red, { headers, socket: { remoteAddress } } as never, detail);

test.each(["127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1"])("who asks from %s is told why", (address) => {
  expect(answer(address)).toEqual({ status: 503, body: red });
});

test.each(["10.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "2001:db8::1", "1127.0.0.1", ""])(
  "who asks from '%s' is told what is red, and not why, nor what there is to say of what is green",
  (address) => {
    expect(answer(address)).toEqual({ status: 503, body: without });
  },
);

test("no header makes a stranger one of this machine", () => {
  for (const name of ["x-forwarded-for", "forwarded", "x-real-ip"]) {
    expect(answer("10.0.0.1", { [name]: "127.0.0.1" }).body).toEqual(without);
  }
});

test.each(["x-forwarded-for", "x-forwarded-proto", "forwarded", "via", "x-real-ip"])(
  "what a proxy of this machine hands on with %s came from the world",
  (name) => {
    expect(answer("127.0.0.1", { [name]: "127.0.0.1" }).body).toEqual(without);
  },
);

test("the setting says otherwise", () => {
  expect(answer("10.0.0.1", { via: "1.1 proxy" }, "everyone").body).toEqual(red);
  expect(answer("127.0.0.1", {}, "nobody").body).toEqual(without);
});

test("what is degraded takes work", () => {
  const degraded = { status: "degraded" as const, checks: { queue: { ok: false, detail: "away" } } };
  expect(answerReadiness(degraded, { headers: {}, socket: {} } as never, "loopback")).toEqual({
    status: 200,
    body: { status: "degraded", checks: { queue: { ok: false } } },
  });
});
