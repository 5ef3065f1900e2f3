import { leaveReplica } from "./redis-replica.js";

const READONLY = new Error("READONLY You can't write against a read only replica.");

test("a connection to a replica is made anew once a second at most, whatever another one does", () => {
  let now = 0;
  const leave = leaveReplica(() => now);
  const [one, other] = [{}, {}];
  expect(leave.call(one, READONLY)).toBe(true);
  now = 999;
  expect(leave.call(one, READONLY)).toBe(false);
  expect(leave.call(other, READONLY)).toBe(true);
  now = 1_000;
  expect(leave.call(one, READONLY)).toBe(true);
});

test("no other answer ends a connection", () => {
  for (const message of [
    "OOM command not allowed when used memory > 'maxmemory'.",
    "NOPERM no permissions",
    "LOADING Redis",
  ]) {
    expect(leaveReplica().call({}, new Error(message))).toBe(false);
  }
});
