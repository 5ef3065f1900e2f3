import type { Fault } from "./plan.js";

/** Whether a delivery worker may lose a lease by a fault: what is sent again then is explained. */
export function canLoseLeases(fault: Fault): boolean {
  switch (fault.kind) {
    case "kill":
    case "pause":
      return fault.target === "postgres" || isDelivery(fault.target);
    case "terminate":
      return fault.target === "postgres";
    case "cut":
    case "stall":
    case "loseAnswers":
    // Renewals wait for slow statements: of a lease as short as that of this installation, too long.
    case "delay":
      return isDelivery(fault.link) && fault.link.endsWith("→ postgres");
    case "endSessions":
      return true;
    default:
      return false;
  }
}

const isDelivery = (name: string) => name.startsWith("fcm-worker") || name.startsWith("apns-worker");
