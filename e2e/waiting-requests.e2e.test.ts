import { testCancels } from "./waiting-requests/cancel.js";
import { startWaitingInstallation, type WaitingInstallation } from "./waiting-requests/installation.js";
import { testPauses } from "./waiting-requests/paused-worker.js";
import { testStops } from "./waiting-requests/sigterm.js";

// Requests that wait on their way to the provider, and by the time that it can be reached are not wanted any more.

let installation: WaitingInstallation;
const running = () => installation;

beforeAll(async () => {
  installation = await startWaitingInstallation();
});
afterEach(async () => {
  installation.lead("provider");
  await installation.stack.simulate("DELETE", "/faults");
});
afterAll(() => installation?.close());

testStops(running);
testPauses(running);
testCancels(running);
