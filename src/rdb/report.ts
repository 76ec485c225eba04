// A summary as tables or as JSON.
import { isUtf8 } from 'node:buffer';
import Table from 'cli-table3';
import type { RdbOptions } from './options.ts';
import type { Scanned } from './scan.ts';
import type { Summary } from './summary.ts';

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
const KEY_CHARS_MAX = 60;

/** All that was found, as one JSON document. */
export function jsonOf(options: RdbOptions, scanned: Scanned, summary: Summary): string {
  const { total, volatileKeys, databases, kinds, biggest, prefixes } = summary;
  const document = {
    file: options.path,
    fileBytes: scanned.fileBytes,
    facts: Object.fromEntries(scanned.facts),
    keys: total.keys,
    volatileKeys,
    memoryBytes: total.bytes,
    databases,
    types: kinds,
    biggestKeys: biggest,
    prefixes,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** All that was found, as tables under headings. */
export function tablesOf(options: RdbOptions, scanned: Scanned, summary: Summary): string {
  const { total } = summary;
  const share = (bytes: number): string => `${((bytes / Math.max(1, total.bytes)) * 100).toFixed(1)} %`;
  const facts = [...scanned.facts].map(([name, value]) => `${name} ${value}`).join(', ');
  const parts = [
    `${options.path}: ${sized(scanned.fileBytes)}${facts === '' ? '' : ` (${facts})`}`,
    `${total.keys} keys, ${summary.volatileKeys} of them with an expiry, about ${sized(total.bytes)} of memory`,
    table(
      'Databases',
      ['database', 'keys', 'with expiry', 'memory'],
      summary.databases.map((row) => [row.database, row.keys, row.volatileKeys, sized(row.bytes)]),
    ),
    table(
      'Types and encodings',
      ['type', 'encoding', 'keys', 'elements or bytes', 'memory', 'share'],
      summary.kinds.map((row) => [
        row.type,
        row.encoding,
        row.keys,
        row.elements,
        sized(row.bytes),
        share(row.bytes),
      ]),
    ),
    table(
      'Biggest keys',
      ['key', 'database', 'type', 'encoding', 'elements or bytes', 'memory'],
      summary.biggest.map((row) => [
        shown(row.key),
        row.database,
        row.type,
        row.encoding,
        row.elements,
        sized(row.bytes),
      ]),
    ),
    table(
      'Memory by prefix',
      ['prefix', 'keys', 'memory', 'share'],
      summary.prefixes
        .slice(0, options.prefixes)
        .map((row) => [shown(row.prefix), row.keys, sized(row.bytes), share(row.bytes)]),
    ),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

/** A table whose numbers stand on the right; '' without rows. */
function table(title: string, head: string[], rows: (string | number)[][]): string {
  const [first] = rows;
  if (first === undefined) return '';
  const colAligns = head.map((name, i) =>
    typeof first[i] === 'number' || name === 'memory' || name === 'share'
      ? ('right' as const)
      : ('left' as const),
  );
  const drawn = new Table({ head, colAligns, style: { head: [], border: [], compact: true } });
  drawn.push(...rows);
  return `${title}\n${drawn.toString()}`;
}

/** Bytes in the largest unit that leaves a number above one. */
export function sized(bytes: number): string {
  let value = bytes;
  let unit = 0;
  for (; value >= 1024 && unit < UNITS.length - 1; unit++) value /= 1024;
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit]}`;
}

/** A name that is safe to print: UTF-8 as text; of other bytes, and of control characters, the numbers. */
function shown(name: string): string {
  const bytes = Buffer.from(name, 'latin1');
  const safe = isUtf8(bytes)
    ? bytes.toString().replace(/[\p{Cc}\\]/gu, escaped)
    : name.replace(/[^\x20-\x7e]|\\/g, escaped);
  return safe.length <= KEY_CHARS_MAX ? safe : `${safe.slice(0, KEY_CHARS_MAX - 1)}…`;
}

function escaped(char: string): string {
  return char === '\\' ? '\\\\' : `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`;
}
