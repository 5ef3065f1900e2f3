import type { AddressInfo, Server } from "node:net";
import { StartError } from "./start-error.js";

/** Where a server listens, and the settings that say so. */
export interface ListenOptions {
  port: number;
  host: string;
  portSetting: string;
  /** Absent: nobody may choose another address. */
  hostSetting?: string;
}

/**
 * Lets a server listen, and resolves with its port: the given one, or a free one for 0.
 *
 * @throws StartError when it can not.
 */
export async function listenOn(server: Server, options: ListenOptions): Promise<number> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(options.port, options.host, () => {
        server.removeListener("error", reject);
        resolve();
      });
    });
  } catch (error) {
    throw explain(error as NodeJS.ErrnoException, options);
  }
  return (server.address() as AddressInfo).port;
}

function explain(cause: NodeJS.ErrnoException, { port, host, portSetting, hostSetting }: ListenOptions): Error {
  const { code = "" } = cause;
  if (code === "EADDRINUSE") {
    return new StartError(
      `Port ${port} of ${host} is taken by another process: end that one, or set ${portSetting} to another port.`,
      { cause },
    );
  }
  if (code === "EACCES") {
    return new StartError(`This user may not listen on port ${port}: set ${portSetting} to one of 1024 or higher.`, {
      ...{ cause, mayHeal: false },
    });
  }
  if (NO_ADDRESS.has(code) && hostSetting !== undefined) {
    return new StartError(
      `${host} is no address of this machine: set ${hostSetting} to one that is, such as 127.0.0.1 or 0.0.0.0.`,
      // A machine that boots may get its address later.
      { cause, mayHeal: code === "EADDRNOTAVAIL" },
    );
  }
  return cause;
}

/** Of an address of another machine, of a family that this machine has not, of a name that is not known. */
const NO_ADDRESS = new Set(["EADDRNOTAVAIL", "EAFNOSUPPORT", "EINVAL", "ENOTFOUND", "EAI_AGAIN"]);

/** Addresses that stand for all of a machine: nobody can call one. */
const WILDCARDS: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1" };

/** The URL under which this machine reaches a server that listens on a host and a port. */
export function urlOfListener(host: string, port: number): string {
  const address = WILDCARDS[host] ?? host;
  return `http://${address.includes(":") ? `[${address}]` : address}:${port}`;
}
