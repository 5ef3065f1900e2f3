import { SESSION_OPENERS } from "./session-openers.js";
import { runSessionPoolFailureContract } from "./testing/session-pool-failure-contract.js";
import { runSessionPoolGoawayContract } from "./testing/session-pool-goaway-contract.js";

const GOAWAYS = { fanfare: 1_000, node: 200 };

for (const name of ["fanfare", "node"] as const) {
  runSessionPoolGoawayContract(`"${name}" sessions`, SESSION_OPENERS[name], GOAWAYS[name]);
  runSessionPoolFailureContract(`"${name}" sessions`, SESSION_OPENERS[name]);
}
