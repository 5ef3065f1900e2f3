import { AppError } from "@fanfare/domain";
import type { ErrorBrake } from "@fanfare/runtime";
import express, { type Express, type RequestHandler } from "express";
import { clientAddress } from "../client-address.js";
import { isRead } from "../is-read.js";
import { askForOperator } from "../middleware/authenticate.js";
import { otherMethods } from "../middleware/other-methods.js";
import { type ErrorLog, problemAnswer } from "../middleware/problem-answer.js";
import { requestFields } from "../middleware/request-log.js";
import { pagePolicy } from "../middleware/safe-headers.js";
import { nothingAt } from "../nothing-at.js";
import { pathOf } from "../request-target.js";
import { writeAdminProblem } from "./admin-problem.js";
import { type BoardQueues, bullBoard } from "./board.js";

const ADMIN_PATH = "/admin";

/** Name of the passwords that a browser asks for there (RFC 7617, section 2). */
const REALM = "Fanfare operator";

/** What the operator's pages are made of. */
export interface AdminOptions {
  boardQueues: BoardQueues;
  /** Scheme and authority, perhaps a path, under which browsers reach the API; absent: they reach it as it is. */
  publicUrl?: string | undefined;
  /** Is told of changes, and of errors. */
  log: ErrorLog & Pick<ErrorBrake, "info">;
}

/** Adds what the operator's browser shows, all of it for the operator alone: Bull Board at `/admin/queues`. Only behind authentication. */
export function addAdminPages(app: Express, { boardQueues, publicUrl, log }: AdminOptions): void {
  const pages = express.Router();
  pages.use(askForOperator, fromOwnPages(publicUrl), tellChanges(log), pagePolicy);
  pages.get("/", (req, res) => {
    // Whoever calls may know the path by another name, such as a proxy's.
    res.redirect(302, pathOf(req.originalUrl).endsWith("/") ? "queues" : "admin/queues");
  });
  pages.all("/", otherMethods("get"));
  pages.use("/queues", bullBoard(`${publicPath(publicUrl)}${ADMIN_PATH}/queues`, boardQueues));
  pages.all("/queues", otherMethods("get"));
  pages.use((req) => {
    throw nothingAt(req);
  });
  app.use(ADMIN_PATH, pages);
}

/** Answers the errors of all that is there, in words for a browser where one asks; before whoever answers all others. */
export function addAdminErrors(app: Express, { log, publicUrl }: Pick<AdminOptions, "log" | "publicUrl">): void {
  const home = `${publicPath(publicUrl)}${ADMIN_PATH}/queues`;
  app.use(ADMIN_PATH, problemAnswer(log, { realm: REALM, write: writeAdminProblem(home) }));
}

const publicPath = (publicUrl = "http://localhost") => new URL(publicUrl).pathname.replace(/\/$/, "");

/** A browser sends the operator's password along with whatever another site makes it ask for. */
function fromOwnPages(publicUrl: string | undefined): RequestHandler {
  return (req, _res, next) => {
    const { "sec-fetch-site": site, origin } = req.headers;
    const own = [req.host, publicUrl && new URL(publicUrl).host];
    const isOwn =
      typeof site === "string"
        ? ["same-origin", "none"].includes(site)
        : origin === undefined || (URL.canParse(origin) && own.includes(new URL(origin).host));
    if (!isRead(req.method) && !isOwn) throw new AppError("forbidden", "This was asked for by a page of another site.");
    next();
  };
}

/** A queue that is paused or emptied stops or loses work: who looks at the log has to see it. */
function tellChanges(log: Pick<ErrorBrake, "info">): RequestHandler {
  return (req, res, next) => {
    if (isRead(req.method)) return next();
    // Bull Board's app changes what Express says of the path meanwhile.
    const { method, originalUrl, caller } = req;
    const address = clientAddress(req);
    res.once("finish", () => {
      const { statusCode: status } = res;
      if (status < 400) log.info({ ...requestFields({ method, originalUrl, caller }, res), address, status }, CHANGED);
    });
    next();
  };
}

const CHANGED = "The operator changed something in Bull Board";
