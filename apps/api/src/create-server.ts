import { createBullBoard } from "@bull-board/api";
import { ExpressAdapter } from "@bull-board/express";
import { AppError } from "@fanfare/domain";
import express, { type Express } from "express";
import type { ApiContext } from "./context.js";
import { basicAuthentication } from "./middleware/basic-authentication.js";
import { jsonBody } from "./middleware/json-body.js";
import { problemAnswer } from "./middleware/problem-answer.js";
import { requestId } from "./middleware/request-id.js";
import { ROUTES } from "./routes.js";

/** Where Bull Board is served. */
const BOARD_PATH = "/admin/queues";

/** What the server is made of. */
export interface ServerOptions {
  context: ApiContext;
  authToken: string;
  adminPassword: string;
  bodyLimitBytes: number;
  boardQueues: Parameters<typeof createBullBoard>[0]["queues"];
  /** Whether each thing that a request needs is at hand; readiness answers 503 when one is not. */
  readiness: () => Promise<{ ready: boolean; checks: object }>;
  log: { error(fields: object, message: string): void };
}

/** Builds the Express app: health open, Bull Board behind the admin password, everything else behind the account. */
export function createServer(options: ServerOptions): Express {
  const { context, log } = options;
  const app = express();
  app.disable("x-powered-by");
  app.set("query parser", "simple");
  app.use(requestId);
  app.get("/healthz", (_req, res) => void res.json({ status: "ok" }));
  app.get("/readyz", async (_req, res) => {
    const { ready, checks } = await options.readiness();
    res.status(ready ? 200 : 503).json({ status: ready ? "ok" : "unavailable", checks });
  });
  app.use(
    BOARD_PATH,
    basicAuthentication({ realm: "Fanfare admin", user: "admin", password: options.adminPassword }),
    bullBoard(options.boardQueues),
  );
  app.use(basicAuthentication({ realm: "Fanfare", user: context.account.id, password: options.authToken }));
  addRoutes(app, context, options.bodyLimitBytes);
  app.use((req) => {
    throw new AppError("not-found", `There is nothing at ${req.method} ${req.path}.`);
  });
  app.use(problemAnswer(log));
  return app;
}

function addRoutes(app: Express, context: ApiContext, bodyLimitBytes: number): void {
  for (const { method, path, handler } of ROUTES) {
    if (method === "post") app.post(path, ...jsonBody(bodyLimitBytes), handler(context));
    else app.get(path, handler(context));
  }
  for (const path of new Set(ROUTES.map((route) => route.path))) {
    const allowed = ROUTES.filter((route) => route.path === path).map(({ method }) => method.toUpperCase());
    app.all(path, (req, res) => {
      res.set("Allow", allowed.join(", "));
      throw new AppError("method-not-allowed", `${req.method} is not among ${allowed.join(", ")} here.`);
    });
  }
}

function bullBoard(queues: ServerOptions["boardQueues"]) {
  const serverAdapter = new ExpressAdapter();
  serverAdapter.setBasePath(BOARD_PATH);
  createBullBoard({ queues, serverAdapter, options: { uiConfig: { boardTitle: "Fanfare" } } });
  return serverAdapter.getRouter();
}
