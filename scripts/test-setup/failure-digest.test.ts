interface Failure {
  file: string;
  name: string;
  messages: string[];
}
// Plain JavaScript, which jest itself loads: it has no types.
const module = "./failure-digest.mjs";
const { failureDigest, failuresOf, PROCESS_LINES } = (await import(module)) as {
  failureDigest: (failures: Failure[], budget?: number) => string[];
  failuresOf: (results: object[], rootDir: string) => Failure[];
  PROCESS_LINES: string;
};

const failure = (name: string, ...messages: string[]): Failure => ({ file: "e2e/a.test.ts", name, messages });
const processLines = (...lines: string[]) => [PROCESS_LINES, ...lines].join("\n");

test("a failure is its file, its name, the start of its message without colours and stack, and what its processes said", () => {
  const message = "\u001b[31mError: no\u001b[39m\n\n2\n3\n4\n5\n6\n7\n    at somewhere (a.ts:1:2)";
  expect(
    failureDigest([failure("fails", message, processLines("api | one", "api | two", "fcm-worker | three"))]),
  ).toEqual([
    "● e2e/a.test.ts: fails",
    ...["Error: no", "2", "3", "4", "5", "6"].map((line) => `    ${line}`),
    ...["api | one", "api | two", "fcm-worker | three"].map((line) => `    ${line}`),
  ]);
});

test("a budget that is short is shared by the failures, and by the processes of one: the newest lines are kept", () => {
  const talkative = failure(
    "talks",
    "no",
    processLines("api | 1", "api | 2", "api | 3", "fcm-worker | 4", "fcm-worker | 5"),
  );
  expect(failureDigest([talkative, failure("is short", "no")], 6)).toEqual([
    "● e2e/a.test.ts: talks",
    "    no",
    "    api | 3",
    "    fcm-worker | 5",
    "● e2e/a.test.ts: is short",
    "    no",
  ]);
});

test.each([1, 3, 17, 50, 51, 400])("of %d failures none is missing, in 50 lines", (count) => {
  const failures = Array.from({ length: count }, (_, index) => ({
    ...failure(
      `test ${index}.`,
      "Error\n".repeat(9),
      processLines(..."abcdef".split("").map((name) => `${name} | ${index}`)),
    ),
    file: `e2e/${index % 70}.test.ts`,
  }));
  const lines = failureDigest(failures);
  expect(lines.length).toBeLessThanOrEqual(50);
  for (const { file, name } of failures) {
    expect(lines.some((line) => line.includes(file) && line.includes(name))).toBe(true);
  }
});

test("the failures of a run are its failed tests and the files that could not be run", () => {
  const failed = { status: "failed", ancestorTitles: ["a"], title: "b", failureMessages: ["no"] };
  const passed = { status: "passed", ancestorTitles: [], title: "c", failureMessages: [] };
  const results = [
    { testFilePath: "/root/a.test.ts", testResults: [failed, passed], failureMessage: "● a › b" },
    { testFilePath: "/root/b.test.ts", testResults: [passed], testExecError: { message: "", stack: "SyntaxError" } },
    { testFilePath: "/root/c.test.ts", testResults: [passed], failureMessage: null },
  ];
  expect(failuresOf(results, "/root")).toEqual([
    { file: "a.test.ts", name: "a › b", messages: ["no"] },
    { file: "b.test.ts", name: "(the file itself)", messages: ["SyntaxError"] },
  ]);
});
