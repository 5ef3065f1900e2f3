// The floor: requests of an APNs sender's shape through node:http2 and nothing else. One session, 500 in flight.
// Prints its rate and its own CPU as JSON. Arguments: origin, file of the certificate authority, number of requests.
import { readFileSync } from "node:fs";
import http2 from "node:http2";
import process from "node:process";

const [origin, caFile, count] = process.argv.slice(2);
const IN_FLIGHT = 500;
const payload = Buffer.from(JSON.stringify({ aps: { alert: { title: "Boarding", body: "Gate A1 in one hour" } } }));
const session = http2.connect(origin, { ca: readFileSync(caFile) });
await new Promise((resolve) => session.once("remoteSettings", resolve));

const cpu = process.cpuUsage();
const begun = performance.now();
let sent = 0;
let answered = 0;

await new Promise((resolve) => {
  const send = () => {
    const stream = session.request({
      ":method": "POST",
      ":path": `/3/device/bare-${sent++}`,
      authorization: "bearer bench",
      "apns-topic": "com.example.fanfare",
      "apns-push-type": "alert",
      "apns-priority": "10",
      "apns-expiration": "0",
      [http2.sensitiveHeaders]: [":path", "authorization"],
    });
    stream.on("response", () => undefined);
    stream.on("data", () => undefined);
    stream.on("close", () => {
      answered++;
      if (sent < Number(count)) send();
      else if (answered === Number(count)) resolve();
    });
    stream.end(payload);
  };
  for (let n = 0; n < IN_FLIGHT; n++) send();
});

const seconds = (performance.now() - begun) / 1_000;
const { user, system } = process.cpuUsage(cpu);
session.destroy();
process.stdout.write(JSON.stringify({ perSecond: answered / seconds, cpuMicros: (user + system) / answered }));
