import * as accept from "./scenarios/accept.mjs";
import * as blast from "./scenarios/blast.mjs";
import * as bodies from "./scenarios/bodies.mjs";
import * as floors from "./scenarios/floors.mjs";
import * as growth from "./scenarios/growth.mjs";
import * as logins from "./scenarios/logins.mjs";
import * as naive from "./scenarios/naive.mjs";
import * as peers from "./scenarios/peers.mjs";
import * as read from "./scenarios/read.mjs";
import * as stream from "./scenarios/stream.mjs";
import * as workers from "./scenarios/workers.mjs";

/**
 * In the order in which they run. Each exports `title`, `timeoutMs`, `run`, which resolves with data, `tables`, which turns those
 * into text, and maybe `needs`: scenarios that must run before it.
 */
export const SCENARIOS = { floors, blast, growth, stream, accept, bodies, logins, read, workers, naive, peers };
