import { openNodeHttp2Session } from "./node-http2-session.js";
import { runPushSessionContract } from "./testing/push-session-contract.js";

runPushSessionContract("node:http2", openNodeHttp2Session);
