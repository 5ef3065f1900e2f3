export { type OpenContractSession, runPushSessionContract } from "./push-session-contract.js";
export { selfSignedCertificate } from "./tls-server.js";
