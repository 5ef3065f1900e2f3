import type { Express, Request, RequestHandler } from "express";
import { z } from "zod";
import type { ApiDeps } from "./api-deps.js";
import { requireFewValues } from "./body/few-values.js";
import { inTime } from "./in-time.js";
import { callerOf, requireAccess, requireStillGood } from "./middleware/authenticate.js";
import { jsonBody } from "./middleware/json-body.js";
import { type InFlightLimits, limitInFlight } from "./middleware/limit-in-flight.js";
import { noBody } from "./middleware/no-body.js";
import { otherMethods } from "./middleware/other-methods.js";
import { nothingAt } from "./nothing-at.js";
import { parseQuery } from "./parse-query.js";
import { parseRequest } from "./parse-request.js";
import type { Route } from "./route.js";

/** How much of requests' bodies is taken. */
export interface BodyLimits {
  /** Of one request. */
  bodyLimitBytes: number;
  /** Of all at once. */
  inFlight: InFlightLimits;
}

/** What requests are held to. */
export interface RequestLimits extends BodyLimits {
  /** How long the answer to a request that has come whole may take, in milliseconds; then it is a 503. */
  answerWithinMs: number;
}

/** Puts routes into the server. Where two paths match, the one that says more of a path is taken, whatever the method. */
export function addRoutes(app: Express, routes: readonly Route[], deps: ApiDeps, limits: RequestLimits): void {
  const { bodyLimitBytes, inFlight, answerWithinMs } = limits;
  const limited = limitInFlight(inFlight);
  const none = noBody(limited);
  const readBodyOf = ({ method, body }: Route) => {
    // RFC 9110, section 9.3.1: in a GET it means nothing.
    if (method === "get") return [];
    return [...(body ? jsonBody(bodyLimitBytes, limited) : none), requireStillGood];
  };
  for (const [path, ofPath] of byPath(routes)) {
    for (const route of ofPath) {
      app[route.method](
        path,
        ...beforeBody(route),
        ...readBodyOf(route),
        handle(route, deps, answerWithinMs + (route.waitsMs ?? 0)),
      );
    }
    app.all(path, otherMethods(...ofPath.map(({ method }) => method)));
  }
}

function byPath(routes: readonly Route[]): [path: string, routes: Route[]][] {
  const paths = [...new Set(routes.map(({ path }) => path))].sort(bySpecificity);
  return paths.map((path) => [path, routes.filter((route) => route.path === path)]);
}

// A colon, with which parameters begin, comes before all letters.
const bySpecificity = (a: string, b: string) => (a < b ? 1 : -1);

/** The query of what takes no parameters. */
const noQuery = z.strictObject({});

/** Whoever asks for what is open, such as health, may put into the query what keeps caches away. */
const beforeBody = (route: Route) => (route.access === "anyone" ? [] : [requireAccess(route.access), readQuery(route)]);

// Before the body: for one that is not going to be used nothing is to be done.
function readQuery(route: Route): RequestHandler {
  return (req, res, next) => {
    res.locals.query = parseQuery(route.query ?? noQuery, req);
    next();
  };
}

function handle(route: Route, deps: ApiDeps, answerWithinMs: number): RequestHandler {
  const answerTo = route.handle(deps);
  return async (req, res) => {
    const checked = {
      params: route.params ? parsePath(route.params, req) : req.params,
      query: res.locals.query,
      body: route.body ? readBody(route, route.body, req.body) : undefined,
      http: { req, res },
    };
    const handled = answerTo(checked, route.access === "anyone" ? undefined : callerOf(req));
    // Of an answer that nobody may keep nobody has a copy, whatever is claimed: Express would say that it is still good.
    delete req.headers["if-none-match"];
    const answer = await inTime(handled, answerWithinMs, req);
    if (!answer) return;
    const { status = 200, headers = {}, body } = answer;
    res.status(status).set(headers);
    if (body) res.json(body);
    else res.end();
  };
}

function readBody(route: Route, schema: z.ZodType, body: unknown): unknown {
  requireFewValues(body, route.manyIn);
  return route.readBody?.(body) ?? parseRequest(schema, route.toExplain?.(body) ?? body, "nothing was stored");
}

// What can not be the id of anything is not found.
function parsePath(schema: z.ZodType, req: Request): unknown {
  const parsed = schema.safeParse(req.params);
  if (!parsed.success) throw nothingAt(req);
  return parsed.data;
}
