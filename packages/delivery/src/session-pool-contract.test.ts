import { SESSION_OPENERS } from "./session-openers.js";
import { runSessionPoolFailureContract } from "./testing/session-pool-failure-contract.js";
import { runSessionPoolGoawayContract } from "./testing/session-pool-goaway-contract.js";

for (const [name, open] of Object.entries(SESSION_OPENERS)) {
  runSessionPoolGoawayContract(`"${name}" sessions`, open);
  runSessionPoolFailureContract(`"${name}" sessions`, open);
}
