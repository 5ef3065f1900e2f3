// Preloaded into a process that uses firebase-admin: connections to Google go to the simulator instead.
import http2 from "node:http2";
import tls from "node:tls";

const { SIMULATOR_PORT } = process.env;
const connectTls = tls.connect;
const connectHttp2 = http2.connect;

tls.connect = (...args) => {
  const options = args.find((arg) => typeof arg === "object" && arg !== null) ?? {};
  const host = options.host ?? options.hostname ?? options.servername ?? args.find((arg) => typeof arg === "string");
  if (!/\.googleapis\.com$/.test(String(host))) return connectTls(...args);
  const callback = args.find((arg) => typeof arg === "function");
  const redirected = { host: "localhost", port: Number(SIMULATOR_PORT), servername: "localhost", socket: undefined };
  return connectTls({ ...options, ...redirected }, callback);
};

// firebase-admin writes the pseudo-header `:scheme` as `https:`. Google lets that pass; Node's HTTP/2 server, which the
// simulator stands on, resets the stream as RFC 9113, section 8.1.1, asks of it. Everything else is the library's own.
http2.connect = (...args) => {
  const session = connectHttp2(...args);
  const { request } = session;
  session.request = (headers, options) =>
    request.call(session, headers[":scheme"] === "https:" ? { ...headers, ":scheme": "https" } : headers, options);
  return session;
};
