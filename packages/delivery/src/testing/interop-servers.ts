import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stderr } from "node:process";
import { freePort, until } from "@fanfare/testkit";
import { startTestServer } from "./tls-server.js";

/** An HTTP/2 server that answers a POST with its body or with its path. */
export interface InteropServer {
  origin: string;
  answersWith: "body" | "path";
  /** After how many requests it says GOAWAY. */
  requestsOfConnection: number;
  stop(): Promise<void>;
}

const NGINX_REQUESTS = 500;

type Tls = { cert: string; key: string };

/** Servers to test with: `node:http2` always, and those of other makers where they are installed, which CI has to have. */
export function interopServers(isCi: boolean): { name: string; start: (tls: Tls) => Promise<InteropServer> }[] {
  return [
    { name: "node:http2", start: startNode },
    ...(isInstalled("nghttpd", "--version", isCi) ? [{ name: "nghttpd", start: startNghttpd }] : []),
    ...(isInstalled("nginx", "-v", isCi) ? [{ name: "nginx", start: startNginx }] : []),
  ];
}

function isInstalled(command: string, versionOption: string, isCi: boolean): boolean {
  if (spawnSync(command, [versionOption]).status === 0) return true;
  if (isCi) throw new Error(`CI tests the HTTP/2 client with other makers' servers: install ${command}.`);
  stderr.write(`${command} is not installed: the HTTP/2 client is not tested with it.\n`);
  return false;
}

async function startNode(tls: Tls): Promise<InteropServer> {
  const server = await startTestServer(tls, (stream, _headers, body) => {
    stream.respond({ ":status": 200, "content-type": "text/plain", "x-served-by": "node" });
    stream.end(body);
  });
  return {
    origin: server.origin,
    answersWith: "body",
    requestsOfConnection: Number.POSITIVE_INFINITY,
    stop: server.close,
  };
}

async function startNghttpd(tls: Tls): Promise<InteropServer> {
  const { dir, port } = await prepare(tls);
  const args = ["--echo-upload", "-d", dir, String(port), join(dir, "key.pem"), join(dir, "cert.pem")];
  const server = await run(dir, port, spawn("nghttpd", args, { stdio: "ignore" }));
  return { ...server, answersWith: "body", requestsOfConnection: Number.POSITIVE_INFINITY };
}

async function startNginx(tls: Tls): Promise<InteropServer> {
  const { dir, port } = await prepare(tls);
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${dir}/${name};`,
  );
  writeFileSync(
    join(dir, "nginx.conf"),
    `daemon off; pid ${dir}/nginx.pid; error_log ${dir}/error.log; events {}
     http {
       access_log off; ${temporary.join(" ")}
       keepalive_requests ${NGINX_REQUESTS};
       server {
         listen 127.0.0.1:${port} ssl http2;
         ssl_certificate ${dir}/cert.pem; ssl_certificate_key ${dir}/key.pem;
         location / { default_type text/plain; return 200 $request_uri; }
       }
     }`,
  );
  const args = ["-p", dir, "-c", join(dir, "nginx.conf"), "-e", join(dir, "error.log")];
  const server = await run(dir, port, spawn("nginx", args, { stdio: "ignore" }));
  return { ...server, answersWith: "path", requestsOfConnection: NGINX_REQUESTS };
}

async function prepare({ cert, key }: Tls): Promise<{ dir: string; port: number }> {
  const dir = mkdtempSync(join(tmpdir(), "fanfare-interop-"));
  writeFileSync(join(dir, "cert.pem"), cert);
  writeFileSync(join(dir, "key.pem"), key, { mode: 0o600 });
  return { dir, port: await freePort() };
}

async function run(dir: string, port: number, child: ChildProcess): Promise<Pick<InteropServer, "origin" | "stop">> {
  let hasEnded = false;
  const ended = once(child, "close").then(() => {
    hasEnded = true;
  });
  const stop = async () => {
    child.kill("SIGTERM");
    await ended;
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    const describe = `${child.spawnfile} listening`;
    await until(async () => hasEnded || (await isListening(port)), { describe });
    if (hasEnded) throw new Error(`${child.spawnfile} ended with code ${child.exitCode}.`);
  } catch (error) {
    await stop();
    throw error;
  }
  return { origin: `https://localhost:${port}`, stop };
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true));
    socket.once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}
