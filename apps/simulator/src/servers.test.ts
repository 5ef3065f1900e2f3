import { once } from "node:events";
import { connect as connectTcp } from "node:net";
import { connect as connectTls } from "node:tls";
import { until } from "@fanfare/testkit";
import { startSimulator } from "./start-simulator.js";

/** Ways to be connected and not to have done TLS yet. */
const CONNECTIONS = [
  ["says nothing", (port: number) => connectTcp(port, "localhost")],
  ["is shaking hands", (port: number) => connectTls({ port, host: "localhost", rejectUnauthorized: false })],
] as const;

test.each(CONNECTIONS)("a simulator that ends does not wait for a connection that %s", async (_how, connect) => {
  const simulator = await startSimulator();
  const socket = connect(Number(new URL(simulator.urls.fcm).port));
  // That it is cut off is what is tested.
  socket.on("error", () => undefined);
  const ended = once(socket, "close");
  await until(() => !socket.connecting);
  await simulator.close();
  await ended;
});
