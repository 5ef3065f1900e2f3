import { AppError } from "@fanfare/domain";
import type { Request, RequestHandler } from "express";
import type { Authenticator, Login } from "../authenticator.js";
import { beforeStoring } from "../before-storing.js";
import type { Caller } from "../caller.js";
import { clientAddress } from "../client-address.js";
import type { LoginLog } from "../login-log.js";
import type { Access } from "../route.js";
import { requestFields } from "./request-log.js";

declare global {
  namespace Express {
    interface Request {
      /** Who makes it; absent before {@link authenticate} knows. */
      caller: Caller | undefined;
      /** Whether its credentials are still good. */
      isStillGood: Login["isStillGood"] | undefined;
    }
  }
}

/** Lets only requests through that carry valid credentials (RFC 7617), and notes whose they are. */
export function authenticate(authenticator: Authenticator, tellFailure: LoginLog["tell"]): RequestHandler {
  return async (req, res, next) => {
    // Of two Node keeps the first, and a proxy perhaps the other.
    const [authorization, ...others] = req.headersDistinct.authorization ?? [];
    const given = others.length === 0 ? authorization : undefined;
    try {
      const login = await beforeStoring(req.method, () => authenticator.authenticate(given, req.ip));
      Object.assign(req, login);
    } catch (error) {
      tellFailure(error, { ...requestFields(req, res), address: clientAddress(req), ...adviceOnProxy(req) });
      throw error;
    }
    next();
  };
}

/** All that comes through a proxy is taken for one address, and refused with it, unless the proxy is believed. */
function adviceOnProxy({ headers, ip, socket }: Request) {
  const isThroughProxy = headers["x-forwarded-for"] !== undefined && ip === socket.remoteAddress;
  return isThroughProxy
    ? { advice: "It came through a proxy: name that in TRUST_PROXY to tell its clients apart." }
    : {};
}

/** Who makes the request; only behind {@link authenticate}. */
export function callerOf({ caller }: Request): Caller {
  if (!caller) throw new Error("This request was let through without authentication.");
  return caller;
}

/** Whether the credentials of a request are still good; only behind {@link authenticate}. */
export const isStillGood = async ({ isStillGood }: Request): Promise<boolean> => isStillGood?.() ?? false;

/** Lets a request whose body has come through only while its credentials are still good: a body may take its time. */
export const requireStillGood: RequestHandler = async (req, _res, next) => {
  if (!(await beforeStoring(req.method, () => isStillGood(req)))) {
    throw new AppError("unauthorized", "The credentials were revoked while the request came; nothing was stored.");
  }
  next();
};

/** The kinds of access that somebody has. */
type AccessOfCallers = Exclude<Access, "anyone">;

/** Lets only callers through who may use a route. */
export function requireAccess(access: AccessOfCallers): RequestHandler {
  return (req, _res, next) => {
    const caller = callerOf(req);
    if (!mayUse(caller, access)) throw new AppError("forbidden", refusal(caller, access));
    next();
  };
}

/** For pages of the operator's: a browser that is logged in as somebody else is asked again. */
export const askForOperator: RequestHandler = (req, _res, next) => {
  if (callerOf(req).kind !== "operator") throw new AppError("unauthorized", "Log in as the operator (user admin).");
  next();
};

function mayUse(caller: Caller, access: AccessOfCallers): boolean {
  if (access === "any-caller") return true;
  if (caller.kind === "operator") return access === "operator" || access === "account-or-operator";
  return access !== "operator" && caller.scopes.has(access === "account-or-operator" ? "admin" : access);
}

function refusal({ kind }: Caller, access: AccessOfCallers): string {
  if (access === "operator") return "Only the operator (user admin) may do this.";
  if (kind === "operator") return "The operator manages accounts; use an account or an API key here.";
  return `This API key has not the scope ${access === "account-or-operator" ? "admin" : access}.`;
}
