import { createServer } from "node:http";
import { answerReadiness, type ReadinessDetail } from "./answer-readiness.js";
import { listenOn } from "./listen-on.js";
import type { Readiness } from "./readiness.js";

/** A worker's health over HTTP: `/healthz`, red when only a restart helps, and `/readyz`, red when something it needs is away. */
export interface HealthServer {
  port: number;
  close(): Promise<void>;
}

/** What a health server answers, and whom it tells why. */
export interface HealthOptions {
  readiness: () => Promise<Readiness>;
  health: () => Promise<Readiness>;
  detail: ReadinessDetail;
}

// An answer of a moment ago says nothing.
const HEADERS = {
  "content-type": "application/json",
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
};

/** Serves health on a port; 0 = any free one. @throws StartError when it can not listen there. */
export async function startHealthServer(
  port: number,
  host: string,
  { readiness, health, detail }: HealthOptions,
): Promise<HealthServer> {
  const server = createServer(async (req, res) => {
    const answer = (status: number, body: object) => {
      res.writeHead(status, HEADERS).end(JSON.stringify(body));
    };
    const [path] = (req.url ?? "").split("?");
    if (path !== "/healthz" && path !== "/readyz") return answer(404, { status: "not found" });
    const { status, body } = answerReadiness(await (path === "/healthz" ? health() : readiness()), req, detail);
    answer(status, body);
  });
  const settings = { portSetting: "HEALTH_PORT", hostSetting: "HEALTH_HOST" };
  return {
    port: await listenOn(server, { port, host, ...settings }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
