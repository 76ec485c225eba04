// MEMORY DOCTOR and MEMORY MALLOC-STATS: figures of memory for people.
import type { Arena } from '../arena/arena.ts';
import type { MemoryFigures } from './admin_port.ts';

const MiB = 1024 * 1024;
/** Below this, ratios say nothing. */
const WORTH_A_LOOK_BYTES = 5 * MiB;
const FREE_BYTES_ODD = 10 * MiB;
const CLIENT_BYTES_ODD = 200 * 1024;

/** What stands out, and what may be done about it. */
export function doctorText(memory: MemoryFigures, clients: number): string {
  const { usedBytes, peakBytes, startupBytes, arenaBytes, activeBytes, residentBytes } = memory;
  if (usedBytes - startupBytes < WORTH_A_LOOK_BYTES) {
    return 'There is hardly any data yet. Ask again when there is more.\n';
  }
  const found: string[] = [];
  const mib = (bytes: number) => `${(bytes / MiB).toFixed(1)} MiB`;
  if (peakBytes > usedBytes * 1.5) {
    found.push(
      `Peak: ${mib(peakBytes)} were in use once, ${mib(usedBytes)} are now. Pages that became free go back to the system ` +
        'by themselves; MEMORY PURGE does it at once.',
    );
  }
  if (activeBytes > arenaBytes * 1.4 && activeBytes - arenaBytes > FREE_BYTES_ODD) {
    found.push(
      `Fragmentation: ${mib(arenaBytes)} of blocks lie in ${mib(activeBytes)} of spans. This comes from many deletions, or ` +
        'values that changed their sizes; new data of the same sizes will use the room. MEMORY MALLOC-STATS shows where ' +
        'it is.',
    );
  }
  if (residentBytes - activeBytes > FREE_BYTES_ODD) {
    found.push(
      `Free pages: ${mib(residentBytes - activeBytes)} wait to be given back. MEMORY PURGE does it at once.`,
    );
  }
  if (clients > 0 && memory.clientBytes / clients > CLIENT_BYTES_ODD) {
    found.push(
      `Clients: ${clients} of them hold ${mib(memory.clientBytes)} of requests and replies. CLIENT LIST names those that do ` +
        'not read their replies (omem); client-output-buffer-limit bounds them.',
    );
  }
  if (found.length === 0) return 'Nothing stands out.\n';
  return `${found.map((line) => `- ${line}`).join('\n')}\n`;
}

const HEADINGS = ['block bytes', 'used bytes', 'span bytes', 'used %'];

/** A row for each size of blocks that is in use, then large blocks and the sum. */
export function allocatorTable(arena: Arena): string {
  const rows = arena.classes().filter(({ spanBytes }) => spanBytes > 0);
  let spanBytes = 0;
  for (const row of rows) spanBytes += row.spanBytes;
  const cells = rows.map((row) =>
    cellsOf(row.blockBytes === 0 ? 'large' : String(row.blockBytes), row.usedBytes, row.spanBytes),
  );
  const table = [HEADINGS, ...cells, cellsOf('all', arena.usedBytes, spanBytes)];
  const widths = HEADINGS.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  const lines = table.map((row) => row.map((cell, column) => cell.padStart(widths[column]!)).join('  '));
  lines.push(
    '',
    `mapped: ${arena.mappedBytes} bytes of address space`,
    `free pages not given back yet: ${arena.purgeableBytes} bytes`,
  );
  return `${lines.join('\n')}\n`;
}

function cellsOf(name: string, usedBytes: number, spanBytes: number): string[] {
  const percent = spanBytes === 0 ? '-' : ((usedBytes / spanBytes) * 100).toFixed(1);
  return [name, String(usedBytes), String(spanBytes), percent];
}
