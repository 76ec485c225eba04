// The title of the process in ps and top, from `proc-title-template`. Node writes it over the command line, which bounds
// its length.
import type { Config } from '../config/config.ts';
import { expandTitle } from '../config/special_kinds.ts';

/** Sets the title now and whenever one of the settings in it changes. */
export function followTitle(config: Config, program: string): void {
  if (!config.boolean('set-proc-title')) return;
  const set = (): undefined => {
    process.title = titleOf(config, program);
  };
  set();
  config.onChange(['proc-title-template', 'port', 'tls-port', 'bind'], set);
}

/** The title that the settings give; `program` is how the program was called. */
export function titleOf(config: Config, program: string): string {
  const tlsPort = config.number('tls-port');
  const port = config.number('port');
  const anyPort = port || tlsPort;
  const socket = config.value('unixsocket') ?? '';
  const address = config.value('bind')[0]?.replace(/^-/, '') ?? '*';
  const values = new Map([
    ['title', program],
    ['listen-addr', anyPort === 0 && socket !== '' ? socket : `${address}:${anyPort}`],
    ['server-mode', ''],
    ['port', String(port)],
    ['tls-port', String(tlsPort)],
    ['unixsocket', socket],
    ['config-file', config.path ?? ''],
  ]);
  return (expandTitle(config.value('proc-title-template'), values) ?? program).trimEnd();
}
