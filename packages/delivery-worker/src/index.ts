export type { ClientTools, CredentialOf, DeliveryProvider, VerifyTools } from "./delivery-provider.js";
export { startDeliveryWorker } from "./start-delivery-worker.js";
