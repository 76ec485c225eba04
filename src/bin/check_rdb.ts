// millrace-check-rdb: whether an RDB file is sound (check/rdb_check.ts). Exit code 0 if it is, 1 if not.
import { errorText } from '../base/errno.ts';
import { SystemFiles, textOf } from '../base/files.ts';
import { MILLRACE_VERSION } from '../base/version.ts';
import { checkRdb } from '../check/rdb_check.ts';
import { print } from './print.ts';

const NAME = 'millrace-check-rdb';

function run(args: readonly string[]): boolean {
  const [path] = args;
  if (path === undefined || args.length > 1) {
    process.stderr.write(`Usage: ${NAME} <rdb-file-name>\n`);
    return false;
  }
  if (path === '-v' || path === '--version') {
    print(`${NAME} ${MILLRACE_VERSION}`);
    return true;
  }
  try {
    return checkRdb(new SystemFiles(), path, textOf(path), Date.now(), print) >= 0;
  } catch (error) {
    process.stderr.write(`${NAME}: ${path}: ${errorText(error)}\n`);
    return false;
  }
}

process.exitCode = run(process.argv.slice(2)) ? 0 : 1;
