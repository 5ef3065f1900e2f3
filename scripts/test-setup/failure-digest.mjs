// What a red run comes to, in so few lines that the end of a log holds it.
import { relative } from "node:path";
import { stripVTControlCharacters } from "node:util";

/** Heads the lines of the processes in the message of a failed test; each is `<process> | <line>`. */
export const PROCESS_LINES = "The last lines of each process:";

const BUDGET = 50;
const MESSAGE_LINES = 6;
const WIDTH = 300;

/**
 * The lines that say what failed: each failure with its file, its name, the start of its message, and what its processes
 * said last. All share one budget of lines, so that none is missing however many they are.
 * @param {{ file: string, name: string, messages: string[] }[]} failures
 */
export function failureDigest(failures, budget = BUDGET) {
  const entries = failures.length > budget ? byFile(failures, budget) : failures.map(readFailure);
  const shares = shareOut(
    budget,
    entries.map(({ message, processes }) => 1 + message.length + sum(processes.map(({ lines }) => lines.length))),
  );
  return entries.flatMap((entry, index) => show(entry, shares[index]));
}

/** The failures among a run's results: its tests, and the files that could not be run or cleaned up. */
export function failuresOf(results, rootDir) {
  return results.flatMap(({ testFilePath, testResults, testExecError, failureMessage }) => {
    const file = relative(rootDir, testFilePath);
    const failures = testResults
      .filter(({ status }) => status === "failed")
      .map(({ ancestorTitles, title, failureMessages }) => ({
        file,
        name: [...ancestorTitles, title].join(" › "),
        messages: failureMessages,
      }));
    const ofFile = testExecError?.stack || testExecError?.message || (failures.length === 0 && failureMessage);
    return ofFile ? [...failures, { file, name: "(the file itself)", messages: [ofFile] }] : failures;
  });
}

/** A line for each file, however long, with the names of what failed in it; the last one holds the files that are left. */
function byFile(failures, budget) {
  const names = new Map();
  for (const { file, name } of failures) names.set(file, [...(names.get(file) ?? []), name]);
  const titles = [...names].map(([file, all]) => `${file}: ${all.length} failed: ${all.join("; ")}`);
  const rest = titles.splice(budget - 1).join(" ● ");
  return [...titles, rest].filter(Boolean).map((title) => ({ title: `● ${title}`, message: [], processes: [] }));
}

function readFailure({ file, name, messages }) {
  const message = [];
  const processes = new Map();
  for (const text of messages) {
    const own = [];
    let isOfProcesses = false;
    for (const line of stripVTControlCharacters(text).split("\n")) {
      const [, process, said] = (isOfProcesses && /^(\S+) \| (.*)$/.exec(line)) || [];
      if (process) processes.set(process, [...(processes.get(process) ?? []), said]);
      else if (line === PROCESS_LINES) isOfProcesses = true;
      // The stack is in jest's own output; what a timeout throws has itself as its cause.
      else if (line.trim() !== "" && !/^\s+at /.test(line) && !own.includes(line.replace(/^\s*\[cause\]: /, ""))) {
        own.push(line);
      }
    }
    message.push(...own.slice(0, MESSAGE_LINES));
  }
  return { title: `● ${file}: ${name}`, message, processes: [...processes].map(([of, lines]) => ({ of, lines })) };
}

function show({ title, message, processes }, share) {
  const shown = message.slice(0, share - 1);
  const shares = shareOut(
    share - 1 - shown.length,
    processes.map(({ lines }) => lines.length),
  );
  const said = processes.flatMap(({ of, lines }, index) =>
    lines.slice(lines.length - shares[index]).map((line) => `${of} | ${line}`),
  );
  return [title, ...[...shown, ...said].map((line) => `    ${line.slice(0, WIDTH)}`)];
}

/** How many lines each gets that wants so many: one in turn to each, while there are any. */
function shareOut(budget, wanted) {
  const shares = wanted.map(() => 0);
  let left = Math.min(budget, sum(wanted));
  while (left > 0) {
    for (const [index, most] of wanted.entries()) {
      if (left === 0 || shares[index] === most) continue;
      shares[index] += 1;
      left -= 1;
    }
  }
  return shares;
}

function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0);
}
