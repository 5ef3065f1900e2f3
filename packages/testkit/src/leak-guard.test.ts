import { createServer, type Server } from "node:net";
import { leakGuard, leaksSince, takeCensus } from "./leak-guard.js";
import { until } from "./until.js";

leakGuard();

const listen = (server: Server) => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

test("a server left open is a leak until it is closed", async () => {
  const before = takeCensus();
  const server = createServer();
  await listen(server);
  expect(leaksSince(before)).toEqual(["1 TCPServerWrap"]);
  server.close();
  await until(() => leaksSince(before).length === 0);
});

test("a signal listener left behind is a leak until it is removed", () => {
  const before = takeCensus();
  const listener = () => undefined;
  process.on("SIGTERM", listener);
  expect(leaksSince(before)).toEqual(["1 SIGTERM listener"]);
  process.off("SIGTERM", listener);
  expect(leaksSince(before)).toEqual([]);
});
