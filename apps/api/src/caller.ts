import type { Scope } from "@fanfare/domain";

/** Who makes a request. */
export interface Caller {
  /** `admin`: the operator of the installation, who manages accounts and sends nothing. */
  kind: "account" | "api-key" | "operator";
  /** As the audit log names it: the account's id, the API key's id, or `admin`. */
  actor: string;
  /** UUID of the account; empty for the operator. */
  accountId: string;
  scopes: ReadonlySet<Scope>;
}
