import { decodeLines, decodeRecipients, encodeLines, encodeRecipients } from "./delivery-line.js";

const utf8 = (text: string) => new TextEncoder().encode(text);

test("lines are read back as they were stored", () => {
  const lines = [
    { ordinal: 1, token: 'a"\\é' },
    { ordinal: 16_777_215, token: "日本" },
  ];
  expect(decodeLines(utf8(encodeLines(lines)))).toEqual(lines);
});

test("recipients are read back as they were stored", () => {
  const recipients = [
    { provider: "FCM", token: "x:y" },
    { provider: "APN", token: "z" },
  ] as const;
  expect(decodeRecipients(utf8(encodeRecipients(recipients)))).toEqual(recipients);
});

test("bytes of another form are an error, not lines", () => {
  expect(() => decodeLines(utf8('[["1","t"]]'))).toThrow();
  expect(() => decodeRecipients(utf8('[["SMS","t"]]'))).toThrow();
});
