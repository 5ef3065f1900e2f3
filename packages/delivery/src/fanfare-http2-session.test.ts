import { openFanfareHttp2Session } from "./fanfare-http2-session.js";
import { runPushSessionContract } from "./testing/push-session-contract.js";

runPushSessionContract("Fanfare's HTTP/2 client", openFanfareHttp2Session);
