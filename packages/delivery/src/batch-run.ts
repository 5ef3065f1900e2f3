import {
  ATTEMPT_OUTCOMES,
  boundWaitMs,
  type DeadToken,
  type DeliveryLine,
  type DeliveryOutcome,
  decide,
  type LeasedBatch,
  type LeftOver,
  type LineRecord,
  type RetryPolicy,
  storableText,
  type WaitReason,
  withAdvice,
} from "@fanfare/domain";
import type { CallLedger } from "./call-ledger.js";
import { endLine } from "./end-line.js";
import type { HeldBatch } from "./lease-keeper.js";
import { type LinePlan, planLine } from "./plan-line.js";
import type { ClientFor, DeliverableOperation, HeldClient, PushClient, SendResult } from "./ports.js";
import { reasonOf } from "./reason-of-result.js";
import type { Recorder } from "./recorder.js";
import type { SendWindow } from "./send-window.js";

/** What the runs of all batches of a worker share. */
export interface BatchRunContext {
  clientFor: ClientFor;
  recorder: Recorder;
  /** For lines of recipients with several addresses, which another statement records. */
  addressRecorder: Recorder;
  window: SendWindow;
  calls: CallLedger;
  retryPolicy: RetryPolicy;
  random: () => number;
  /** Told of each batch that there is nothing to send with. */
  onNoCredential?: ((batch: LeasedBatch) => void) | undefined;
}

/** One run of a held batch. */
export interface BatchRunOptions {
  /** Once it is aborted nothing more is sent. */
  signal: AbortSignal;
  /** Called once no line of the batch waits for its turn to be sent any more. */
  onTaken?: (() => void) | undefined;
}

/** Sends what is due of a held batch, records it, and gives the rest back. */
export type BatchRun = (held: HeldBatch, options: BatchRunOptions) => Promise<void>;

/** When a line that could not even be sent is tried again, if its client has no opinion, in milliseconds. */
const NOT_SENT_RETRY_MS = 2_000;

/** Over how long batches that were held back come again, in milliseconds. */
const HELD_BACK_SPREAD_MS = 1_000;

/** When a line that nothing was sent of because its credential stalls is tried again, in milliseconds. */
const STALLED_RETRY_MS = 5_000;

/** Of a line that its credential has no room for, since nothing that is on its way is answered. */
const NO_ANSWERS: WaitReason = {
  code: "NO_ANSWERS",
  detail: "The provider answers nothing of what is on its way to it; it waits until that changes.",
};

/** Makes the function that runs batches. */
export function createBatchRun(context: BatchRunContext): BatchRun {
  return async (held, options) => {
    const { id } = held.batch;
    let taken: HeldClient | undefined;
    try {
      taken = await context.clientFor(held.batch);
    } catch (error) {
      const dueAt = new Date(Date.now() + NOT_SENT_RETRY_MS);
      await held.giveBack({ dueAt, untried: true, reason: held.batch.waitedFor }, options.signal);
      throw new Error(`Batch ${id} is given back: its credential could not be read.`, { cause: error });
    }
    try {
      const waitMs = taken ? heldBackMs(taken.client, held.batch) : 0;
      const left =
        waitMs > 0
          ? heldBack(held.batch, taken?.client, waitMs + context.random() * HELD_BACK_SPREAD_MS)
          : await sendDueLines(context, held, taken?.client, options);
      // Finished batches are gone; of the others nothing is in flight now and all that is known is on record.
      if (left) await held.giveBack(left, options.signal);
    } finally {
      taken?.release();
    }
  };
}

/** Of a time that is none a batch could not be given back: nobody would ever lease it again. Whatever a client asks for is one. */
const timeAfter = (ms: number) => Date.now() + boundWaitMs(ms);

/** How long nothing of a batch can be sent; what is over is recorded all the same. */
function heldBackMs(client: PushClient, batch: LeasedBatch): number {
  if (batch.canceled || batch.expiresAt.getTime() <= Date.now()) return 0;
  return client.heldBackMs?.(toDeliverable(batch)) ?? 0;
}

function heldBack(batch: LeasedBatch, client: PushClient | undefined, waitMs: number): LeftOver {
  const reason = client?.waitsFor?.() ?? batch.waitedFor;
  return { dueAt: new Date(timeAfter(waitMs)), untried: true, reason: reason && storable(reason) };
}

/** Whether its TTL is over by now; one of 0 means that it is tried once, however late. */
function isExpired({ expiresAt, message }: LeasedBatch): boolean {
  return message.ttl > 0 && expiresAt.getTime() <= Date.now();
}

function toDeliverable({ operationId: id, message, expiresAt }: LeasedBatch): DeliverableOperation {
  return { id, message, expiresAt };
}

/** Resolves when all lines that were sent are on record: with what is left, if anything is. */
function sendDueLines(
  context: BatchRunContext,
  held: HeldBatch,
  client: PushClient | undefined,
  { signal, onTaken }: BatchRunOptions,
): Promise<LeftOver | undefined> {
  const { window, calls, random } = context;
  // A credential that was deleted since the lease is none.
  const batch = client ? held.batch : { ...held.batch, credential: null };
  if (!client && !batch.canceled) context.onNoCredential?.(held.batch);
  const share = batch.credential?.id ?? "none";
  const recorder = batch.addressed ? context.addressRecorder : context.recorder;
  const prepared = client?.prepare(toDeliverable(batch));
  const now = new Date();
  const isWanted = () => !signal.aborted && held.isHeld() && !held.isCanceled() && !isExpired(batch);
  let nextDueMs = Number.POSITIVE_INFINITY;
  let untried = false;
  // What passes by itself within the worker does not take away what was in the way before.
  let reason = batch.waitedFor;
  const leftOver = (): LeftOver | undefined =>
    Number.isFinite(nextDueMs)
      ? { dueAt: new Date(nextDueMs), untried, ...(untried && reason && { reason: storable(reason) }) }
      : undefined;
  const dueAt = (time: number) => {
    nextDueMs = Math.min(nextDueMs, time);
  };

  return new Promise((resolve) => {
    let unfinished = 1;
    let untaken = 1;
    const finishOne = () => {
      unfinished--;
      if (unfinished === 0) resolve(leftOver());
    };
    const takeOne = () => {
      untaken--;
      if (untaken === 0) onTaken?.();
    };
    const freeSlot = () => {
      window.release(share);
      finishOne();
    };
    const record = (lineRecord: LineRecord, isAnswer = false) => {
      window.answered(share);
      if (lineRecord.nextAttemptAt) dueAt(lineRecord.nextAttemptAt.getTime());
      recorder.add(lineRecord, (written) => {
        if (isAnswer) calls.recorded();
        if (!written) held.lose();
        freeSlot();
      });
    };
    const leave = (line: DeliveryLine, plan: SendPlan, delayMs: number) => {
      if (held.isCanceled())
        return record(endLine(batch, line, { ...plan, attempts: plan.attemptNumber - 1 }, "canceled"));
      window.answered(share);
      untried = true;
      dueAt(timeAfter(delayMs));
      freeSlot();
    };
    const send = (line: DeliveryLine, plan: SendPlan) => {
      if (!prepared || !isWanted()) return leave(line, plan, 0);
      const settle = (result: SendResult) => {
        const lineRecord = toRecord(context, held, line, plan, result);
        const isAnswer = result.kind === "attempted";
        calls.settled(isAnswer);
        reason = isAccepted(result) ? undefined : (reasonOf(result) ?? reason);
        if (lineRecord) record(lineRecord, isAnswer);
        else leave(line, plan, isWanted() ? notSentDelayMs(result, random) : 0);
      };
      calls.begun();
      prepared.send(line, settle, isWanted);
    };

    for (const line of batch.lines) {
      const plan = planLine(batch, line, now);
      if (plan.kind === "leave") {
        if (plan.dueAt) dueAt(plan.dueAt.getTime());
        continue;
      }
      unfinished++;
      untaken++;
      window.take(share, (granted) => {
        if (!granted) {
          untried = true;
          reason = client?.waitsFor?.() ?? reason ?? NO_ANSWERS;
          dueAt(Date.now() + STALLED_RETRY_MS * (0.5 + random()));
          finishOne();
        } else if (plan.kind === "send") send(line, plan);
        else record(endLine(batch, line, plan, plan.reason));
        takeOne();
      });
    }
    takeOne();
    finishOne();
  });
}

const isAccepted = (result: SendResult) => result.kind === "attempted" && result.outcome.kind === "accepted";

const storable = ({ code, detail }: WaitReason): WaitReason => ({
  code: storableText(code),
  detail: storableText(detail),
});

type SendPlan = Extract<LinePlan, { kind: "send" }>;

function notSentDelayMs(result: SendResult, random: () => number): number {
  const asked = result.kind === "not-sent" ? result.retryAfterMs : undefined;
  return asked ?? NOT_SENT_RETRY_MS * (0.5 + random());
}

/** What is to be recorded of a result; `undefined` when nothing happened that a record could tell. */
function toRecord(
  { retryPolicy, random }: BatchRunContext,
  { batch }: HeldBatch,
  line: DeliveryLine,
  { attemptNumber, isNew, earlier, firstAttemptAt }: SendPlan,
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
      const { expiresAt, onUnknown } = batch;
      const mayRepeat = earlier !== "known";
      const context = {
        ...{ attemptNumber, firstAttemptAt: firstAttemptAt ?? startedAt, now: new Date() },
        ...{ mayRepeat, expiresAt, onUnknown, policy: retryPolicy, random },
      };
      const { status, errorCode, nextAttemptAt } = decide(outcome, context);
      const words = withAdvice(outcome.detail, outcome.advice);
      const detail = words === undefined ? undefined : storableText(words);
      return {
        ...base,
        status,
        attempts: attemptNumber,
        nextAttemptAt,
        errorCode: errorCode === undefined ? undefined : storableText(errorCode),
        errorDetail: status === "SENT" ? undefined : detail,
        deadToken: deadTokenOf(batch, line, outcome),
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

function deadTokenOf(
  { credential }: LeasedBatch,
  { token }: DeliveryLine,
  outcome: DeliveryOutcome,
): DeadToken | undefined {
  if (outcome.kind !== "rejected" || outcome.blame !== "token" || !credential) return undefined;
  return {
    credentialId: credential.id,
    credentialVersion: credential.version,
    token,
    code: storableText(outcome.code),
    deadSince: outcome.invalidatedAt ?? new Date(),
    final: outcome.tokenIsGone ?? false,
  };
}
