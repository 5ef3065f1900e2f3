import type { StoredOperation } from "@fanfare/db";
import { EXAMPLE } from "@fanfare/domain";
import { createSession } from "better-sse";
import { z } from "zod";
import { idParams, requireOperation } from "../find-resource.js";
import { versionOf } from "../operation-watch.js";
import { toOperationResource } from "../resources/operation.js";
import { defineRoute } from "../route.js";
import { watchLogin } from "../watch-login.js";

/** Silence after which a comment is sent, so that nobody on the way closes the connection, in milliseconds. */
const KEEP_ALIVE_MS = 15_000;

/** When a reader whose connection was lost comes back, in milliseconds. */
const RETRY_MS = 1_000;

const isFinished = ({ status }: StoredOperation) => status === "COMPLETED" || status === "CANCELED";

const EXAMPLE_VERSION = "1775370000655-COMPLETED-3-3-3-0-0-0-2-0-0-1-0-0";

const EXAMPLE_EVENTS = `retry:1000

event:operation
id:${EXAMPLE_VERSION}
data:{"id":"${EXAMPLE.ids.operation}","status":"COMPLETED", …}

`;

const eventsSchema = z.string().meta({
  description: "Events named `operation`, with the operation as JSON in `data`.",
});

/** `GET /v1/PushNotifications/Operations/{operationId}/Events` (server-sent events, WHATWG HTML section 9.2) */
export const streamOperation = defineRoute({
  method: "get",
  path: "/v1/PushNotifications/Operations/:operationId/Events",
  operationId: "streamOperation",
  tag: "Operations",
  summary: "Follow an operation",
  description:
    "An `operation` event with the whole operation at each change, at most four a second; the stream ends after the one that says that it is finished, or within two seconds when the credentials are revoked. A reader that comes back with `Last-Event-ID` is told of what it has not seen; when that is nothing any more, the answer is 204, after which readers do not come back.",
  access: "read",
  params: idParams("operationId"),
  headers: z.object({
    "Last-Event-ID": z
      .string()
      .optional()
      .meta({
        description: "`id` of the last event that the reader has seen; absent: it has seen none.",
        examples: [EXAMPLE_VERSION],
      }),
  }),
  answers: [
    {
      status: 200,
      description: "Events",
      schema: eventsSchema,
      example: EXAMPLE_EVENTS,
      contentType: "text/event-stream",
      headers: ["X-Accel-Buffering"],
    },
    { status: 204, description: "Finished, and the reader has seen it" },
  ],
  handle:
    ({ db, operations }) =>
    async ({ params: { operationId }, http: { req, res } }, account) => {
      const operation = await requireOperation(db, account, operationId, req);
      const seen = req.get("last-event-id");
      if (isFinished(operation) && seen === versionOf(operation)) return { status: 204 };
      res.set("X-Accel-Buffering", "no");
      // There is no end to wait for where there is no body. Express's `set` would name a charset, which a stream of events has not.
      if (req.method === "HEAD") {
        res.setHeader("Content-Type", "text/event-stream");
        return {};
      }
      // By itself the library says `keep-alive`, whatever the client or a stop of this process wants.
      const headers = { Connection: res.getHeader("connection") as string | undefined };
      const session = await createSession(req, res, { keepAlive: KEEP_ALIVE_MS, retry: RETRY_MS, headers });
      let last = seen;
      const push = (state: StoredOperation | undefined) => {
        if (!state) return end();
        const version = versionOf(state);
        if (version !== last) session.push(toOperationResource(state), "operation", version);
        last = version;
        if (isFinished(state)) end();
      };
      let leave = () => {};
      const end = () => {
        leave();
        res.end();
      };
      session.once("disconnected", () => leave());
      push(operation);
      if (!isFinished(operation) && session.isConnected) {
        const unwatch = watchLogin(req, end);
        const unsubscribe = operations.subscribe(operation.id, push);
        leave = () => {
          unwatch();
          unsubscribe();
        };
      }
      return undefined;
    },
});
