import { type AddressInfo, createServer } from "node:net";
import { listenOn, urlOfListener } from "./listen-on.js";

const settings = { portSetting: "PORT", hostSetting: "HOST" };

test("a port that is taken is said with the setting to change, as what may heal", async () => {
  const holder = createServer();
  const port = await listenOn(holder, { port: 0, host: "127.0.0.1", ...settings });
  expect(port).toBe((holder.address() as AddressInfo).port);
  const refused = listenOn(createServer(), { port, host: "127.0.0.1", ...settings });
  await expect(refused).rejects.toMatchObject({
    message: `Port ${port} of 127.0.0.1 is taken by another process: end that one, or set PORT to another port.`,
    exitCode: 1,
  });
  holder.close();
});

// 192.0.2.0/24 is for documentation: RFC 5737.
test("an address of another machine is said with the setting to change", async () => {
  await expect(listenOn(createServer(), { port: 0, host: "192.0.2.7", ...settings })).rejects.toThrow(
    /^192\.0\.2\.7 is no address of this machine: set HOST /,
  );
});

test.each([
  ["127.0.0.1", "http://127.0.0.1:8080"],
  ["::1", "http://[::1]:8080"],
  ["0.0.0.0", "http://127.0.0.1:8080"],
  ["::", "http://[::1]:8080"],
  ["push.example.com", "http://push.example.com:8080"],
])("what listens on %s is reached from its machine at %s", (host, url) => {
  expect(urlOfListener(host, 8080)).toBe(url);
  expect(new URL(url).href).toBe(`${url}/`);
});
