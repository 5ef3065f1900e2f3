import { type ApiAnswer, type Credentials, type RunningApi, runApi } from "./support.js";

/** An API to which callers come from whatever address they say. */
export interface Guarded extends RunningApi {
  /** An address that nobody had yet. */
  newAddress(): string;
  /** What a caller is answered with from an address, on asking for what it may read. */
  ask(as: Credentials, address: string): Promise<ApiAnswer>;
  /** Its status. */
  login(as: Credentials, address: string): Promise<number>;
}

/** Starts one. Whoever runs it closes it. */
export async function runGuarded(env: Record<string, string>, sharedDatabaseUrl?: string): Promise<Guarded> {
  const api = await runApi({ TRUST_PROXY: "loopback", ...env }, sharedDatabaseUrl);
  let addresses = 0;
  const ask: Guarded["ask"] = (as, address) =>
    api.call("GET", as.user === "admin" ? "/v1/Accounts" : "/v1/PushNotifications/Operations", {
      as,
      headers: { "x-forwarded-for": address },
    });
  return {
    ...api,
    newAddress: () => `192.0.2.${++addresses}`,
    ask,
    login: async (as, address) => (await ask(as, address)).status,
  };
}

/** What some logins are answered with, one after the other. */
export async function inTurn(times: number, login: (index: number) => Promise<number>): Promise<number[]> {
  const statuses: number[] = [];
  for (let index = 0; index < times; index++) statuses.push(await login(index));
  return statuses;
}
