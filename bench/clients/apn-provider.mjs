// `apn`'s own Provider, as its documentation uses it: one call for each device.
import apn from "apn";
import { deviceToken } from "../support/tokens.mjs";
import { answer, measure, readTask } from "./measure.mjs";

const { origin, ca, count, inFlight, prefix, key, keyId, teamId, topic } = await readTask();
const { hostname, port } = new URL(origin);
const provider = new apn.Provider({
  token: { key, keyId, teamId },
  address: hostname,
  port: Number(port),
  ca: [ca],
  production: true,
});

const result = await measure(count, inFlight, (number, done) => {
  const notification = new apn.Notification({ alert: { title: "Boarding", body: "Gate A1 in one hour" } });
  notification.topic = topic;
  notification.pushType = "alert";
  provider.send(notification, deviceToken("APN", prefix, number)).then(
    ({ sent }) => done(sent.length === 1),
    () => done(false),
  );
});
answer(result);
