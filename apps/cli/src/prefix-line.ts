import pc from "picocolors";

const COLORS = [pc.cyan, pc.magenta, pc.blue, pc.green, pc.yellow, pc.gray];
const WIDTH = "fanout-worker-1".length;

/** A line of an app's log with the app's name before it, in a colour of its own. */
export function prefixLine(app: string, line: string): string {
  const hash = [...app].reduce((sum, character) => sum + character.charCodeAt(0), 0);
  const color = COLORS[hash % COLORS.length] ?? pc.gray;
  return `${color(app.padEnd(WIDTH))} | ${line}`;
}
