// millrace-check-aof: whether an append-only file is sound, and what can be saved of it (check/aof_check.ts). Exit code 0 if it is
// sound, or was made so; 1 if not.
import { SystemFiles } from '../base/files.ts';
import { checkAof } from '../check/aof_check.ts';
import { print } from './print.ts';

const USAGE = 'Usage: millrace-check-aof [--fix|--truncate-to-timestamp $timestamp] <file.manifest|file.aof>';

/** Asks on the standard output, and takes the first letter of what comes in. */
async function confirm(question: string): Promise<boolean> {
  process.stdout.write(question);
  for await (const chunk of process.stdin) return /^y/i.test(String(chunk));
  return false;
}

async function run(args: readonly string[]): Promise<boolean> {
  const files = new SystemFiles();
  const check = (path: string, fixes: boolean, untilSeconds: number) =>
    checkAof({ files, path, nowMs: Date.now(), fixes, untilSeconds, print, confirm });
  const [option, value] = args;
  if (args.length === 1) return check(option!, false, 0);
  if (args.length === 2 && option === '--fix') return check(value!, true, 0);
  if (args.length !== 3 || option !== '--truncate-to-timestamp') {
    print(USAGE);
    return false;
  }
  if (/^\s*[+-]?\d+$/.test(value!)) return check(args[2]!, false, Number(value));
  print('Invalid timestamp, aborting...');
  return false;
}

process.exitCode = (await run(process.argv.slice(2))) ? 0 : 1;
