export type { ClientTools, CredentialOf, DeliveryProvider, VerifyTools } from "./delivery-provider.js";
export { deliveryWorkerSchema, deliveryWorkerSettings } from "./delivery-worker-config.js";
export { startDeliveryWorker } from "./start-delivery-worker.js";
