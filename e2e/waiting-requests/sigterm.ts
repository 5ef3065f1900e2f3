import { until } from "@fanfare/testkit";
import { endProcesses } from "../support/end-processes.js";
import { expectEachOnce } from "../support/sends-in-flight.js";
import { COUNT, type WaitingInstallation } from "./installation.js";
import { accessToken, FIRST_CONNECTION, FREE_STREAM, PROOF, SILENT_CONNECTION } from "./places.js";
import { sendThatWaits } from "./send-that-waits.js";

/** Less than anything waits for: 10 s for a connection, a stream or an access token. */
const END_MS = 8_000;

const PLACES = [
  SILENT_CONNECTION,
  FIRST_CONNECTION,
  FREE_STREAM,
  PROOF,
  accessToken("an access token that does not come", 60_000),
];

/** A worker is asked to end. */
export function testStops(running: () => WaitingInstallation): void {
  test.each(PLACES)(
    "SIGTERM while requests wait for $title: the worker ends soon, nothing of them is sent or on record, and each token is reached once",
    async (place) => {
      const installation = running();
      const { stack } = installation;
      const since = stack.log.length;
      const name = `ends-${PLACES.indexOf(place)}`;
      const { operationId, holder, other, calls } = await sendThatWaits(installation, place, name);
      // Who has taken it over calls nobody before the count.
      installation.linkOf(other).set({ kind: "cut" });
      const called = await calls();
      const askedAt = performance.now();
      await endProcesses(stack, "SIGTERM", holder);
      const tookMs = Math.round(performance.now() - askedAt);
      expect(await calls()).toEqual(called);
      expect(stack.log.slice(since).filter((line) => line.startsWith(`${holder} died`))).toEqual([
        expect.stringContaining("(exit code 0)"),
      ]);
      installation.lead("provider");
      await stack.simulate("DELETE", "/faults");
      await expectEachOnce(stack, { name, operationId, count: COUNT }, since);
      process.stdout.write(`SIGTERM while requests wait for ${place.title}: ended after ${tookMs} ms\n`);
      expect(tookMs).toBeLessThan(END_MS);
    },
  );

  test.each(["APN", "FCM"] as const)(
    "SIGTERM while Verify waits for %s: the workers end soon, and whoever asked is told so",
    async (provider) => {
      const { stack, deadEnd, lead, addApp } = running();
      const id = await addApp(provider, `verified_${provider.toLowerCase()}`);
      const callersBefore = deadEnd.callers();
      deadEnd.set("silent");
      lead("dead end");
      const asked = stack.call("POST", `/v1/PushNotifications/Credentials/${id}/Verify`);
      await until(() => deadEnd.callers() > callersBefore);
      const kind = provider === "APN" ? "apns-worker" : "fcm-worker";
      const askedAt = performance.now();
      await endProcesses(stack, "SIGTERM", `${kind}-1`, `${kind}-2`);
      expect(performance.now() - askedAt).toBeLessThan(END_MS);
      expect((await asked).body).toMatchObject({ status: "UNKNOWN", providerCode: "NOT_WANTED" });
    },
  );
}
