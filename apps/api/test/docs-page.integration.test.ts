import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { findChromium, patient, until } from "@fanfare/testkit";
import { type Browser, chromium, type Locator, type Page } from "playwright-core";
import type { CodeSample } from "../src/openapi/code-samples.js";
import { pathTemplate } from "../src/openapi/path-template.js";
import type { Route } from "../src/route.js";
import { sendNotifications } from "../src/routes/send-notifications.js";
import { ALL_ROUTES } from "../src/routes.js";
import { type RunningApi, runApi } from "./support.js";

const executablePath = findChromium();

/** All that a browser asks of other hosts than this one, none of which is reached. */
async function startDeadEnd() {
  const asked: string[] = [];
  const server = createServer((req, res) => {
    asked.push(req.url ?? "");
    res.writeHead(502).end();
  });
  server.on("connect", (req, socket) => {
    asked.push(req.url ?? "");
    socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  return { asked, url: `http://127.0.0.1:${port}`, close: () => server.close() };
}

/** What Chromium asks for itself, whatever it shows. */
const OF_CHROMIUM = /^(https?:\/\/)?((accounts|clients2)\.google\.com|update\.googleapis\.com)[/:]/;

const isOfPage = (asked: string) => !OF_CHROMIUM.test(asked);

if (executablePath) {
  describe("the reference in Chromium, without a network", () => {
    let api: RunningApi;
    let deadEnd: Awaited<ReturnType<typeof startDeadEnd>>;
    let browser: Browser;
    let page: Page;

    beforeAll(async () => {
      [api, deadEnd] = await Promise.all([runApi(), startDeadEnd()]);
      browser = await chromium.launch({
        executablePath,
        // Whatever is not on this machine is asked of the dead end, and no name is looked up.
        proxy: { server: deadEnd.url, bypass: "127.0.0.1" },
        args: ["--no-sandbox", "--disable-dev-shm-usage"],
      });
      const { user: username, password } = api.account;
      page = await browser.newPage({
        httpCredentials: { username, password },
        viewport: { width: 1_500, height: 1_000 },
      });
      page.setDefaultTimeout(patient(30_000));
    }, patient(60_000));
    afterAll(async () => {
      await browser.close();
      deadEnd.close();
      await api.close();
    });

    /** Goes to where an operation is described. Resolves with the panel that shows how it is called. */
    async function panelOf({ tag, operationId }: Route): Promise<Locator> {
      const id = `${tag}/${operationId}`.toLowerCase();
      await page.goto(`${api.url}/docs#/${id}`);
      return page.locator(`[id="${id}"] .panel-request-samples`);
    }

    const shown = async (panel: Locator) => (await panel.locator("pre").innerText()).trim();

    test("it asks nothing of any other host, and shows how each operation is called", async () => {
      const { body: document } = await api.call("GET", "/openapi.json");
      const samplesOf = ({ method, path }: Route): CodeSample[] =>
        document.paths[pathTemplate(path)][method]["x-codeSamples"];
      const loaded: string[] = [];
      page.on("requestfinished", (request) => loaded.push(new URL(request.url()).origin));
      for (const route of ALL_ROUTES) {
        const panel = await panelOf(route);
        await until(async (see) => see(await shown(panel)) === samplesOf(route)[0]?.source);
      }
      const panel = await panelOf(sendNotifications);
      for (const { label, source } of samplesOf(sendNotifications)) {
        await panel.locator("[data-component-name='Dropdown/Dropdown']").last().click();
        await page
          .getByRole("menuitem")
          .filter({ hasText: new RegExp(`^${label}$`) })
          .click();
        await until(async (see) => see(await shown(panel)) === source);
      }
      expect([...new Set(loaded)]).toEqual([new URL(api.url).origin]);
      expect(deadEnd.asked.filter(isOfPage)).toEqual([]);
      await page.goto("http://elsewhere.example/").catch(() => undefined);
      expect(deadEnd.asked.filter(isOfPage)).toEqual(["http://elsewhere.example/"]);
    });
  });
}
