import type { AppError } from "@fanfare/domain";
import type { Request, Response } from "express";
import { PROBLEM_TYPE, toProblem } from "../middleware/problem-answer.js";
import { requestIdOf } from "../middleware/request-id.js";
import { pathOf } from "../request-target.js";

/**
 * Writes an error for whoever asked: as a page for a browser that is to show it, else as a problem, with what Bull Board's own page shows
 * of one.
 *
 * @param home Where a reader of the page may go on.
 */
export function writeAdminProblem(home: string) {
  return (error: AppError, req: Request, res: Response): void => {
    if (isPage(req)) {
      res.type("html").send(pageOf(error, home, requestIdOf(res)));
    } else {
      const problem = toProblem(error, requestIdOf(res));
      res.type(PROBLEM_TYPE).send(JSON.stringify({ ...problem, error: problem.title, message: problem.detail }));
    }
  };
}

const isPage = (req: Request) =>
  req.accepts(["application/json", "text/html"]) === "text/html" && !/\/queues\/api\//.test(pathOf(req.originalUrl));

// Nothing that a caller has written stands in it.
const pageOf = ({ status, title }: AppError, home: string, requestId: string) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>${status} ${title} – Fanfare</title>
<style>
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 36rem; margin: 20vh auto; padding: 0 1rem; }
small { opacity: 0.7; }
</style>
</head>
<body>
<main>
<h1>${title}</h1>
<p>${ADVICE[status] ?? "It did not work; the log says more."} <a href="${home}">To the queues</a></p>
<p><small>${status}, request ${requestId}</small></p>
</main>
</body>
</html>
`;

const ADVICE: Readonly<Record<number, string>> = {
  401: "Log in as the operator: user admin, with the password in FANFARE_ADMIN_PASSWORD or in the file credentials.env.",
  404: "There is no such page.",
  405: "There is a page here, but this can not be done with it.",
  429: "Wait for a minute, then log in again.",
  503: "Try again in a moment.",
};
