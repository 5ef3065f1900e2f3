import Table from "cli-table3";

const STYLE = { head: [], border: [], compact: true };

export const rate = (value) => (Number.isFinite(value) ? String(Math.round(value)) : "");
export const micros = (value) => (Number.isFinite(value) ? value.toFixed(1) : "");
export const ms = (value) => (Number.isFinite(value) ? value.toFixed(value < 100 ? 1 : 0) : "");
export const mb = (value) => (Number.isFinite(value) ? value.toFixed(0) : "");
export const ratio = (value) => (Number.isFinite(value) ? value.toFixed(2) : "");

/** A table as text. */
export function table(head, rows) {
  const made = new Table({ head, style: STYLE });
  made.push(...rows.map((row) => row.map(String)));
  return made.toString();
}

/** A table with a row for each name that any of the columns knows. */
export function tableByName(head, columns, format) {
  const names = [...new Set(columns.flatMap((column) => Object.keys(column)))];
  return table(
    head,
    names.map((name) => [name, ...columns.map((column) => format(column[name]))]),
  );
}
