import { createLogger, maskToken } from "./logger.js";

function capture(format: "json" | "pretty", log: (logger: ReturnType<typeof createLogger>) => void): string {
  let text = "";
  const destination = {
    write(line: string) {
      text += line;
    },
  };
  log(createLogger("test", { format, destination }));
  return text;
}

test.each(["json", "pretty"] as const)("secrets are blotted out of %s lines wherever they stand", (format) => {
  const text = capture(format, (log) =>
    log.info({ token: "hush", headers: { authorization: "hush" }, a: { b: { private_key: "hush" } } }, "Sent"),
  );
  expect(text).not.toContain("hush");
  expect(text).toContain("Sent");
});

test("a pretty line has the message, the fields and the error's stack", () => {
  const text = capture("pretty", (log) => log.error({ err: new Error("broken"), count: 3 }, "It failed"));
  expect(text).toMatch(/ERROR It failed count=3\nError: broken\n\s+at /);
});

test("of a device token a log shows too little to send to it", () => {
  expect(maskToken("abcdefghijklmnop")).toBe("abcd…mnop");
  expect(maskToken("short")).toBe("…");
});
