// What is left of a run: a JSON file with everything, and a page to look at.
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { chartsSvg } from './charts.ts';
import type { SoakOptions } from './options.ts';
import type { Outcome } from './run.ts';

export interface Report {
  readonly date: string;
  readonly server: string;
  readonly machine: string;
  readonly options: Omit<SoakOptions, 'password'>;
  readonly outcome: Outcome;
}

export function reportOf(options: SoakOptions, server: string, date: Date, outcome: Outcome): Report {
  const { password: _, ...shown } = options;
  const model = cpus()[0]?.model.trim() ?? 'unknown CPU';
  const machine = `${cpus().length} × ${model}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${release()}, Node ${process.versions.node}`;
  return { date: date.toISOString(), server, machine, options: shown, outcome };
}

/** Writes both files into `directory` and returns their paths. */
export function writeReport(report: Report, directory: string): string[] {
  mkdirSync(directory, { recursive: true });
  const stem = join(directory, report.date.slice(0, 19).replaceAll(':', '').replace('T', '-'));
  writeFileSync(`${stem}.json`, `${JSON.stringify(report, null, 1)}\n`);
  writeFileSync(`${stem}.html`, page(report));
  return [`${stem}.json`, `${stem}.html`];
}

/** The lines that tell the most. */
export function summaryLines({ outcome, options }: Report): string[] {
  const { alive, totals, latency, marks } = outcome;
  const bytes = (value: number | null): string => (value === null ? '-' : `${Math.round(value)} B`);
  return [
    `${alive} of ${options.connections} connections answered at the end; ${count(totals.connects)} were made`,
    `opened in ${outcome.openSec.toFixed(1)} s, one command each in ${outcome.sweepSec.toFixed(1)} s, at the end in ${outcome.finalSweepSec.toFixed(1)} s`,
    `${count(totals.commands)} replies and ${count(totals.messages)} messages, all checked: ${totals.lost} lost, ${totals.misdelivered} misdelivered, ${totals.wrong} wrong; ${totals.dropped} connections dropped, ${totals.failedConnects} failed`,
    `latency p50 ${latency.p50Ms.toFixed(2)} ms, p99 ${latency.p99Ms.toFixed(2)} ms, p99.9 ${latency.p999Ms.toFixed(2)} ms, max ${latency.maxMs.toFixed(2)} ms`,
    `server RSS a connection: ${marks
      .filter((mark) => mark.bytesPerConnection !== null)
      .map((mark) => `${mark.name} ${bytes(mark.bytesPerConnection)}`)
      .join(', ')}`,
  ];
}

function count(value: number): string {
  return value.toLocaleString('en');
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (tag: string, row: readonly string[]) =>
    row.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join('');
  return `<table><tr>${cells('th', head)}</tr>${rows.map((row) => `<tr>${cells('td', row)}</tr>`).join('')}</table>`;
}

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;max-width:1100px;margin:2em auto;padding:0 1em}
table{border-collapse:collapse;margin:1em 0}td,th{border:1px solid #bbb;padding:.2em .7em;text-align:right}
td:first-child,th:first-child{text-align:left}.bad{color:#b00020}.good{color:#0a7d33}svg{max-width:100%;height:auto}`;

function page(report: Report): string {
  const { outcome, options } = report;
  const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
  const marks = outcome.marks.map((mark) => [
    mark.name,
    `${mark.seconds.toFixed(1)} s`,
    count(mark.connections),
    mb(mark.rssBytes),
    mb(mark.usedBytes),
    mark.bytesPerConnection === null ? '' : `${Math.round(mark.bytesPerConnection)}`,
  ]);
  const faults = outcome.faults.map((fault) => `<li>${escaped(fault)}</li>`).join('');
  const settings = Object.entries(options).map(([name, value]) => [name, JSON.stringify(value)]);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>millrace soak, ${escaped(report.date)}</title><style>${STYLE}</style></head>
<body><h1>Soak of ${escaped(report.server)}</h1>
<p class="${outcome.passed ? 'good' : 'bad'}"><b>${outcome.passed ? 'Passed' : 'Failed'}</b></p>
<p>${escaped(report.date)}; ${escaped(report.machine)}</p>
<ul>${summaryLines(report)
    .map((line) => `<li>${escaped(line)}</li>`)
    .join('')}</ul>
${faults === '' ? '' : `<h2>Faults</h2><ul class="bad">${faults}</ul>`}
${chartsSvg(outcome.samples)}
<h2>Memory gained since before the first connection</h2>
${table(['', 'at', 'connections', 'RSS', 'used_memory', 'RSS a connection, B'], marks)}
<h2>Options</h2>
${table(['', ''], settings)}
</body></html>
`;
}
