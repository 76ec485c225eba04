// millrace-rdb: what an RDB file holds. How it is counted is in rdb/summary.ts.
import { SystemFiles } from '../base/files.ts';
import { RdbError } from '../persist/rdb_input.ts';
import { type RdbOptions, readOptions, USAGE } from '../rdb/options.ts';
import { Progress } from '../rdb/progress.ts';
import { jsonOf, tablesOf } from '../rdb/report.ts';
import { scanRdb } from '../rdb/scan.ts';
import { Summary } from '../rdb/summary.ts';

const BROKEN = 1;
const UNREADABLE = 2;

try {
  const options = readOptions(process.argv.slice(2));
  if (options === undefined) process.stdout.write(USAGE);
  else process.stdout.write(await summarise(options));
} catch (error) {
  process.stderr.write(`millrace-rdb: ${(error as Error).message}\n`);
  process.exitCode = error instanceof RdbError ? BROKEN : UNREADABLE;
}

async function summarise(options: RdbOptions): Promise<string> {
  const summary = new Summary(options);
  const progress = new Progress(process.stderr);
  try {
    const scanned = await scanRdb(new SystemFiles(), options.path, summary, (bytes, totalBytes) =>
      progress.show(bytes, totalBytes),
    );
    return (options.json ? jsonOf : tablesOf)(options, scanned, summary);
  } finally {
    progress.stop();
  }
}
