/** A page of a list that is ordered by id, newest first. */
export interface IdPage {
  /** The last id of the page before. */
  before?: string | undefined;
  limit: number;
}

/** What is older than an id. */
export const olderThan = (before: string | undefined) => (before === undefined ? {} : { id: { lt: before } });
