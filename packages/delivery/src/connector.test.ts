import { jest } from "@jest/globals";
import { createConnector } from "./connector.js";
import { type PushSession, SessionConnectError } from "./push-session.js";

/** A connector whose sessions come, or do not, when they are told to. */
function aConnector() {
  const openings: { resolve: (session: PushSession) => void; reject: (error: unknown) => void }[] = [];
  const opened: PushSession[] = [];
  const errors: string[] = [];
  let tried = 0;
  const connector = createConnector({
    open: () => new Promise((resolve, reject) => void openings.push({ resolve, reject })),
    events: { onChange: () => undefined },
    onOpened: (session) => void opened.push(session),
    onConnectError: ({ code }) => void errors.push(code),
    onTried: () => void tried++,
  });
  return { connector, openings, opened, errors, tried: () => tried };
}

const aSession = () => ({ close: jest.fn(async () => undefined) }) as unknown as PushSession;
const settled = () => new Promise((resolve) => setImmediate(resolve));

test("one session is opened at a time", async () => {
  const { connector, openings, opened, tried } = aConnector();
  connector.openOne();
  connector.openOne();
  expect(openings).toHaveLength(1);
  const session = aSession();
  openings[0]?.resolve(session);
  await settled();
  expect([opened, tried()]).toEqual([[session], 1]);
  connector.openOne();
  expect(openings).toHaveLength(2);
});

test("why a try failed is told and remembered until one succeeds, and the next one waits", async () => {
  const { connector, openings, errors, tried } = aConnector();
  connector.openOne();
  openings[0]?.reject(new SessionConnectError("ECONNREFUSED"));
  await settled();
  expect([errors, connector.lastError(), tried()]).toEqual([["ECONNREFUSED"], "ECONNREFUSED", 1]);
  connector.openOne();
  expect(openings).toHaveLength(1);
  connector.served();
  connector.openOne();
  openings[1]?.resolve(aSession());
  await settled();
  expect(connector.lastError()).toBeUndefined();
});

test("an error of another kind has a code too", async () => {
  const { connector, openings, errors } = aConnector();
  connector.openOne();
  openings[0]?.reject(new Error("the certificate can not be read"));
  await settled();
  expect(errors).toEqual(["CONNECT_FAILED"]);
});

test("a session that is there after the close is closed, and no other one is opened", async () => {
  const { connector, openings, opened } = aConnector();
  connector.openOne();
  connector.close();
  const session = aSession();
  openings[0]?.resolve(session);
  await settled();
  expect(session.close).toHaveBeenCalledTimes(1);
  connector.openOne();
  expect([opened.length, openings.length]).toEqual([0, 1]);
});
