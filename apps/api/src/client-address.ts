import { isIP } from "node:net";
import type { Request } from "express";
import ipaddr from "ipaddr.js";

/** An address with the port that some proxies write behind it: `192.0.2.1:4711`, `[2001:db8::1]:4711`. */
const WITH_PORT = /^(?:(\d+\.\d+\.\d+\.\d+):\d+|\[([^\]]+)\](?::\d+)?)$/;

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/**
 * The address that a request comes from, in one form: an IPv4 address as such, however IPv6 wraps it (RFC 4291, section 2.5.5.2; RFC 6052).
 * `undefined`: a proxy that is believed has written something else.
 */
export function clientAddress({ ip }: Pick<Request, "ip">): string | undefined {
  return parse(ip)?.toString();
}

/**
 * What wrong logins are counted by: an IPv4 address, or the first 64 bits of an IPv6 one, since whoever has one address
 * there has all of its network (RFC 6177). What is no address is counted together.
 */
export function networkOf(ip: string | undefined): string {
  const address = parse(ip);
  if (!address) return "unknown";
  if (address instanceof ipaddr.IPv4) return address.toString();
  return `${ipaddr.IPv6.networkAddressFromCIDR(`${address.toNormalizedString().replace(/%.*/, "")}/64`)}/64`;
}

function parse(ip = ""): Address | undefined {
  const [, four, six] = WITH_PORT.exec(ip) ?? [];
  const text = four ?? six ?? ip;
  if (isIP(text) === 0) return undefined;
  const address = ipaddr.process(text);
  if (address instanceof ipaddr.IPv4 || address.range() !== "rfc6052") return address;
  return new ipaddr.IPv4(address.toByteArray().slice(-4));
}
