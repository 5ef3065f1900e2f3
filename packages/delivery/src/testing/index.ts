export { type OpenContractSession, runPushSessionContract } from "./push-session-contract.js";
