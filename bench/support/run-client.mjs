import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { HEADERS, PAYLOAD } from "../clients/request-shape.mjs";
import { runProgram, runScript } from "./child-process.mjs";
import { deviceToken } from "./tokens.mjs";

const REDIRECT = fileURLToPath(new URL("../../e2e/support/redirect-google.mjs", import.meta.url));

let runs = 0;

/** Lets a client send to the sink: its rate and CPU, the sink's CPU, and what was lost or came twice. */
async function onSink(sink, run) {
  await sink.clear();
  const before = sink.usage();
  const result = await run(`client${++runs}`);
  const sinkMicros = (sink.usage() - before) / result.count;
  const { tokens, duplicates } = await sink.counts();
  return { ...result, sinkMicros, lost: result.count - Math.min(tokens, result.accepted), duplicates };
}

/** What every client needs to know of the sink. */
const taskFor = (sink) => ({ origin: sink.apnsUrl, caFile: sink.caFile, inFlight: 500 });

export function bareNodeHttp2(sink, count, { signal }) {
  return onSink(sink, (prefix) =>
    runScript("clients/bare-node-http2.mjs", { ...taskFor(sink), count, prefix }, { signal }),
  );
}

/** Names an implementation of clients/push-sessions.mjs. */
export function pushSession(sink, count, { signal, implementation }) {
  return onSink(sink, (prefix) =>
    runScript("clients/push-session.mjs", { ...taskFor(sink), count, prefix, implementation }, { signal }),
  );
}

export function apnProvider(sink, count, { signal }) {
  return onSink(sink, (prefix) =>
    runScript("clients/apn-provider.mjs", { ...taskFor(sink), ...apnsAccount(sink), count, prefix }, { signal }),
  );
}

/** Names the built program of peers/apns2. */
export function apns2(sink, count, { signal, program }) {
  return onSink(sink, async (prefix) => {
    const input = JSON.stringify({ ...taskFor(sink), ...apnsAccount(sink), count, prefix });
    return JSON.parse(await runProgram(program, [], { signal, input, env: { SSL_CERT_FILE: sink.caFile } }));
  });
}

const apnsAccount = (sink) => ({
  key: readFileSync(sink.apnsKeyFile, "utf8"),
  keyId: sink.apnsKeyId,
  teamId: sink.apnsTeamId,
  topic: sink.apnsTopic,
});

export function firebaseAdmin(sink, count, { signal }) {
  const serviceAccount = JSON.parse(readFileSync(sink.fcmServiceAccountFile, "utf8"));
  const env = { NODE_EXTRA_CA_CERTS: sink.caFile, SIMULATOR_PORT: new URL(sink.fcmUrl).port };
  const options = { signal, env, nodeArgs: ["--import", REDIRECT] };
  return onSink(sink, (prefix) =>
    runScript("clients/firebase-admin.mjs", { ...taskFor(sink), count, prefix, serviceAccount }, options),
  );
}

/** nghttp2's load generator, in C, one thread and one session. It sends to one device all the time, so nothing is counted. */
export async function h2load(sink, count, { signal }) {
  const dir = await mkdtemp(join(tmpdir(), "fanfare-bench-h2load-"));
  try {
    const body = join(dir, "body.json");
    await writeFile(body, PAYLOAD);
    const headers = Object.entries(HEADERS).flatMap(([name, value]) => ["-H", `${name}: ${value}`]);
    const shape = ["-n", String(count), "-c", "1", "-t", "1", "-m", "500", "-d", body, ...headers];
    await sink.clear();
    const before = sink.usage();
    // The shell's `times` says what the program itself took.
    const url = `${sink.apnsUrl}/3/device/${deviceToken("APN", "h2load", 0)}`;
    const output = await runProgram("bash", ["-c", '"$@"; times', "bash", "h2load", ...shape, url], { signal });
    const sinkMicros = (sink.usage() - before) / count;
    const { total } = await sink.counts();
    const perSecond = Number(/finished in .*?, ([\d.]+) req\/s/.exec(output)?.[1]);
    return { count, perSecond, cpuMicros: (childSeconds(output) * 1e6) / count, sinkMicros, lost: count - total };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

// `times` prints user and system time of the shell, then those of its children: 0m1.230s 0m0.456s.
function childSeconds(output) {
  const times = [...output.matchAll(/(\d+)m([\d.]+)s/g)].slice(-2);
  return times.reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds), 0);
}
