import { spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** Characters kept of what a process says on standard error. */
const KEPT = 4_000;

/**
 * Runs a program to its end and resolves with its standard output. Killed when `signal` aborts.
 *
 * @throws Error with the end of its standard error unless it ends with 0.
 */
export async function runProgram(command, args, { signal, env = {}, input = "", killAfterMs = 600_000 } = {}) {
  const child = spawn(command, args, {
    env: { PATH: process.env.PATH, ...env },
    stdio: ["pipe", "pipe", "pipe"],
    signal: signal ? AbortSignal.any([signal, AbortSignal.timeout(killAfterMs)]) : AbortSignal.timeout(killAfterMs),
    killSignal: "SIGKILL",
  });
  const output = [];
  let complaint = "";
  child.stdout.on("data", (chunk) => output.push(chunk));
  child.stderr.on("data", (chunk) => {
    complaint = `${complaint}${chunk}`.slice(-KEPT);
  });
  // A program that ended early is told of by its exit code.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  const code = await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  if (code !== 0) throw new Error(`${command} ${args[0] ?? ""} ended with ${code}: ${complaint}`);
  return Buffer.concat(output).toString();
}

/** Runs a script of the bench in a Node of its own, and resolves with the JSON that it prints. `input` becomes its standard input. */
export async function runScript(script, input, { nodeArgs = [], ...options } = {}) {
  const path = fileURLToPath(new URL(`../${script}`, import.meta.url));
  const json = JSON.stringify(input);
  return JSON.parse(await runProgram(process.execPath, [...nodeArgs, path], { ...options, input: json }));
}

/** Starts a process that runs until it is stopped; resolves once it is ready, as it says over IPC or with a line. */
export async function startProcess(command, args, { env = {}, readyLine } = {}) {
  const child = spawn(command, args, {
    env: { PATH: process.env.PATH, ...env },
    stdio: ["ignore", "pipe", "pipe", ...(readyLine ? [] : ["ipc"])],
  });
  let said = "";
  const exited = new Promise((resolve) => child.on("close", resolve));
  const message = await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.once("message", resolve);
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk) => {
        said = `${said}${chunk}`.slice(-KEPT);
        if (readyLine?.test(said)) resolve();
      });
    }
    exited.then((code) => reject(new Error(`${command} ${args[0] ?? ""} ended with ${code}: ${said}`)));
  });
  return {
    pid: child.pid,
    /** What it said over IPC. */
    message,
    /** Asks it to end, and kills it when it takes too long. */
    async stop({ killAfterMs = 10_000 } = {}) {
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), killAfterMs);
      await exited;
      clearTimeout(timer);
    },
  };
}
