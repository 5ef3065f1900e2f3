export { TOKEN_RULES } from "./behaviours.js";
export { configSchema } from "./config.js";
export { type Simulator, startSimulator } from "./start-simulator.js";
