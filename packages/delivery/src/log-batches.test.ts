import { DEFAULT_RETRY_POLICY, formatId, type LeasedBatch } from "@fanfare/domain";
import { createDeliverer } from "./deliver.js";
import { logNoCredential } from "./log-batches.js";
import { aBatch, aStore } from "./testing/fake-ports.js";
import { logVerification } from "./verify-usable.js";

function aLog() {
  const lines: { level: string; fields: object; message: string }[] = [];
  const at = (level: string) => (fields: object, message: string) => void lines.push({ level, fields, message });
  return { lines, info: at("info"), warn: at("warn"), error: at("error") };
}

test("a batch whose credential is gone is told with the credential, one that never had any without; a canceled one is not", async () => {
  const deleted = aBatch(1);
  const without = aBatch(1, { credential: null });
  const canceled = aBatch(1, { credential: null, canceled: true });
  const log = aLog();
  const deliverer = createDeliverer({
    store: aStore([deleted, without, canceled]),
    clientFor: async () => undefined,
    retryPolicy: DEFAULT_RETRY_POLICY,
    leaseMs: 30_000,
    onError: (error) => {
      throw error;
    },
    onNoCredential: logNoCredential(log),
  });
  for (const { id } of [deleted, without, canceled]) await deliverer.deliver([id], new AbortController().signal);
  deliverer.close();
  const fields = (batch: LeasedBatch) => ({
    ...{ batch: batch.id, operation: formatId("operation", batch.operationId), advice: expect.any(String) },
  });
  const credential = formatId("credential", deleted.credential?.id ?? "");
  const message = "Notifications fail, for there is no credential to send them with (NO_CREDENTIAL)";
  expect(log.lines).toEqual([
    { level: "error", message, fields: { ...fields(deleted), credential, version: 1 } },
    { level: "error", message, fields: fields(without) },
  ]);
});

test("a verification that was asked for is told: what is wrong, or that it works", () => {
  const log = aLog();
  const { id } = aBatch(1);
  const credential = formatId("credential", id);
  const detail = "Apple refuses the key.";
  logVerification(log, id, { status: "VALID", wrong: [], providerCode: null, detail: "" });
  logVerification(log, id, { status: "INVALID", wrong: ["key"], providerCode: "InvalidProviderToken", detail });
  expect(log.lines).toEqual([
    { level: "info", fields: { credential, status: "VALID" }, message: "A credential was verified, and works" },
    {
      level: "warn",
      message: "A credential failed its verification",
      fields: { credential, status: "INVALID", wrong: ["key"], code: "InvalidProviderToken", detail },
    },
  ]);
});
