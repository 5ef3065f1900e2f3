// One session of the PushSession port alone, on one of its implementations: no queue, no record.
import { deviceToken } from "../support/tokens.mjs";
import { answer, measure, readTask } from "./measure.mjs";
import { PUSH_SESSIONS } from "./push-sessions.mjs";
import { HEADERS, PAYLOAD } from "./request-shape.mjs";

const { origin, ca, count, inFlight, prefix, implementation } = await readTask();
const open = PUSH_SESSIONS[implementation];
const session = await open({ origin, ca, maxStreams: inFlight }, { onChange: () => undefined });

const result = await measure(count, inFlight, (number, done) => {
  const path = `/3/device/${deviceToken("APN", prefix, number)}`;
  session.send({ path, headers: HEADERS, body: PAYLOAD }, (reply) => {
    // Its stream is free once this has returned.
    queueMicrotask(() => done(reply.kind === "answered" && reply.status === 200));
  });
});
session.destroy();
answer(result);
