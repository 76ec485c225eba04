// LATENCY GRAPH: samples as a bar chart in text, in the reference's form. Four rows, each with three heights of a bar's
// top; below every bar, read downwards, how long ago it was:
//
//        #
//     _  |
//     |#_|
//    o||||o
//
//    543221
//    sssss5
//         s
import { ago, type EventHistory, type Sample } from '../metrics/latency_monitor.ts';

const COLUMNS = 80;
const ROWS = 4;
const TOPS = '_o#';
const STEPS = ROWS * TOPS.length;

/** The chart of an event's samples, with a heading. */
export function graphText(event: string, history: EventHistory, nowSec: number): string {
  const { minMs, currentMaxMs, maxMs, samples } = history;
  const charts: string[] = [];
  for (let at = 0; at < samples.length; at += COLUMNS) {
    charts.push(chart(samples.slice(at, at + COLUMNS), minMs, currentMaxMs, nowSec));
  }
  const heading = `${event} - high ${currentMaxMs} ms, low ${minMs} ms (all time high ${maxMs} ms)`;
  return `${heading}\n${'-'.repeat(COLUMNS)}\n${charts.join('\n')}`;
}

function chart(samples: readonly Sample[], minMs: number, maxMs: number, nowSec: number): string {
  const range = Math.max(1, maxMs - minMs);
  const heights = samples.map(({ ms }) => Math.min(STEPS - 1, Math.floor(((ms - minMs) * STEPS) / range)));
  const labels = samples.map(({ time }) => ago(nowSec - time));
  const lines: string[] = [];
  for (let row = ROWS - 1; row >= 0; row--) {
    lines.push(heights.map((height) => barIn(row, height)).join(''));
  }
  lines.push(' '.repeat(samples.length));
  for (let i = 0; i < Math.max(...labels.map((label) => label.length)); i++) {
    lines.push(labels.map((label) => label[i] ?? ' ').join(''));
  }
  return lines.map((line) => `${line}\n`).join('');
}

/** What a bar of this height (in steps) shows in a row, counted from below. */
function barIn(row: number, height: number): string {
  const top = Math.floor(height / TOPS.length);
  if (row === top) return TOPS[height % TOPS.length]!;
  return row < top ? '|' : ' ';
}
