import { queueBackends, startTcpProxy, type TcpProxy, until } from "@fanfare/testkit";
import { type RunningApi, runApi } from "./support.js";

describe.each(queueBackends())("Bull Board ($name)", ({ redisUrl }) => {
  let proxy: TcpProxy;
  let api: RunningApi;

  beforeEach(async () => {
    proxy = await startTcpProxy();
  });
  afterEach(async () => {
    await api.close();
    proxy.end();
  });

  const board = async () => {
    const path = "/admin/queues/api/queues?page=1&jobsPerPage=1";
    const { status, body } = await api.call("GET", path, { as: api.operator });
    return { status, queues: status === 200 ? body.queues.length : 0 };
  };
  const ALL = { status: 200, queues: 5 };

  test("shows all queues", async () => {
    api = await runApi(redisUrl ? { REDIS_URL: redisUrl } : {});
    expect(await board()).toEqual(ALL);
  });

  // The API needs no queue to start: it may be up before Redis is.
  if (redisUrl) {
    test("shows the queues of a Redis that came after the API", async () => {
      const behindProxy = proxy.before(redisUrl);
      proxy.set({ kind: "cut" });
      api = await runApi({ REDIS_URL: behindProxy });
      expect((await board()).status).toBe(503);
      // Longer than what was begun meanwhile waits for an answer.
      await new Promise((resolve) => setTimeout(resolve, 4_000));
      proxy.set({ kind: "pass" });
      await until(async () => (await board()).status === 200);
      expect(await board()).toEqual(ALL);
    });
  }
});
