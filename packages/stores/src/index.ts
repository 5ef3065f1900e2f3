export { openStores, type StoreConfig, type Stores } from "./open-stores.js";
export { createStoreErrors, type StoreErrors } from "./store-errors.js";
export { watchWork } from "./watch-work.js";
