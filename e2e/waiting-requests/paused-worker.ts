import { until } from "@fanfare/testkit";
import { restart } from "../support/restart.js";
import { expectEachReached } from "../support/sends-in-flight.js";
import { COUNT, type WaitingInstallation } from "./installation.js";
import { accessToken, FREE_STREAM, SILENT_CONNECTION } from "./places.js";
import { sendByBoth } from "./send-by-both.js";
import { sendThatWaits } from "./send-that-waits.js";

const PLACES = [SILENT_CONNECTION, FREE_STREAM, accessToken("an access token that comes late", 2_000)];

/** What a worker says that was away: which comes first depends on what there was for it to read. */
const WOKE = /"msg":"(A batch was taken over by another worker|The event loop was blocked)/;

/** A worker is away for longer than its lease, and what its requests waited for is there when it wakes. */
export function testPauses(running: () => WaitingInstallation): void {
  test.each(PLACES)(
    "a worker stopped past its lease while requests wait for $title sends none of them when it wakes",
    async (place) => {
      const installation = running();
      const { stack } = installation;
      const name = `paused-${PLACES.indexOf(place)}`;
      const { operationId, appName, holder, calls } = await sendThatWaits(installation, place, name);
      stack.signal("SIGSTOP", holder);
      const inFlight = await calls();
      installation.lead("provider");
      await stack.simulate("DELETE", "/faults");
      await expectEachReached(stack, { name, operationId, count: COUNT });
      const completed = await calls();
      for (const [token, times] of completed) expect([token, times]).toEqual([token, inFlight.has(token) ? times : 1]);

      const since = stack.log.length;
      stack.signal("SIGCONT", holder);
      await until(() => stack.log.slice(since).some((line) => line.startsWith(holder) && WOKE.test(line)));
      // What waits goes before what comes.
      await sendByBoth(installation, place.provider, appName);
      // It ends cleanly: whatever it had to send, it has tried by then.
      await restart(stack, holder);
      expect(await calls()).toEqual(completed);
      // Attempts on record are those of valid leases only: one of each token.
      expect((await stack.api.operation(operationId)).stats.attempts).toBe(COUNT);
    },
  );
}
