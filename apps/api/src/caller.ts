import type { Scope } from "@fanfare/domain";

/** An account that makes a request, with its auth token or an API key. */
export interface ActingAccount {
  kind: "account" | "api-key";
  /** UUID of the account. */
  id: string;
  /** As the audit log names it: the account's id, or the API key's. */
  actor: string;
  scopes: ReadonlySet<Scope>;
}

/** The operator of the installation, who manages accounts and sends nothing. */
export interface Operator {
  kind: "operator";
  /** As the audit log names it. */
  actor: "admin";
}

/** The one that there is. */
export const OPERATOR: Operator = { kind: "operator", actor: "admin" };

/** Who makes a request. */
export type Caller = ActingAccount | Operator;
