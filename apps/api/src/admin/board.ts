import { createBullBoard } from "@bull-board/api";
import { ExpressAdapter } from "@bull-board/express";
import { isDatabaseUnavailable } from "@fanfare/db";
import { AppError } from "@fanfare/domain";
import { queueKind } from "@fanfare/queues";
import type { Express, RequestHandler } from "express";

/** The queues as Bull Board shows them, asked for at each request: one that could not begin is opened anew. */
export type BoardQueues = () => Parameters<typeof createBullBoard>[0]["queues"];

const QUEUES_AWAY = "The queues can not be reached, or not in time.";

/** What a page has from another server: Bull Board's own would have its fonts from Google. */
const FROM_ELSEWHERE = /<(?:link|script)\b[^>]*\b(?:href|src)="(?:https?:)?\/\/[^>]*>(?:<\/script>)?\s*/g;

/**
 * Bull Board, with nothing from other servers: it works without a way to them.
 *
 * @param path Where browsers find it.
 */
export function bullBoard(path: string, queues: BoardQueues): RequestHandler[] {
  const serverAdapter = new ExpressAdapter();
  serverAdapter.setBasePath(path);
  const board = createBullBoard({ queues: [], serverAdapter, options: { uiConfig: { boardTitle: "Fanfare" } } });
  // Its errors go to whoever answers errors here.
  serverAdapter.setErrorHandler((error) => {
    const isAway = queueKind(error) !== undefined || isDatabaseUnavailable(error);
    throw isAway ? new AppError("unavailable", QUEUES_AWAY, { cause: error }) : error;
  });
  // An Express app of its own, with settings of its own.
  const app = serverAdapter.getRouter() as Express;
  app.disable("x-powered-by").set("etag", false);
  withoutElsewhere(app);
  const showThem: RequestHandler = (_req, _res, next) => {
    board.setQueues(queues());
    next();
  };
  return [showThem, app];
}

type Engine = (file: string, options: object, done: (error: unknown, page?: string) => void) => void;

function withoutElsewhere(app: Express): void {
  const { ".ejs": render } = (app as unknown as { engines: Record<".ejs", Engine> }).engines;
  app.engine("ejs", (file, options, done) =>
    render(file, options, (error, page) => done(error, page?.replace(FROM_ELSEWHERE, ""))),
  );
}
