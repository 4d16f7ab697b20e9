/** Lists as files for a spreadsheet. */
import { saveFile } from "./save-file.ts";

export interface CsvColumn<Row> {
  title: string;
  value: (row: Row) => string | number | undefined;
}

/** RFC 4180. Text that a spreadsheet would take for a formula is kept from running: it may come from a visitor's door. */
function cell(value: string | number | undefined): string {
  if (value === undefined) return "";
  const text = typeof value === "string" && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function toCsv<Row>(rows: readonly Row[], columns: readonly CsvColumn<Row>[]): string {
  const lines = [
    columns.map((column) => cell(column.title)),
    ...rows.map((row) => columns.map((one) => cell(one.value(row)))),
  ];
  // The mark lets spreadsheets read the umlauts.
  return `\uFEFF${lines.map((line) => line.join(",")).join("\r\n")}\r\n`;
}

/** Has the browser save the list, named after what it is and the day. */
export function saveCsv<Row>(name: string, rows: readonly Row[], columns: readonly CsvColumn<Row>[]): void {
  const day = new Date().toISOString().slice(0, 10);
  saveFile(`symphony-${name}-${day}.csv`, toCsv(rows, columns), "text/csv");
}
