export { APNS_CODES, type ApnsCode } from "./apns/codes.js";
export { configSchema } from "./config.js";
export type { CustomerNames, Customers, NewCustomer } from "./customers.js";
export { FCM_CODES, type FcmCode } from "./fcm/codes.js";
export { type Sink, startSink } from "./sink/start-sink.js";
export { type Simulator, startSimulator } from "./start-simulator.js";
export { TOKEN_RULES } from "./token-rules.js";
