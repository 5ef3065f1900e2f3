import type { RequestListener } from "node:http";
import { createBullBoard } from "@bull-board/api";
import { ExpressAdapter } from "@bull-board/express";
import { answerReadiness, type Readiness, type ReadinessDetail } from "@fanfare/runtime";
import express, { type Express, type RequestHandler } from "express";
import { addRoutes, noQuery, type RequestLimits } from "./add-routes.js";
import type { Authenticator } from "./authenticator.js";
import { baseUrl } from "./base-url.js";
import type { ApiContext } from "./context.js";
import { docsPage } from "./docs-page.js";
import { askForOperator, authenticate } from "./middleware/authenticate.js";
import { requireExpectation } from "./middleware/expectation.js";
import { otherMethods } from "./middleware/other-methods.js";
import { problemAnswer } from "./middleware/problem-answer.js";
import { requestId } from "./middleware/request-id.js";
import { requireHost } from "./middleware/require-host.js";
import { pagePolicy, safeHeaders } from "./middleware/safe-headers.js";
import { nothingAt } from "./nothing-at.js";
import { createOpenApiDocument } from "./openapi.js";
import { parseQuery } from "./parse-query.js";
import { originForm } from "./request-target.js";
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

/** Builds what answers requests: health is open, everything else wants credentials. */
export function createServer(options: ServerOptions): RequestListener {
  const app = createApp(options);
  return (req, res) => {
    req.url = originForm(req.url ?? "/");
    app(req, res);
  };
}

function createApp(options: ServerOptions): Express {
  const { context, log } = options;
  const app = express();
  app.set("etag", false);
  // Each route reads its own, strictly.
  app.set("query parser", false);
  if (options.trustProxy !== undefined) app.set("trust proxy", options.trustProxy);
  app.use(requestId, ...safeHeaders, requireExpectation);
  app.get("/healthz", (_req, res) => void res.json({ status: "ok" }));
  app.get("/readyz", async (req, res) => {
    const { status, body } = answerReadiness(await options.readiness(), req, options.readinessDetail);
    res.status(status).json(body);
  });
  app.all(["/healthz", "/readyz"], otherMethods("get"));
  app.use(requireHost, authenticate(options.authenticator));
  app.use(wholeServer);
  app.use(BOARD_PATH, askForOperator, pagePolicy, bullBoard(options.boardQueues));
  app.get("/openapi.json", (req, res) => {
    parseQuery(noQuery, req);
    res.json(createOpenApiDocument(ROUTES, baseUrl(context, req)));
  });
  app.all("/openapi.json", otherMethods("get"));
  app.use("/docs", docsPage());
  addRoutes(app, ROUTES, context, options.limits);
  app.use((req) => {
    throw nothingAt(req);
  });
  app.use(problemAnswer(log));
  return app;
}

const METHODS = [...new Set(ROUTES.map(({ method }) => method))];

const answerOptions = otherMethods(...METHODS);

/** `OPTIONS *` (RFC 9110, section 9.3.7): what this server can do at all. */
const wholeServer: RequestHandler = (req, res, next) =>
  req.method === "OPTIONS" && req.originalUrl === "*" ? answerOptions(req, res, next) : next();

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
  // An Express app of its own, with settings of its own.
  const boardApp = serverAdapter.getRouter() as Express;
  boardApp.disable("x-powered-by").set("etag", false);
  return [showThem, boardApp];
}
