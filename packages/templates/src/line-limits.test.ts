import { startWorkingThread } from "@fanfare/testkit";
import { CpuBudget } from "./cpu-budget.js";
import { createRenderer, type RenderLine } from "./index.js";

const TOO_LONG = "The template takes too long to render";

/** Works, for so many milliseconds of CPU time. */
function work(ms: number): void {
  const budget = new CpuBudget(ms);
  while (!budget.isUsedUp());
}

/** Variables of which one does something when it is read. */
const reading = (effect: () => void) => ({
  slow: {
    get part() {
      effect();
      return "slow";
    },
  },
  after: "!",
});

const TEXT = "{{ slow.part }}{{ after }}";

/** Renders a text so many times over for one line, as if it were its title, its body and so on. */
const renderTexts = (renderLine: RenderLine, variables: Record<string, unknown>, times: number, text = TEXT) =>
  renderLine(variables, (render) => Array.from({ length: times }, () => render(text)).join(""));

describe("the time that a line may take", () => {
  // A garbage collection counts too, as far as this thread waits for it.
  const lineMs = 80;
  const renderLine = () => createRenderer({ lineMs }).forBatch();

  test("it is not used up while a busy machine keeps the process waiting", () => {
    const wait = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, lineMs + 20);
    expect(renderTexts(renderLine(), reading(wait), 1)).toBe("slow!");
  });

  test("it is not used up by other threads of the process", async () => {
    const other = await startWorkingThread();
    try {
      const elsewhere = () => other.work(2 * lineMs);
      expect(renderTexts(renderLine(), reading(elsewhere), 1)).toBe("slow!");
    } finally {
      await other.end();
    }
  });

  test("a garbage collection that fell into it is not held against it, and always being slow is", () => {
    let readings = 0;
    const once = () => {
      if (readings++ === 0) work(2 * lineMs);
    };
    expect(renderTexts(renderLine(), reading(once), 1)).toBe("slow!");
    expect(readings).toBe(2);
    expect(() =>
      renderTexts(
        renderLine(),
        reading(() => work(2 * lineMs)),
        1,
      ),
    ).toThrow(TOO_LONG);
  });

  test("it is one for all its texts together", () => {
    let readings = 0;
    const each = () => {
      readings++;
      work(lineMs / 4);
    };
    expect(() => renderTexts(renderLine(), reading(each), 500)).toThrow(TOO_LONG);
    expect(readings).toBeLessThan(12);
  });

  test("reading the texts themselves is not held against the line that is the first to need them", () => {
    const texts = Array.from({ length: 60 }, (_, index) => `{% if a %}${"{{ a }}".repeat(2_000)}{% endif %}${index}`);
    const taken = new CpuBudget(120);
    const length = createRenderer({ lineMs: 60, outputMaxLength: 100_000 }).forBatch()(
      {},
      (render) => texts.map(render).join("").length,
    );
    expect(taken.usedMs()).toBeGreaterThan(120);
    expect(length).toBeGreaterThan(60);
  });
});

describe("the time that the lines of a batch may take", () => {
  const limits = { lineMs: 60, ownMs: 10, sharedMs: 200 };

  test("once what they share is used up each has its own share left, in which a quick line is done", () => {
    const renderLine = createRenderer(limits).forBatch();
    const taken = new CpuBudget(2_000);
    for (let line = 0; line < 30; line++) {
      expect(() =>
        renderTexts(
          renderLine,
          reading(() => work(15)),
          500,
        ),
      ).toThrow(TOO_LONG);
    }
    // 30 lines of 60 ms, twice, would take 3.6 s.
    expect(taken.isUsedUp()).toBe(false);
    expect(
      renderTexts(
        renderLine,
        reading(() => work(2)),
        1,
      ),
    ).toBe("slow!");
    expect(() =>
      renderTexts(
        renderLine,
        reading(() => work(30)),
        2,
      ),
    ).toThrow(TOO_LONG);
  });

  test("lines that are done in time use up what they share as well, and another batch has its own", () => {
    const renderer = createRenderer(limits);
    const renderLine = renderer.forBatch();
    const slow = reading(() => work(15));
    for (let line = 0; line < 8; line++) {
      try {
        renderTexts(renderLine, slow, 3);
      } catch {
        break;
      }
    }
    expect(() => renderTexts(renderLine, slow, 3)).toThrow(TOO_LONG);
    expect(renderTexts(renderer.forBatch(), slow, 1)).toBe("slow!");
  });
});

describe("what the outputs of a line may be", () => {
  test("all of them together are no longer than one may be", () => {
    const renderLine = createRenderer({ outputMaxLength: 10 }).forBatch();
    expect(renderTexts(renderLine, { s: "abcde" }, 2, "{{ s }}")).toBe("abcdeabcde");
    for (const text of ["{{ s }}", "abcde"]) {
      expect(() => renderTexts(renderLine, { s: "abcde" }, 3, text)).toThrow("The output is longer than 10 characters");
    }
  });
});
