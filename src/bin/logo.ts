// What `always-show-logo` and a terminal show: who this is, where it listens, and its process.
import { MILLRACE_VERSION, REDIS_VERSION, SERVER_NAME } from '../base/version.ts';

/** Lines of the logo. */
export function logo(port: number, pid: number): string[] {
  return [
    '',
    "         .--'|'--.",
    `       .'\\   |   /'.       ${SERVER_NAME} ${MILLRACE_VERSION}, Node ${process.versions.node}`,
    `      |---  (o)  ---|      standalone, speaks Redis ${REDIS_VERSION}`,
    `       './   |   \\.'       Port: ${port}`,
    `  ~~~~~~~'--.|.--'~~~~~    PID: ${pid}`,
    '  ~~~~~~~~~~~~~~~~~~~~~',
    '',
  ];
}
