import { hostname } from "node:os";
import { createProviderStore, logCompleted } from "@fanfare/db";
import {
  createClientRegistry,
  createDeliverer,
  guardClient,
  logConvicted,
  logLostLease,
  logNoCredential,
} from "@fanfare/delivery";
import { DEFAULT_RETRY_POLICY, type Provider } from "@fanfare/domain";
import { consume, DELIVERY_QUEUES } from "@fanfare/queues";
import type { Service } from "@fanfare/runtime";
import { openStores, watchWork } from "@fanfare/stores";
import { consumeChecks } from "./consume-checks.js";
import type { DeliveryProvider } from "./delivery-provider.js";
import type { DeliveryWorkerConfig } from "./delivery-worker-config.js";
import { openCredentials } from "./open-credentials.js";

/** Starts delivering through a provider, and checking its credentials; everything that it opens belongs to the service. */
export async function startDeliveryWorker<Of extends Provider>(
  service: Service,
  config: DeliveryWorkerConfig,
  provider: DeliveryProvider<Of>,
): Promise<Record<string, never>> {
  const stores = await openStores(service, config);
  const { db, queues, brake, ping, onError } = stores;
  const credentials = openCredentials(service, config, stores, provider);
  const credentialGiveUpMs = config.CREDENTIAL_GIVE_UP_HOURS * 3_600_000;
  const clients = service.own(
    createClientRegistry({
      load: credentials.load,
      open: credentials.open,
      guard: (client, credential) =>
        guardClient(client, { ...provider.guard, credentialGiveUpMs, ...credentials.watch.of(credential) }),
      onGone: credentials.watch.forget,
      onError,
    }),
    (opened) => opened.close(),
  );
  const leaseMs = config.LEASE_MS;
  const holder = `${hostname()}:${process.pid}`;
  const deliverer = service.own(
    createDeliverer({
      store: createProviderStore(db, {
        provider: provider.provider,
        holder,
        leaseMs,
        onCompleted: logCompleted(brake),
      }),
      clientFor: clients.clientFor,
      retryPolicy: { ...DEFAULT_RETRY_POLICY, credentialGiveUpMs },
      ...{ leaseMs, onError },
      ...{ onConvicted: logConvicted(brake), onLeaseLost: logLostLease(brake), onNoCredential: logNoCredential(brake) },
      ...(provider.windowSize !== undefined && { windowSize: provider.windowSize }),
    }),
    (opened) => opened.close(),
  );
  const queue = DELIVERY_QUEUES[provider.provider];
  const consumer = consume(queues, queue, ({ batchIds }) => deliverer.begin(batchIds, service.stopping), {
    concurrency: config.DELIVERY_CONCURRENCY,
    onError,
    onBroken: service.fail,
  });
  const checks = consumeChecks(service, stores, provider, credentials);
  service.onStop(() => consumer.stop().then(() => deliverer.drain()), { ping, inHand: deliverer.inHand });
  service.onStop(() => checks.stop(), { ping });
  service.countLost("outcomes were not recorded", deliverer.unrecorded);
  watchWork(service, config, stores, { queue, consumer, parts: deliverer.recorded });
  const { HTTP2_CLIENT: http2Client, DELIVERY_CONCURRENCY: concurrency } = config;
  const { origin, sessions } = provider;
  service.log.info(
    {
      ...{ provider: provider.provider, origin, sessions: sessions.maxSessions },
      ...{ http2Client, concurrency, queue: queues.backend, leaseMs },
    },
    "Delivers with these settings",
  );
  return {};
}
