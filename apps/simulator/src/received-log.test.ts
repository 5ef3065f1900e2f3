import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openReceivedJournal } from "./received-journal.js";
import { ReceivedLog } from "./received-log.js";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "fanfare-received-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const file = () => join(dir, "simulator", "received.ndjson");
const reopened = () => new ReceivedLog(openReceivedJournal(file()));

test("a log with a journal that is opened again knows every call, acceptance and withdrawal, and counts on", () => {
  const log = reopened();
  log.countCall("FCM", "a b");
  log.countAccepted("FCM", "a b");
  log.countCall("APN", "c");
  log.countAccepted("APN", "c");
  log.withdrawAccepted("APN", "c");
  const again = reopened();
  expect([...again.tokens()]).toEqual([...log.tokens()]);
  expect(again.countCall("FCM", "a b")).toBe(2);
});

test("an entry that a kill cut off is left out, and harms none after it", () => {
  reopened().countCall("FCM", "a");
  appendFileSync(file(), '["call","FC');
  reopened().countCall("FCM", "a");
  expect([...reopened().tokens()]).toEqual([{ provider: "FCM", token: "a", calls: 2, accepted: 0 }]);
});

test("a log that was cleared is empty when it is opened again", () => {
  const log = reopened();
  log.countCall("FCM", "a");
  log.clear();
  log.countCall("FCM", "b");
  expect([...reopened().tokens()].map(({ token }) => token)).toEqual(["b"]);
});
