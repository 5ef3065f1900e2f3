/** A refusal as APNs words it. */
export interface ApnsRefusal {
  status: number;
  reason: string;
}

/** Makes a refusal. */
export const refusal = (status: number, reason: string): ApnsRefusal => ({ status, reason });
