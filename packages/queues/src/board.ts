import { BullMQAdapter } from "@bull-board/api/bullMQAdapter";
import { QUEUE_NAMES } from "./catalog.js";
import type { QueueConnection } from "./connection.js";

/** The queues as Bull Board shows them. */
export function boardQueues(connection: QueueConnection): BullMQAdapter[] {
  return QUEUE_NAMES.map((name) => new BullMQAdapter(connection.queue(name)));
}
