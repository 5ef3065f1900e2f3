// Jest's node environment for whole-system tests: a failure also says what the processes logged last, as of that moment.
import { TestEnvironment } from "jest-environment-node";
import { PROCESS_LINES } from "./failure-digest.mjs";

const LINES_EACH = 5;

export default class ProcessLinesEnvironment extends TestEnvironment {
  handleTestEvent(event, state) {
    if (event.name !== "test_fn_failure" && event.name !== "hook_failure") return;
    const lines = lastLines(this.global.fanfareLogs ?? []);
    const errors = errorsOf(event, state);
    if (lines.length === 0 || errors.flat().some((error) => error?.isOfProcesses)) return;
    // An error of its own beside that of the test: what a timeout throws has no stack that could be added to.
    const stack = [PROCESS_LINES, ...lines].join("\n");
    errors.push([Object.assign(new Error(PROCESS_LINES), { stack, isOfProcesses: true }), undefined]);
  }
}

/** Where jest has put the failure. Of a `beforeAll` every test has it; the first one is enough to show the lines. */
function errorsOf({ test, hook, describeBlock }, state) {
  if (test) return test.errors;
  return (hook.type === "beforeAll" && firstTestOf(describeBlock)?.errors) || state.unhandledErrors;
}

function firstTestOf({ children }) {
  for (const child of children) {
    const test = child.type === "test" ? child : firstTestOf(child);
    if (test) return test;
  }
  return undefined;
}

/** Of logs whose lines start with the name of their process; where several know a process, of the newest. */
function lastLines(logs) {
  const byProcess = new Map();
  for (const log of logs) {
    for (const [process, lines] of linesByProcess(log)) byProcess.set(process, lines.slice(-LINES_EACH));
  }
  return [...byProcess].flatMap(([process, lines]) => lines.map((line) => `${process} | ${line}`));
}

function linesByProcess(log) {
  const byProcess = new Map();
  for (const entry of log) {
    const [process] = entry.split(" ", 1);
    const lines = byProcess.get(process) ?? [];
    lines.push(...entry.slice(process.length + 1).split("\n"));
    byProcess.set(process, lines);
  }
  return byProcess;
}
