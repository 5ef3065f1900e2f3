import type { AppError, Scope } from "@fanfare/domain";
import type { Request, Response } from "express";
import type { z } from "zod";
import type { ApiDeps } from "./api-deps.js";
import type { ActingAccount, Caller, Operator } from "./caller.js";
import type { HeaderName } from "./openapi/headers.js";

/**
 * Who may use a route: callers with a scope, or the operator; `account-or-operator` sees its own account only; `any-caller` is whoever
 * has credentials, `anyone` needs none.
 */
export type Access = Scope | "operator" | "account-or-operator" | "any-caller" | "anyone";

/** Whom the handler of a route is given, by who may use it. */
export type CallerOf<Allowed extends Access> = Allowed extends Scope
  ? ActingAccount
  : Allowed extends "operator"
    ? Operator
    : Allowed extends "anyone"
      ? undefined
      : Caller;

/** A request as it came, and its response, for what a handler does with them itself. */
export interface HttpExchange {
  req: Request;
  res: Response;
}

/** One request, read and checked. */
export interface CheckedRequest<Params, Query, Body> {
  params: Params;
  query: Query;
  body: Body;
  http: HttpExchange;
}

/** Answers requests; made once, when its route is added. An account's id is to be had only where the operator does not come. */
export type Handler<Params, Query, Body, Allowed extends Access> = (
  deps: ApiDeps,
) => (req: CheckedRequest<Params, Query, Body>, caller: CallerOf<Allowed>) => Promise<Answer | undefined>;

/** An answer; absent when the route has answered by itself. */
export interface Answer {
  /** @default 200 */
  status?: number;
  headers?: Readonly<Record<string, string>>;
  body?: object;
}

/** What a route answers, for the OpenAPI document. */
export interface DocumentedAnswer {
  status: 200 | 201 | 202 | 204 | 503;
  description: string;
  schema?: z.ZodType;
  /** What a body has, where the examples in its schema say something else. */
  example?: unknown;
  /** @default "application/json" */
  contentType?: string;
  /** Besides those that every answer has. */
  headers?: readonly HeaderName[];
}

/** The parts of the OpenAPI document that a route belongs to. */
export type RouteTag = "Send" | "Operations" | "Notifications" | "Apps" | "Users" | "Accounts" | "Server";

/** A route: how it is called, by whom, and what it answers. */
export interface RouteSpec<Params, Query, Body, Allowed extends Access> {
  method: "get" | "post" | "patch" | "delete";
  /** With parameters as `:name`. */
  path: string;
  /** Its name in the OpenAPI document. */
  operationId: string;
  tag: RouteTag;
  summary: string;
  description?: string;
  access: Allowed;
  params?: z.ZodType<Params>;
  query?: z.ZodType<Query>;
  headers?: z.ZodObject;
  body?: z.ZodType<Body>;
  /** Makes of a valid body what its schema makes of it, but faster; `undefined`: the schema is asked. */
  readBody?: (body: unknown) => Body | undefined;
  /** The field of a body that may have any number of values. */
  manyIn?: string;
  /** What of a body that is not valid its schema is asked about: no more than it takes to name what is wrong. */
  toExplain?: (body: unknown) => unknown;
  /** A body, for the OpenAPI document and its samples of code. */
  example?: object;
  /** A query, for those samples. */
  exampleQuery?: Readonly<Record<string, string>>;
  answers: readonly DocumentedAnswer[];
  /** How long it may wait for more than the database, in milliseconds. @default 0 */
  waitsMs?: number;
  /** Codes of its errors besides those that every route has. */
  errors?: readonly AppError["code"][];
  handle: Handler<Params, Query, Body, Allowed>;
}

/** A route whose types only its own handler needs to know. */
export type Route = RouteSpec<unknown, unknown, unknown, Access>;

/** Declares a route: its handler gets what its schemas make of a request, and a caller of the kind that may use it. */
export function defineRoute<Params, Query, Body, Allowed extends Access>(
  spec: RouteSpec<Params, Query, Body, Allowed>,
): Route {
  // Whoever adds routes holds each request to its route's schemas and access before the handler has it.
  return spec as Route;
}
