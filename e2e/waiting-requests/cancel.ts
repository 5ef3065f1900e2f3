import { parseId } from "@fanfare/domain";
import { until } from "@fanfare/testkit";
import { COUNT, type WaitingInstallation } from "./installation.js";
import { accessToken, FREE_STREAM, PROOF, SILENT_CONNECTION } from "./places.js";
import { sendThatWaits } from "./send-that-waits.js";

const PLACES = [SILENT_CONNECTION, FREE_STREAM, PROOF, accessToken("an access token that comes late", 3_000)];

/** A sender changes their mind. */
export function testCancels(running: () => WaitingInstallation): void {
  test.each(PLACES)("canceled while requests wait for $title: nothing more of it is sent", async (place) => {
    const installation = running();
    const { stack } = installation;
    const name = `canceled-${PLACES.indexOf(place)}`;
    const { operationId, calls } = await sendThatWaits(installation, place, name);
    await stack.api.cancel(operationId);
    await workerHasHeard(installation, operationId);
    const inFlight = await calls();
    installation.lead("provider");
    await stack.simulate("DELETE", "/faults");
    const { stats } = await until(async (see) => {
      const operation = see(await stack.api.operation(operationId));
      return operation.status === "CANCELED" && operation.stats.queued === 0 && operation;
    });
    expect(await calls()).toEqual(inFlight);
    const sent = inFlight.size;
    expect(stats).toMatchObject({ total: COUNT, sent, canceled: COUNT - sent, attempts: sent });
  });
}

/** A worker hears of a cancel when it prolongs its lease. */
async function workerHasHeard({ stack }: WaitingInstallation, operationId: string): Promise<void> {
  const id = parseId("operation", operationId) as string;
  const leaseEnd = async () => {
    const batch = await stack.db.deliveryBatch.findFirst({ where: { operationId: id } });
    return batch?.leasedBy ? batch.visibleAt.getTime() : Number.POSITIVE_INFINITY;
  };
  const before = await leaseEnd();
  await until(async () => before === Number.POSITIVE_INFINITY || (await leaseEnd()) > before);
}
