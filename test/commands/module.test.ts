import { describe, expect, it } from 'vitest';
import { engineOf, PROTOCOLS, runLines } from './string_support.ts';

describe.each(PROTOCOLS)('%s', (_, resp3) => {
  it('lists nothing and loads nothing', () => {
    const engine = engineOf(resp3, { config: { 'enable-module-command': 'yes' } });
    expect(
      runLines(
        engine,
        'MODULE LIST',
        'MODULE LOAD /nosuch.so',
        'MODULE LOADEX /nosuch.so CONFIG a b ARGS c',
        'MODULE UNLOAD nosuch',
        'MODULE LOAD',
        'MODULE NOSUCH',
        'MODULE LIST x',
      ),
    ).toEqual([
      [],
      '-ERR Error loading the extension. Please check the server logs.',
      '-ERR Error loading the extension. Please check the server logs.',
      '-ERR Error unloading module: no such module with that name',
      "-ERR wrong number of arguments for 'module|load' command",
      "-ERR unknown subcommand 'NOSUCH'. Try MODULE HELP.",
      "-ERR wrong number of arguments for 'module|list' command",
    ]);
    expect(engine.log.filter((line) => line.includes('/nosuch.so failed to load')).length).toBe(2);
  });

  it('needs permission of its own to load', () => {
    const refused =
      '-ERR MODULE command not allowed. If the enable-module-command option is set to "local", you can run it from a ' +
      'local connection, otherwise you need to set this option in the configuration file, and then restart the server.';
    const engine = engineOf(resp3, { config: { 'enable-debug-command': 'yes' } });
    expect(runLines(engine, 'MODULE LOAD x', 'MODULE UNLOAD x', 'MODULE LIST')).toEqual([
      refused,
      refused,
      [],
    ]);
  });
});
