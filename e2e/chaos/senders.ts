import { setTimeout as sleep } from "node:timers/promises";
import { createPatientClient, type PatientClient } from "./patient-client.js";
import type { PlannedSend } from "./sends.js";

/** An operation that a client holds a 202 for. */
export interface AcceptedSend {
  send: PlannedSend;
  /** As the API showed it. */
  operationId: string;
}

/** What the senders of a run saw. */
export interface SendersLog {
  accepted: AcceptedSend[];
  /** What must not be, in words. */
  problems: string[];
  retries: number;
}

/** Senders at once. */
const CONCURRENCY = 6;

const PATH = "/v1/PushNotifications";

/** Makes the sends at their times, each until it has its 202, and repeats and cancels those that are to be. */
export async function runSenders(
  { url, authorization }: { url: string; authorization: string },
  sends: readonly PlannedSend[],
  { onAccepted }: { onAccepted: (accepted: AcceptedSend) => void },
): Promise<SendersLog> {
  const client = createPatientClient(url, authorization);
  const log: SendersLog = { accepted: [], problems: [], retries: 0 };
  const beganAt = performance.now();
  const cancels: Promise<void>[] = [];
  let next = 0;

  async function runSender(): Promise<void> {
    for (let send = sends[next++]; send; send = sends[next++]) {
      await sleep(Math.max(0, beganAt + send.atMs - performance.now()));
      const accepted = await makeSend(client, send, log.problems);
      if (!accepted) continue;
      log.accepted.push(accepted);
      onAccepted(accepted);
      if (send.cancelAfterMs !== undefined) cancels.push(cancelSend(client, accepted, log.problems));
    }
  }

  await Promise.all(Array.from({ length: CONCURRENCY }, runSender));
  await Promise.all(cancels);
  return { ...log, retries: client.retries() };
}

async function makeSend(
  client: PatientClient,
  send: PlannedSend,
  problems: string[],
): Promise<AcceptedSend | undefined> {
  const content = { title: `Send ${send.number}` };
  const sendAt = send.sendAfterMs && new Date(Date.now() + send.sendAfterMs).toISOString();
  const headers = { "idempotency-key": `chaos-${send.number}` };
  let request = { body: { to: send.to, content, ...(sendAt && { schedule: { sendAt } }) }, headers };
  let answer = await client.call("POST", PATH, request);
  if (answer.status === 400 && sendAt) {
    // Its time has passed before the API could take it, or has by the API's clock: it is sent at once, as another request.
    request = { body: { to: send.to, content }, headers: { "idempotency-key": `chaos-${send.number}-at-once` } };
    answer = await client.call("POST", PATH, request);
  }
  if (answer.status !== 202) {
    problems.push(`send ${send.number} was refused: ${answer.status} ${JSON.stringify(answer.body)}`);
    return undefined;
  }
  const { operationId } = answer.body as { operationId: string };
  if (send.isRepeated) {
    const repeated = (await client.call("POST", PATH, request)).body as { operationId?: string };
    if (repeated.operationId !== operationId) {
      problems.push(`send ${send.number} became ${operationId}, and repeated ${JSON.stringify(repeated)}`);
    }
  }
  return { send, operationId };
}

async function cancelSend(
  client: PatientClient,
  { send, operationId }: AcceptedSend,
  problems: string[],
): Promise<void> {
  await sleep(send.cancelAfterMs);
  const { status, body } = await client.call("POST", `${PATH}/Operations/${operationId}/Cancel`);
  // 409: it was finished before.
  if (status === 202 || status === 409) return;
  problems.push(`send ${send.number} could not be canceled: ${status} ${JSON.stringify(body)}`);
}
