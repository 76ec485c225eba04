import { describe, expect, it } from 'vitest';
import { titleOf } from '../../src/bin/title.ts';
import { Config } from '../../src/config/config.ts';

function title(lines: Record<string, string>, path: string | null = null): string {
  const config = new Config('/tmp');
  for (const [name, value] of Object.entries(lines)) {
    expect(config.applyLine(name, [value])).toBeNull();
  }
  config.path = path;
  return titleOf(config, 'millrace');
}

describe('process title', () => {
  it('names the program and where it listens', () => {
    expect(title({})).toBe('millrace *:6379');
    expect(title({ bind: '-::1 127.0.0.1', port: '7000' })).toBe('millrace ::1:7000');
    expect(title({ port: '0', unixsocket: '/run/x' })).toBe('millrace /run/x');
  });

  it('follows its template', () => {
    const template = 'A {title} {{x} {port} {tls-port} {unixsocket} {config-file}';
    expect(title({ 'proc-title-template': template, unixsocket: '/s' }, '/etc/m.conf')).toBe(
      'A millrace {x} 6379 0 /s /etc/m.conf',
    );
  });
});
