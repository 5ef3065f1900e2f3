// The floor: requests of an APNs sender's shape through node:http2 and nothing else. One session.
import http2 from "node:http2";
import { deviceToken } from "../support/tokens.mjs";
import { answer, measure, readTask } from "./measure.mjs";
import { HEADERS, PAYLOAD } from "./request-shape.mjs";

const { origin, ca, count, inFlight, prefix } = await readTask();
const session = http2.connect(origin, { ca });
await new Promise((resolve, reject) => {
  session.once("remoteSettings", resolve);
  session.once("error", reject);
});

const result = await measure(count, inFlight, (number, done) => {
  const stream = session.request({
    ":method": "POST",
    ":path": `/3/device/${deviceToken("APN", prefix, number)}`,
    ...HEADERS,
    [http2.sensitiveHeaders]: [":path"],
  });
  let status = 0;
  stream.on("response", (headers) => {
    status = headers[":status"];
  });
  stream.on("data", () => undefined);
  stream.on("close", () => done(status === 200));
  stream.end(PAYLOAD);
});
session.destroy();
answer(result);
