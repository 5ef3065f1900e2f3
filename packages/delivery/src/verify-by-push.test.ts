import type { Verification } from "@fanfare/domain";
import { NOT_WANTED, type PushReply, type RequestSender } from "./push-session.js";
import { verifyByPush } from "./verify-by-push.js";

const valid: Verification = { status: "VALID", wrong: [], providerCode: null, detail: "It is taken." };

/** What a verification comes to whose push is replied to so. */
function verified(reply: PushReply): Promise<Verification> {
  const sender: RequestSender = { send: (_request, settle) => settle(reply), close: async () => undefined };
  const request = { path: "/", headers: {}, body: new Uint8Array() };
  return verifyByPush({ provider: "APN", sender }, request, (judged) =>
    judged.kind === "answered" ? { ...valid, providerCode: String(judged.status) } : valid,
  );
}

test("what the provider answers is judged", async () => {
  const answer = { kind: "answered" as const, status: 400, headers: {}, body: Buffer.alloc(0) };
  expect(await verified(answer)).toEqual({ ...valid, providerCode: "400" });
});

test("of a provider that can not be reached nothing is known, and it is said why", async () => {
  expect(await verified({ kind: "not-processed", code: "ECONNREFUSED" })).toEqual({
    ...{ status: "UNKNOWN", wrong: [], providerCode: "ECONNREFUSED" },
    detail: "APNs could not be called (ECONNREFUSED).",
  });
  expect(await verified({ kind: "not-processed", code: "NO_FREE_STREAM" })).toMatchObject({
    ...{ status: "UNKNOWN", providerCode: "NO_FREE_STREAM", detail: "APNs could not be reached." },
  });
});

test("a worker that stops says so", async () => {
  expect(await verified({ kind: "not-processed", code: NOT_WANTED })).toMatchObject({
    ...{ status: "UNKNOWN", providerCode: NOT_WANTED, detail: expect.stringContaining("verify again") },
  });
});
