#!/usr/bin/env node
// npm links a command before anything is built, and only if its file is there. What keeps it from running is said in a sentence.
import { existsSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";

const main = new URL("../dist/main.js", import.meta.url);

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  fail(`Fanfare needs Node 20.19 or newer, and this is ${process.versions.node}: install a newer one.`);
} else if (existsSync(main)) {
  try {
    await import(main.href);
  } catch (error) {
    if (error.code !== "ERR_MODULE_NOT_FOUND") throw error;
    fail(`Fanfare is not installed as a whole (${error.message.split("\n")[0]}): run npm ci.`);
  }
} else {
  fail(`Fanfare is not built, ${fileURLToPath(main)} is missing: run npm ci --include=dev.`);
}

function fail(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exitCode = 1;
}
