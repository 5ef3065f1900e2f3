// Makes one-recipient requests over HTTP/1.1, as cheaply as Node can: the machine's cores are shared with what is measured.
// Reads a task, prints when each request was due and how it was answered.
import { connect } from "node:net";
import process from "node:process";
import { json } from "node:stream/consumers";
import { CONTENT, deviceToken } from "./tokens.mjs";

const { url, path, authorization, connections, seconds, rate, prefix } = await json(process.stdin);
const { hostname, port } = new URL(url);
const TICK_MS = 2;

const dueMicros = [];
const answerMs = [];
let accepted = 0;
let refused = 0;
let waiting = [];
const free = [];

function monotonicMicros() {
  const [whole, nanos] = process.hrtime();
  return whole * 1e6 + nanos / 1e3;
}

function requestText(number) {
  const provider = number % 2 === 0 ? "FCM" : "APN";
  const to = [{ provider, token: deviceToken(provider, prefix, number) }];
  const body = JSON.stringify({ to, content: CONTENT });
  const length = `content-length: ${Buffer.byteLength(body)}`;
  const lines = [`POST ${path} HTTP/1.1`, `host: ${hostname}`, `authorization: ${authorization}`];
  return [...lines, "content-type: application/json", length, "", body].join("\r\n");
}

/** One connection; `done` is called when its answer is whole. */
async function openConnection(onFree) {
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  await new Promise((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  let received = "";
  let number;
  socket.setEncoding("latin1");
  socket.on("data", (text) => {
    received += text;
    const headEnd = received.indexOf("\r\n\r\n");
    if (headEnd < 0) return;
    const length = Number(/content-length: (\d+)/i.exec(received)?.[1]);
    if (received.length < headEnd + 4 + length) return;
    const status = Number(received.slice(9, 12));
    received = "";
    answerMs[number] = (monotonicMicros() - dueMicros[number]) / 1e3;
    if (status >= 200 && status < 300) accepted++;
    else refused++;
    onFree(connection);
  });
  const connection = {
    send(next) {
      number = next;
      socket.write(requestText(next));
    },
    close: () => socket.destroy(),
  };
  return connection;
}

let onIdle = () => undefined;
let ended = false;
const begunMicros = monotonicMicros();

function onFree(connection) {
  const next = waiting.shift();
  if (next !== undefined) connection.send(next);
  else if (rate === undefined && !ended) connection.send(begin());
  else {
    free.push(connection);
    if (ended && free.length === all.length) onIdle();
  }
}

function begin(atMicros = monotonicMicros()) {
  dueMicros.push(atMicros);
  return dueMicros.length - 1;
}

/** With a rate: what is due is sent, or waits for a connection, and counts from when it was due. */
function sendDue() {
  const now = monotonicMicros();
  const due = Math.min(Math.floor(((now - begunMicros) / 1e6) * rate), Math.floor(seconds * rate));
  while (dueMicros.length < due) {
    const number = begin(begunMicros + (dueMicros.length / rate) * 1e6);
    const connection = free.pop();
    if (connection) connection.send(number);
    else waiting.push(number);
  }
}

const all = await Promise.all(Array.from({ length: connections }, () => openConnection(onFree)));
if (rate === undefined) for (const connection of all) connection.send(begin());
else free.push(...all);
const timer = rate === undefined ? undefined : setInterval(sendDue, TICK_MS);
await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
clearInterval(timer);
ended = true;
if (rate === undefined) waiting = [];
// A server that is far behind is not waited for without end.
const patience = setTimeout(() => onIdle(), 30_000);
await new Promise((resolve) => {
  onIdle = resolve;
  if (free.length === all.length) resolve();
});
clearTimeout(patience);
const answeredMicros = monotonicMicros();
for (const connection of all) connection.close();
process.stdout.write(
  JSON.stringify({
    accepted,
    refused,
    dueMicros,
    answerMs,
    begunMicros,
    seconds: (answeredMicros - begunMicros) / 1e6,
  }),
);
