import { createHash, timingSafeEqual } from "node:crypto";
import {
  type AcceptResult,
  acceptOperation,
  type Db,
  findRepeated,
  findUnknownUsers,
  type NewOperation,
  type RepeatedOperation,
  UnknownCommitError,
} from "@fanfare/db";
import {
  AppError,
  checkSendAt,
  describeIssue,
  EXAMPLE,
  type FieldProblem,
  formatId,
  PROVIDERS,
  readSendRequest,
  type SendRequest,
  sendRequestSchema,
  shownId,
  withoutDuplicates,
  withoutFlawless,
} from "@fanfare/domain";
import type { Request } from "express";
import { z } from "zod";
import type { ApiDeps } from "../api-deps.js";
import { baseUrl } from "../base-url.js";
import { beforeStoring } from "../before-storing.js";
import type { ActingAccount } from "../caller.js";
import { checkTemplates } from "../check-templates.js";
import { findSenderOf } from "../find-sender.js";
import { msOf, requestFields } from "../middleware/request-log.js";
import { invalidHeader, invalidRequest } from "../parse-request.js";
import { defineRoute, type HttpExchange } from "../route.js";

const idempotencyKeySchema = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[\x21-\x7e]+$/, "may contain only visible ASCII characters");

/** `POST /v1/PushNotifications`: 202 once the operation and all of its recipients are committed. */
export const sendNotifications = defineRoute({
  method: "post",
  path: "/v1/PushNotifications",
  operationId: "sendNotifications",
  tag: "Send",
  summary: "Send a push notification",
  description:
    "Answers 202 once the operation and all of its recipients are stored; nothing is lost after that. With an `Idempotency-Key` the same request may be made again for 24 hours and has the same answer.",
  access: "send",
  headers: z.object({
    "Idempotency-Key": idempotencyKeySchema.optional().meta({
      description:
        "Any text that is new for each request: with the same one, the same request may be made again for 24 hours, and is accepted once.",
      examples: ["boarding-FF123-2026-04-05"],
    }),
  }),
  body: sendRequestSchema,
  manyIn: "to",
  readBody: readSendRequest,
  toExplain: withoutFlawless,
  example: {
    to: [
      { provider: "FCM", token: EXAMPLE.fcmToken, variables: { name: "Ada" } },
      { provider: "APN", token: EXAMPLE.apnToken, variables: { name: "Grace" } },
    ],
    content: { title: "Boarding, {{ name }}", body: "Gate A1 in one hour" },
    priority: "HIGH",
    sound: "ring",
    tags: EXAMPLE.tags,
  },
  answers: [
    {
      status: 202,
      description: "Accepted",
      schema: z
        .object({
          operationId: shownId("operation"),
          operationLocation: z.string().meta({
            description: "URL of the operation: its status and stats.",
            examples: [`${EXAMPLE.baseUrl}/v1/PushNotifications/Operations/${EXAMPLE.ids.operation}`],
          }),
        })
        .meta({ id: "Accepted" }),
      headers: ["Location", "operationId"],
    },
  ],
  errors: [
    "body-too-large",
    "unknown-app",
    "unknown-credential",
    "unknown-user",
    "no-credential",
    "idempotency-key-in-progress",
    "idempotency-key-reused",
    "account-backlog-full",
    "backlog-full",
  ],
  handle:
    (deps) =>
    async ({ body, http }, account) => {
      const { db, backlog, queueRank, enqueueFanOut } = deps;
      const { req } = http;
      const { to, tags, from, schedule, ...message } = body;
      const idempotency = readIdempotencyKey(req);
      // Looked up before anything else that may have changed since: what was accepted keeps its answer, also when its time
      // has come or its app is gone.
      const earlier =
        idempotency && (await beforeStoring(req.method, () => findRepeated(db, account.id, idempotency.key)));
      if (earlier) {
        return accepted(deps, http, { id: requireSame(earlier, idempotency), recipients: to.length, repeated: true });
      }
      const problems = [...checkTemplates(body), ...checkSendAt(body, Date.now())];
      if (problems.length > 0) throw invalidRequest(problems, "nothing was stored");
      await backlog.enter(account.id, to.length);
      const sender = await beforeStoring(req.method, async () => {
        const found = await findSenderOf(db, account.id, from);
        requireCredentials(to, found);
        await requireUsers(db, account, to);
        return found;
      });
      const { kept, duplicates } = withoutDuplicates(to);
      // What waits for its time begins at the front then.
      const ahead = schedule ? 0 : queueRank.take(account.id, kept.length);
      const result = await accept(deps, {
        accountId: account.id,
        message,
        tags,
        recipients: kept,
        duplicates,
        sender,
        ahead,
        sendAt: schedule && new Date(schedule.sendAt),
        idempotency,
      });
      if (result.kind === "in-progress") {
        throw new AppError(
          "idempotency-key-in-progress",
          "A request with this Idempotency-Key is being stored; nothing was stored of this one.",
          {
            retryAfterSeconds: 1,
          },
        );
      }
      if (result.kind === "repeated") {
        return accepted(deps, http, { id: requireSame(result, idempotency), recipients: to.length, repeated: true });
      }
      for (const batch of result.batches) enqueueFanOut(batch, ahead);
      return accepted(deps, http, { id: result.id, recipients: to.length, repeated: false });
    },
});

async function accept({ db, acceptSlots }: ApiDeps, operation: NewOperation): Promise<AcceptResult> {
  try {
    return await acceptSlots.run(() => acceptOperation(db, operation));
  } catch (cause) {
    if (!(cause instanceof UnknownCommitError)) throw cause;
    const detail =
      "The connection to the database was lost: it is not known whether the request was accepted. Its operation exists if it was; with an Idempotency-Key the same request may be made again safely.";
    throw new AppError("outcome-unknown", detail, {
      operationId: formatId("operation", cause.operationId),
      cause,
    });
  }
}

function accepted(
  { log, publicUrl }: ApiDeps,
  { req, res }: HttpExchange,
  { id, recipients, repeated }: { id: string; recipients: number; repeated: boolean },
) {
  const operationId = formatId("operation", id);
  const fields = { ...requestFields(req, res), operation: operationId, recipients, ms: msOf(res) };
  log.info(fields, repeated ? "A send is answered again: it was accepted before" : "A send is accepted");
  const operationLocation = `${baseUrl(publicUrl, req)}/v1/PushNotifications/Operations/${operationId}`;
  return {
    status: 202,
    headers: { Location: operationLocation, operationId },
    body: { operationId, operationLocation },
  };
}

interface Idempotency {
  key: string;
  fingerprint: Buffer;
}

/** The operation that an idempotency key stands for. @throws AppError 422 when that was another request. */
function requireSame({ id, fingerprint }: RepeatedOperation, idempotency: Idempotency | undefined): string {
  if (idempotency && timingSafeEqual(fingerprint, idempotency.fingerprint)) return id;
  throw new AppError(
    "idempotency-key-reused",
    "This Idempotency-Key was used for a request with another body; nothing was stored of this one.",
  );
}

function readIdempotencyKey(req: Request): Idempotency | undefined {
  const header = req.get("idempotency-key");
  if (header === undefined) return undefined;
  const key = idempotencyKeySchema.safeParse(header, { error: describeIssue });
  if (!key.success) {
    throw invalidHeader(req, "Idempotency-Key", key.error.issues[0]?.message ?? "is not valid");
  }
  return { key: key.data, fingerprint: createHash("sha256").update(JSON.stringify(req.body)).digest() };
}

type Sender = Awaited<ReturnType<typeof findSenderOf>>;

/** A recipient whose provider the sender has no credential for could never be reached. */
function requireCredentials(to: SendRequest["to"], sender: Sender): void {
  const missing = PROVIDERS.filter((provider) => sender.credentials[provider] === null);
  const problems = missing.flatMap((provider): FieldProblem[] => {
    const index = to.findIndex((recipient) => "token" in recipient && recipient.provider === provider);
    const detail = `App ${sender.appName} has no credential for ${provider}.`;
    return index < 0 ? [] : [{ pointer: `/to/${index}/provider`, code: "no-credential", detail }];
  });
  if (problems.length > 0) {
    const detail = "A provider of the recipients has no credential in this app; nothing was stored.";
    throw new AppError("no-credential", detail, { errors: problems });
  }
}

async function requireUsers(db: Db, account: ActingAccount, to: SendRequest["to"]): Promise<void> {
  const ids = to.flatMap((recipient) => ("userId" in recipient ? [recipient.userId] : []));
  if (ids.length === 0) return;
  const unknown = await findUnknownUsers(db, account.id, ids);
  if (unknown.size === 0) return;
  const errors = to.flatMap((recipient, index) =>
    "userId" in recipient && unknown.has(recipient.userId)
      ? [{ pointer: `/to/${index}/userId`, code: "unknown-user", detail: "There is no such user." }]
      : [],
  );
  throw new AppError("unknown-user", "Some users do not exist; nothing was stored.", { errors: errors.slice(0, 100) });
}
