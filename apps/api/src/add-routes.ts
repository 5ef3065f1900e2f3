import { AppError } from "@fanfare/domain";
import type { Express, Request, RequestHandler } from "express";
import { z } from "zod";
import type { ApiContext } from "./context.js";
import { inTime } from "./in-time.js";
import { callerOf, requireAccess } from "./middleware/authenticate.js";
import { jsonBody } from "./middleware/json-body.js";
import { type InFlightLimits, limitInFlight } from "./middleware/limit-in-flight.js";
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

/** Puts routes into the server, in their order; other methods on their paths are answered with 405. */
export function addRoutes(app: Express, routes: readonly Route[], context: ApiContext, limits: RequestLimits): void {
  const { bodyLimitBytes, inFlight, answerWithinMs } = limits;
  const limited = limitInFlight(inFlight, bodyLimitBytes);
  for (const route of routes) {
    const handlers = [
      requireAccess(route.access),
      ...(route.body ? jsonBody(bodyLimitBytes, limited) : []),
      handle(route, context, answerWithinMs + (route.waitsMs ?? 0)),
    ];
    app[route.method](route.path, ...handlers);
  }
  for (const path of new Set(routes.map((route) => route.path))) {
    const allowed = routes.filter((route) => route.path === path).map(({ method }) => method.toUpperCase());
    app.all(path, (req, res) => {
      res.set("Allow", allowed.join(", "));
      throw new AppError("method-not-allowed", `${req.method} is not among ${allowed.join(", ")} here.`);
    });
  }
}

const noQuery = z.strictObject({});

function handle(route: Route, context: ApiContext, answerWithinMs: number): RequestHandler {
  return async (req, res) => {
    const handled = route.handle({
      ...{ context, caller: callerOf(res), req, res },
      params: (route.params ? parsePath(route.params, req) : req.params) as never,
      query: parseRequest(route.query ?? noQuery, req.query, "nothing was done") as never,
      body: (route.body ? readBody(route, route.body, req.body) : undefined) as never,
    });
    const answer = await inTime(handled, answerWithinMs, req);
    if (!answer) return;
    const { status = 200, headers = {}, body } = answer;
    res.status(status).set(headers);
    if (body) res.json(body);
    else res.end();
  };
}

const readBody = (route: Route, schema: z.ZodType, body: unknown): unknown =>
  route.readBody?.(body) ?? parseRequest(schema, route.toExplain?.(body) ?? body, "nothing was stored");

// What can not be the id of anything is not found.
function parsePath(schema: z.ZodType, req: Request): unknown {
  const parsed = schema.safeParse(req.params);
  if (!parsed.success) throw new AppError("not-found", `There is nothing at ${req.path}.`);
  return parsed.data;
}
