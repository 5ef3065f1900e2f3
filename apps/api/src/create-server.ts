import { createBullBoard } from "@bull-board/api";
import { ExpressAdapter } from "@bull-board/express";
import { AppError } from "@fanfare/domain";
import { answerReadiness, type Readiness, type ReadinessDetail } from "@fanfare/runtime";
import express, { type Express, type RequestHandler } from "express";
import { addRoutes, type RequestLimits } from "./add-routes.js";
import type { Authenticator } from "./authenticator.js";
import { baseUrl } from "./base-url.js";
import type { ApiContext } from "./context.js";
import { docsPage } from "./docs-page.js";
import { askForOperator, authenticate } from "./middleware/authenticate.js";
import { problemAnswer } from "./middleware/problem-answer.js";
import { requestId } from "./middleware/request-id.js";
import { createOpenApiDocument } from "./openapi.js";
import { ROUTES } from "./routes.js";

/** Where Bull Board is served. */
const BOARD_PATH = "/admin/queues";

/** What the server is made of. */
export interface ServerOptions {
  context: ApiContext;
  authenticator: Authenticator;
  limits: RequestLimits;
  /** Whether, and for which addresses, `X-Forwarded-*` is believed: Express's setting "trust proxy". */
  trustProxy?: string | undefined;
  /** The queues as Bull Board shows them, asked for at each request: one that could not begin is opened anew. */
  boardQueues: () => Parameters<typeof createBullBoard>[0]["queues"];
  /** Whether requests are taken, and why not. */
  readiness: () => Promise<Readiness>;
  /** Who is told why not. */
  readinessDetail: ReadinessDetail;
  log: { error(fields: object, message: string): void };
}

/** Builds the Express app: health is open, everything else wants credentials. */
export function createServer(options: ServerOptions): Express {
  const { context, log } = options;
  const app = express();
  app.disable("x-powered-by");
  app.set("query parser", "simple");
  if (options.trustProxy !== undefined) app.set("trust proxy", options.trustProxy);
  app.use(requestId);
  app.get("/healthz", (_req, res) => void res.json({ status: "ok" }));
  app.get("/readyz", async (req, res) => {
    const { status, body } = answerReadiness(await options.readiness(), req, options.readinessDetail);
    res.status(status).json(body);
  });
  app.use(authenticate(options.authenticator));
  app.use(BOARD_PATH, askForOperator, bullBoard(options.boardQueues));
  app.get("/openapi.json", (req, res) => void res.json(createOpenApiDocument(ROUTES, baseUrl(context, req))));
  app.use("/docs", docsPage());
  addRoutes(app, ROUTES, context, options.limits);
  app.use((req) => {
    throw new AppError("not-found", `There is nothing at ${req.method} ${req.path}.`);
  });
  app.use(problemAnswer(log));
  return app;
}

function bullBoard(queues: ServerOptions["boardQueues"]): RequestHandler[] {
  const serverAdapter = new ExpressAdapter();
  serverAdapter.setBasePath(BOARD_PATH);
  const board = createBullBoard({
    queues: [],
    serverAdapter,
    options: { uiConfig: { boardTitle: "Fanfare" } },
  });
  const showThem: RequestHandler = (_req, _res, next) => {
    board.setQueues(queues());
    next();
  };
  return [showThem, serverAdapter.getRouter()];
}
