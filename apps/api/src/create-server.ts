import type { RequestListener } from "node:http";
import type { ErrorBrake } from "@fanfare/runtime";
import express, { type Express, type RequestHandler } from "express";
import { addRoutes, type RequestLimits } from "./add-routes.js";
import { addAdminErrors, addAdminPages } from "./admin/add-admin-pages.js";
import type { BoardQueues } from "./admin/board.js";
import type { ApiDeps } from "./api-deps.js";
import type { Authenticator } from "./authenticator.js";
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
import { createDocuments } from "./openapi/documents.js";
import { originForm } from "./request-target.js";
import type { Route } from "./route.js";
import { ALL_ROUTES } from "./routes.js";

/** What the server is made of. */
export interface ServerOptions {
  deps: Omit<ApiDeps, "documentAt">;
  authenticator: Authenticator;
  limits: RequestLimits;
  /** Whether, and for which addresses, `X-Forwarded-*` is believed: Express's setting "trust proxy". */
  trustProxy?: string | undefined;
  boardQueues: BoardQueues;
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
  const { log } = options;
  const deps = { ...options.deps, documentAt: createDocuments(ALL_ROUTES) };
  const { publicUrl } = deps;
  const app = express();
  app.set("etag", false);
  // Each route reads its own, strictly.
  app.set("query parser", false);
  if (options.trustProxy !== undefined) app.set("trust proxy", options.trustProxy);
  app.use(requestId, requestLog(log), ...safeHeaders, requireExpectation);
  addRoutes(app, ALL_ROUTES.filter(isOpen), deps, options.limits);
  app.use(requireHost, authenticate(options.authenticator, options.tellFailedLogin));
  app.use(wholeServer);
  addAdminPages(app, { boardQueues: options.boardQueues, publicUrl, log });
  app.use("/docs", docsPage());
  addRoutes(
    app,
    ALL_ROUTES.filter((route) => !isOpen(route)),
    deps,
    options.limits,
  );
  app.use((req) => {
    throw nothingAt(req);
  });
  addAdminErrors(app, { log, publicUrl });
  app.use(problemAnswer(log));
  return app;
}

const isOpen = ({ access }: Route) => access === "anyone";

const METHODS = [...new Set(ALL_ROUTES.map(({ method }) => method))];

const answerOptions = otherMethods(...METHODS);

/** `OPTIONS *` (RFC 9110, section 9.3.7): what this server can do at all. */
const wholeServer: RequestHandler = (req, res, next) =>
  req.method === "OPTIONS" && req.originalUrl === "*" ? answerOptions(req, res, next) : next();
