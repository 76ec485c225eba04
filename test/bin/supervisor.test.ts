import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/base/clock.ts';
import { Logger } from '../../src/base/log.ts';
import { Supervisor, type SupervisorOptions } from '../../src/bin/supervisor.ts';
import { loadBinding } from '../../src/bridge/binding.ts';

function supervise(mode: SupervisorOptions['mode'], socket?: string, send?: SupervisorOptions['send']) {
  const sent: string[] = [];
  const logged: string[] = [];
  const log = new Logger({ clock: new VirtualClock(), pid: 1, sink: (line) => logged.push(line) });
  const supervisor = new Supervisor({
    mode,
    environment: socket === undefined ? {} : { NOTIFY_SOCKET: socket },
    log,
    send: send ?? ((path, text) => sent.push(`${path}: ${text}`)),
  });
  supervisor.ready();
  supervisor.stopping();
  return { supervisor, sent, logged };
}

describe('a supervisor', () => {
  it.each(['auto', 'systemd'] as const)('is told of everything: %s', (mode) => {
    const { supervisor, sent, logged } = supervise(mode, '@notify');
    expect(supervisor.active).toBe(true);
    expect(sent).toEqual(['@notify: READY=1\nSTATUS=Ready to accept connections\n', '@notify: STOPPING=1\n']);
    expect(logged).toEqual([]);
  });

  it.each([
    ['no', '@notify', 0],
    ['auto', undefined, 0],
    ['auto', '', 0],
    ['systemd', undefined, 1],
    ['upstart', '@notify', 1],
  ] as const)('is not there: %s, NOTIFY_SOCKET=%s', (mode, socket, warnings) => {
    const { supervisor, sent, logged } = supervise(mode, socket);
    expect(supervisor.active).toBe(false);
    expect(sent).toEqual([]);
    expect(logged).toHaveLength(warnings);
  });

  it('may be gone', () => {
    const { logged } = supervise('systemd', '/nonexistent/socket', loadBinding().sendDatagram);
    expect(logged).toHaveLength(2);
    expect(logged[0]).toMatch(
      /# The service manager cannot be told: send to \/nonexistent\/socket: .*ENOENT/,
    );
  });
});

describe('sendDatagram', () => {
  it.each([
    ['', 'EINVAL'],
    ['x'.repeat(200), 'ENAMETOOLONG'],
    ['/nonexistent', 'ENOENT'],
  ])('throws for %j', (path, code) => {
    expect(() => loadBinding().sendDatagram(path, 'x')).toThrow(code);
  });
});
