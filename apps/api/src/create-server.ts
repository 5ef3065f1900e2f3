import type { RequestListener } from "node:http";
import { answerReadiness, type ErrorBrake, type Readiness, type ReadinessDetail } from "@fanfare/runtime";
import express, { type Express, type RequestHandler } from "express";
import { addRoutes, noQuery, type RequestLimits } from "./add-routes.js";
import { addAdminErrors, addAdminPages } from "./admin/add-admin-pages.js";
import type { BoardQueues } from "./admin/board.js";
import type { ApiDeps } from "./api-deps.js";
import type { Authenticator } from "./authenticator.js";
import { baseUrl } from "./base-url.js";
import { docsPage } from "./docs-page.js";
import type { LoginLog } from "./login-log.js";
import { authenticate } from "./middleware/authenticate.js";
import { requireExpectation } from "./middleware/expectation.js";
import { otherMethods } from "./middleware/other-methods.js";
import { type ErrorLog, problemAnswer } from "./middleware/problem-answer.js";
import { requestId } from "./middleware/request-id.js";
import { requestLog } from "./middleware/request-log.js";
import { requireHost } from "./middleware/require-host.js";
import { safeHeaders } from "./middleware/safe-headers.js";
import { nothingAt } from "./nothing-at.js";
import { createOpenApiDocument } from "./openapi.js";
import { parseQuery } from "./parse-query.js";
import { originForm } from "./request-target.js";
import { ROUTES } from "./routes.js";

/** What the server is made of. */
export interface ServerOptions {
  deps: ApiDeps;
  authenticator: Authenticator;
  limits: RequestLimits;
  /** Whether, and for which addresses, `X-Forwarded-*` is believed: Express's setting "trust proxy". */
  trustProxy?: string | undefined;
  boardQueues: BoardQueues;
  /** Whether requests are taken, and why not. */
  readiness: () => Promise<Readiness>;
  /** Who is told why not. */
  readinessDetail: ReadinessDetail;
  /** Is told what requests were answered with. */
  log: ErrorLog & Pick<ErrorBrake, "info">;
  /** Is told of logins that fail. */
  tellFailedLogin: LoginLog["tell"];
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
  const { deps, log } = options;
  const { publicUrl } = deps;
  const app = express();
  app.set("etag", false);
  // Each route reads its own, strictly.
  app.set("query parser", false);
  if (options.trustProxy !== undefined) app.set("trust proxy", options.trustProxy);
  app.use(requestId, requestLog(log), ...safeHeaders, requireExpectation);
  app.get("/healthz", (_req, res) => void res.json({ status: "ok" }));
  app.get("/readyz", async (req, res) => {
    const { status, body } = answerReadiness(await options.readiness(), req, options.readinessDetail);
    res.status(status).json(body);
  });
  app.all(["/healthz", "/readyz"], otherMethods("get"));
  app.use(requireHost, authenticate(options.authenticator, options.tellFailedLogin));
  app.use(wholeServer);
  addAdminPages(app, { boardQueues: options.boardQueues, publicUrl, log });
  app.get("/openapi.json", (req, res) => {
    parseQuery(noQuery, req);
    res.json(createOpenApiDocument(ROUTES, baseUrl(publicUrl, req)));
  });
  app.all("/openapi.json", otherMethods("get"));
  app.use("/docs", docsPage());
  addRoutes(app, ROUTES, deps, options.limits);
  app.use((req) => {
    throw nothingAt(req);
  });
  addAdminErrors(app, { log, publicUrl });
  app.use(problemAnswer(log));
  return app;
}

const METHODS = [...new Set(ROUTES.map(({ method }) => method))];

const answerOptions = otherMethods(...METHODS);

/** `OPTIONS *` (RFC 9110, section 9.3.7): what this server can do at all. */
const wholeServer: RequestHandler = (req, res, next) =>
  req.method === "OPTIONS" && req.originalUrl === "*" ? answerOptions(req, res, next) : next();
