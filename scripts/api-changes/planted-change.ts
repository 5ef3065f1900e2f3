import type { Edit } from "./edit-document.js";

/** One change of the API, what it means to those who call it, and of some how it is told. */
export interface PlantedChange {
  title: string;
  /** What the API was like before, where that is not what was released. */
  first?: Edit;
  edit: Edit;
  /** The whole sentence. */
  told?: string;
}
