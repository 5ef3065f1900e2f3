import { clientAddress, networkOf } from "./client-address.js";

test.each([
  ["192.0.2.7", "192.0.2.7", "192.0.2.7"],
  ["192.0.2.7:4711", "192.0.2.7", "192.0.2.7"],
  ["::ffff:192.0.2.7", "192.0.2.7", "192.0.2.7"],
  ["::ffff:c000:207", "192.0.2.7", "192.0.2.7"],
  ["0:0:0:0:0:ffff:192.0.2.7", "192.0.2.7", "192.0.2.7"],
  ["64:ff9b::192.0.2.7", "192.0.2.7", "192.0.2.7"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["[2001:db8:1:2::6]:4711", "2001:db8:1:2::6", "2001:db8:1:2::/64"],
  ["[2001:db8:1:2::6]", "2001:db8:1:2::6", "2001:db8:1:2::/64"],
  ["2001:0DB8:0001:2::1", "2001:db8:1:2::1", "2001:db8:1:2::/64"],
  ["fe80::1%eth0", "fe80::1%eth0", "fe80::/64"],
  ["::1", "::1", "::/64"],
])("%s is %s, and its wrong logins are counted by %s", (ip, address, network) => {
  expect([clientAddress({ ip }), networkOf(ip)]).toEqual([address, network]);
});

test.each([
  undefined,
  "",
  "unknown",
  "_hidden",
  "192.0.2",
  "7",
  "300.0.2.7",
  "192.0.2.7:",
  `"<script>`,
  "x".repeat(5_000),
])("%j is no address, and counted with all that is none", (ip) => {
  expect([clientAddress({ ip }), networkOf(ip)]).toEqual([undefined, "unknown"]);
});
