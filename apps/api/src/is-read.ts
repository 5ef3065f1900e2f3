const READS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/** Whether a request of such a method changes nothing. */
export const isRead = (method: string): boolean => READS.has(method);
