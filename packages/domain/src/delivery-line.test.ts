import { decodeLines, decodeRecipients, encodeLines, encodeRecipients } from "./delivery-line.js";
import type { Recipient } from "./recipient.js";

const utf8 = (text: string) => new TextEncoder().encode(text);

test("lines are read back as they were stored", () => {
  const lines = [
    { ordinal: 1, token: 'a"\\é' },
    { ordinal: 16_777_215, token: "日本" },
    { ordinal: 2, token: "t", rendered: { content: { title: "Hi Ada" }, sound: "ring" } },
    { ordinal: 3, token: "t", position: 0 },
    { ordinal: 3, token: "u", position: 1, rendered: { content: { title: "Hi" } } },
  ];
  expect(decodeLines(utf8(encodeLines(lines)))).toEqual(lines);
});

test("recipients are read back as they were stored", () => {
  const recipients = [
    { provider: "FCM", token: "x:y" },
    { provider: "APN", token: "z" },
    { provider: "APN", token: "z", variables: { name: "Ada", list: [1, null, { a: true }] }, locale: "pt-BR" },
    { userId: "01890000-0000-7000-8000-000000000001", locale: "de" },
    { addresses: [{ provider: "FCM", token: "a" }], policy: "first", variables: {} },
    { addresses: [{ provider: "FCM", token: "a" }], policy: "all" },
  ] as Recipient[];
  expect(decodeRecipients(utf8(encodeRecipients(recipients)))).toEqual(recipients);
});

test("bytes of another form are an error, not lines", () => {
  expect(() => decodeLines(utf8('[["1","t"]]'))).toThrow();
  expect(() => decodeRecipients(utf8('[["SMS","t"]]'))).toThrow();
});

test("what a newer release adds to lines and recipients is ignored", () => {
  expect(decodeLines(utf8('[[1,"t",null,0,"new",{"a":1}],[2,"u",{"content":{"title":"Hi"},"new":1}]]'))).toMatchObject([
    { ordinal: 1, token: "t", position: 0 },
    { ordinal: 2, token: "u", rendered: { content: { title: "Hi" } } },
  ]);
  expect(
    decodeRecipients(
      utf8('[["FCM","t",null,null,"new"],["ALL",[["APN","a","new"]],{"x":1},"de",{}],["USER","u",null,null,1]]'),
    ),
  ).toEqual([
    { provider: "FCM", token: "t" },
    { addresses: [{ provider: "APN", token: "a" }], policy: "all", variables: { x: 1 }, locale: "de" },
    { userId: "u" },
  ]);
});
