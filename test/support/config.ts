import type { Config } from '../../src/config/config.ts';

/** Stand-in until src/config is there. */
export function makeConfig(values: Record<string, string>): Config {
  const all: Record<string, string> = { databases: '16', 'enable-debug-command': 'yes', 'proto-max-bulk-len': '536870912', requirepass: '', ...values };
  return {
    number: (name: string) => Number(all[name]),
    string: (name: string) => all[name] ?? '',
    boolean: (name: string) => all[name] === 'yes',
    onChange: () => {},
  } as unknown as Config;
}
