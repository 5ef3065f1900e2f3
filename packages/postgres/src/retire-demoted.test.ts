import { EventEmitter } from "node:events";
import { jest } from "@jest/globals";
import type pg from "pg";
import { retireDemoted } from "./retire-demoted.js";

/** A connection of a pool, as far as this looks at it. */
function aClient() {
  const connection = Object.assign(new EventEmitter(), { stream: { destroy: jest.fn() } });
  const client = { connection, readyForQuery: true, getTransactionStatus: () => "I" };
  connection.on("readyForQuery", () => {
    client.readyForQuery = true;
  });
  return client;
}

beforeEach(() => jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

test("one that is refused goes, though Postgres says long after the refusal that it waits again", () => {
  const pool = new EventEmitter();
  retireDemoted(pool as pg.Pool);
  const listener = aClient();
  pool.emit("connect", listener);
  listener.readyForQuery = false;
  listener.connection.emit("errorMessage", { code: "25006" });
  jest.advanceTimersByTime(5_000);
  expect(listener.connection.stream.destroy).not.toHaveBeenCalled();
  listener.connection.emit("readyForQuery", { status: "I" });
  jest.advanceTimersByTime(1);
  expect(listener.connection.stream.destroy).toHaveBeenCalledTimes(1);
});
