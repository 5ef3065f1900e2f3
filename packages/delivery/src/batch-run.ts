import {
  ATTEMPT_OUTCOMES,
  type DeliveryLine,
  decide,
  type LineRecord,
  type RetryPolicy,
  storableText,
} from "@fanfare/domain";
import type { HeldBatch } from "./lease-keeper.js";
import { type LinePlan, planLine } from "./plan-line.js";
import type { DeliveryStore, PushClient, SendResult } from "./ports.js";
import type { Recorder } from "./recorder.js";
import type { SendWindow } from "./send-window.js";

/** What the runs of all batches of a worker share. */
export interface BatchRunContext {
  client: PushClient;
  store: Pick<DeliveryStore, "release">;
  recorder: Recorder;
  window: SendWindow;
  retryPolicy: RetryPolicy;
  random: () => number;
}

/** When a line that could not even be sent is tried again, if its client has no opinion, in milliseconds. */
const NOT_SENT_RETRY_MS = 2_000;

/** Makes the function that sends what is due of a held batch, records it, and gives the rest back. */
export function createBatchRun(context: BatchRunContext) {
  return async (held: HeldBatch, signal: AbortSignal): Promise<void> => {
    const left = await sendDueLines(context, held, signal);
    // Finished batches are gone; of the others nothing is in flight now and all that is known is on record.
    if (left && held.isHeld()) await context.store.release(held.batch, left);
  };
}

/** Resolves when all lines that were sent are on record: with the time at which the next line is due, if any is left. */
function sendDueLines(context: BatchRunContext, held: HeldBatch, signal: AbortSignal): Promise<Date | undefined> {
  const { client, recorder, window } = context;
  const { batch } = held;
  const prepared = client.prepare({ id: batch.operationId, message: batch.message, createdAt: batch.createdAt });
  const now = new Date();
  let nextDueMs = Number.POSITIVE_INFINITY;
  const dueAt = (time: number) => {
    nextDueMs = Math.min(nextDueMs, time);
  };

  return new Promise((resolve) => {
    let unfinished = 1;
    const finishOne = () => {
      unfinished--;
      if (unfinished === 0) resolve(Number.isFinite(nextDueMs) ? new Date(nextDueMs) : undefined);
    };
    const freeSlot = () => {
      window.release();
      finishOne();
    };
    const record = (lineRecord: LineRecord) => {
      if (lineRecord.nextAttemptAt) dueAt(lineRecord.nextAttemptAt.getTime());
      recorder.add(lineRecord, (written) => {
        if (!written) held.lose();
        freeSlot();
      });
    };
    const send = (line: DeliveryLine, plan: Extract<LinePlan, { kind: "send" }>) => {
      if (signal.aborted || !held.isHeld()) {
        dueAt(Date.now());
        freeSlot();
        return;
      }
      prepared.send(line, (result) => {
        const lineRecord = toRecord(context, held, line, plan, result);
        if (lineRecord) return record(lineRecord);
        dueAt(Date.now() + notSentDelayMs(result, context.random));
        freeSlot();
      });
    };

    for (const line of batch.lines) {
      const plan = planLine(batch, batch.recorded.get(line.ordinal), now);
      if (plan.kind === "leave") {
        if (plan.dueAt) dueAt(plan.dueAt.getTime());
        continue;
      }
      unfinished++;
      window.take(() => (plan.kind === "send" ? send(line, plan) : record(expired(held, line, plan))));
    }
    finishOne();
  });
}

function notSentDelayMs(result: SendResult, random: () => number): number {
  const asked = result.kind === "not-sent" ? result.retryAfterMs : undefined;
  return asked ?? NOT_SENT_RETRY_MS * (0.5 + random());
}

function expired(held: HeldBatch, line: DeliveryLine, plan: Extract<LinePlan, { kind: "expire" }>): LineRecord {
  const { attempts, isNew } = plan;
  const errorDetail = "Its TTL passed before a provider accepted it.";
  return { lease: held.batch, line, isNew, status: "UNDELIVERED", attempts, errorCode: "EXPIRED", errorDetail };
}

/** What is to be recorded of a result; `undefined` when nothing happened that a record could tell. */
function toRecord(
  { retryPolicy, random }: BatchRunContext,
  { batch }: HeldBatch,
  line: DeliveryLine,
  { attemptNumber, isNew, mayRepeat }: Extract<LinePlan, { kind: "send" }>,
  result: SendResult,
): LineRecord | undefined {
  const base = { lease: batch, line, isNew };
  switch (result.kind) {
    case "not-sent":
      return undefined;
    case "unsendable": {
      const attempts = attemptNumber - 1;
      return { ...base, status: "FAILED", attempts, errorCode: result.code, errorDetail: result.detail };
    }
    case "attempted": {
      const { outcome, startedAt, latencyMs } = result;
      const { expiresAt } = batch;
      const context = { attemptNumber, now: new Date(), expiresAt, policy: retryPolicy, random };
      const { status, errorCode, nextAttemptAt } = decide(outcome, context);
      const detail = outcome.detail === undefined ? undefined : storableText(outcome.detail);
      return {
        ...base,
        status,
        attempts: attemptNumber,
        nextAttemptAt,
        errorCode: errorCode === undefined ? undefined : storableText(errorCode),
        errorDetail: status === "SENT" ? undefined : detail,
        attempt: {
          outcome: ATTEMPT_OUTCOMES[outcome.kind],
          blame: outcome.kind === "rejected" ? outcome.blame : undefined,
          mayRepeat,
          httpStatus: outcome.httpStatus,
          latencyMs,
          startedAt,
          providerCode: outcome.kind === "accepted" ? undefined : storableText(outcome.code),
          providerMessageId: outcome.kind === "accepted" ? storableText(outcome.providerMessageId) : undefined,
          detail,
        },
      };
    }
  }
}
