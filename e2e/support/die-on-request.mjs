// Given to workers with NODE_OPTIONS=--import: while the file that DIE_WHILE_EXISTS names is there, a worker is killed, as by
// the kernel when memory is out, the moment it writes a token that begins with "lethal-" into a request, or renders that
// text in capitals. Nothing of the workers knows of it.
import { existsSync } from "node:fs";
import process from "node:process";

const dies = (text) =>
  typeof text === "string" && text.startsWith("lethal-") && existsSync(process.env.DIE_WHILE_EXISTS);
const die = () => process.kill(process.pid, "SIGKILL");

if (process.argv[1]?.includes("-worker")) {
  const { stringify } = JSON;
  JSON.stringify = (value, ...rest) => {
    if (dies(value) || dies(value?.message?.token)) die();
    return stringify(value, ...rest);
  };
  const encode = globalThis.encodeURIComponent;
  globalThis.encodeURIComponent = (text) => {
    if (dies(text)) die();
    return encode(text);
  };
  const { toUpperCase } = String.prototype;
  Object.defineProperty(String.prototype, "toUpperCase", {
    value() {
      if (dies(String(this))) die();
      return toUpperCase.call(this);
    },
  });
}
