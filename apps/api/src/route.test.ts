import { once } from "node:events";
import type { AddressInfo } from "node:net";
import express from "express";
import { addRoutes } from "./add-routes.js";
import type { ApiDeps } from "./api-deps.js";
import { type ActingAccount, type Caller, OPERATOR } from "./caller.js";
import { authenticate } from "./middleware/authenticate.js";
import { defineRoute, type Route } from "./route.js";

const ACCOUNT: ActingAccount = {
  kind: "account",
  id: "0190f2a4-0000-7000-8000-000000000001",
  actor: "AC0190f2a4000070008000000000000001",
  scopes: new Set(["read", "admin"]),
};

const LIMITS = { bodyLimitBytes: 1_000, inFlight: { requests: 10, bytes: 10_000 }, answerWithinMs: 10_000 };

/** What a route answers to a caller. */
async function answersOf(route: Route, callers: readonly Caller[]): Promise<unknown[]> {
  const waiting = [...callers];
  const isStillGood = async () => true;
  const authenticator = { authenticate: async () => ({ caller: waiting.shift() ?? OPERATOR, isStillGood }) };
  const app = express();
  app.use(authenticate(authenticator, () => undefined));
  addRoutes(app, [route], { publicUrl: "https://push.example.com" } as ApiDeps, LIMITS);
  const server = app.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${route.path}`;
  const answers: unknown[] = [];
  for (const _ of callers) answers.push(await fetch(url).then((res) => res.json()));
  server.closeAllConnections();
  server.close();
  return answers;
}

const about = { method: "get", path: "/", operationId: "tell", tag: "Accounts", summary: "", answers: [] } as const;

test("a handler is made once, and given whoever was authenticated for each request", async () => {
  let made = 0;
  const tellCaller = defineRoute({
    ...about,
    access: "account-or-operator",
    handle: ({ publicUrl }) => {
      made += 1;
      return async (_req, { actor }) => ({ body: { actor, publicUrl } });
    },
  });
  const answers = await answersOf(tellCaller, [ACCOUNT, OPERATOR, ACCOUNT]);
  const publicUrl = "https://push.example.com";
  expect(answers).toEqual([ACCOUNT, OPERATOR, ACCOUNT].map(({ actor }) => ({ actor, publicUrl })));
  expect(made).toBe(1);
});

// The compiler holds the lines below `@ts-expect-error` to be errors, or refuses this file.
test("an account's id is read where only accounts come, or where the operator was told apart", async () => {
  const ofOperator = defineRoute({
    ...about,
    access: "operator",
    handle: () => async (_req, operator) => ({
      // @ts-expect-error: the operator has no account
      body: { id: operator.id ?? null },
    }),
  });
  const ofEither = defineRoute({
    ...about,
    access: "account-or-operator",
    handle: () => async (_req, caller) => ({
      body: {
        // @ts-expect-error: it may be the operator
        id: caller.id ?? null,
        toldApart: caller.kind === "operator" ? null : caller.id,
      },
    }),
  });
  const ofAccount = defineRoute({
    ...about,
    access: "read",
    handle: () => async (_req, account) => ({ body: { id: account.id } }),
  });
  const { id } = ACCOUNT;
  expect(await answersOf(ofOperator, [OPERATOR])).toEqual([{ id: null }]);
  expect(await answersOf(ofEither, [OPERATOR, ACCOUNT])).toEqual([
    { id: null, toldApart: null },
    { id, toldApart: id },
  ]);
  expect(await answersOf(ofAccount, [ACCOUNT])).toEqual([{ id }]);
});
