import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/base/clock.ts';
import { Logger } from '../../src/base/log.ts';
import type { Reactor } from '../../src/bridge/binding.ts';
import { Config } from '../../src/config/config.ts';
import { ListenError, Network } from '../../src/server/network.ts';

/** Sockets of a machine on which somebody else has some addresses already. */
class Sockets {
  readonly open = new Set<string>();
  readonly taken = new Set<string>();
  /** How often everything was closed. */
  closings = 0;

  listenTcp(address: string, port: number): number {
    const name = `${address}:${port}`;
    if (address === 'bad') throw Object.assign(new Error('bad'), { code: 'EADDRNOTAVAIL' });
    if (this.taken.has(name) || this.open.has(name))
      throw Object.assign(new Error('in use'), { code: 'EADDRINUSE' });
    this.open.add(name);
    return port;
  }

  listenUnix(path: string): void {
    this.open.add(path);
  }

  stopListening(): void {
    this.open.clear();
    this.closings++;
  }
}

function start(
  bind = 'a b',
  unixsocket = '',
): { network: Network; sockets: Sockets; log: string[]; config: Config } {
  const sockets = new Sockets();
  const config = new Config('/tmp');
  config.applyLine('bind', bind.split(' '));
  config.applyLine('port', ['100']);
  config.applyLine('unixsocket', [unixsocket]);
  const log: string[] = [];
  const logger = new Logger({ clock: new VirtualClock(), pid: 1, sink: (line) => log.push(line) });
  const network = new Network(sockets as unknown as Reactor, config, logger);
  network.listen();
  return { network, sockets, log, config };
}

describe('moving to another port', () => {
  it('closes the old listeners once the new ones are open, and opens the unix socket again', () => {
    const { network, sockets } = start('a b', '/run/x');
    expect(network.moveTo(200, ['a', 'b'])).toBe(true);
    expect([...sockets.open].sort()).toEqual(['/run/x', 'a:200', 'b:200']);
    expect(network.port).toBe(200);
    expect(network.listeners).toEqual(['name=tcp,bind=a,bind=b,port=200', 'name=unix,bind=/run/x']);
  });

  it('touches nothing when the new port is taken', () => {
    const { network, sockets, log } = start();
    sockets.taken.add('a:200');
    expect(network.moveTo(200, ['a', 'b'])).toBe(false);
    expect([...sockets.open]).toEqual(['a:100', 'b:100']);
    expect([network.port, sockets.closings]).toEqual([100, 0]);
    expect(log.join('')).toContain(
      'Could not create server TCP listening socket a:200: bind: Address already in use',
    );
  });

  it('goes back when only some addresses are free', () => {
    const { network, sockets } = start('a b', '/run/x');
    sockets.taken.add('b:200');
    expect(network.moveTo(200, ['a', 'b'])).toBe(false);
    expect([...sockets.open].sort()).toEqual(['/run/x', 'a:100', 'b:100']);
    expect(network.port).toBe(100);
  });

  it('stops listening at port 0', () => {
    const { network, sockets } = start('a', '/run/x');
    expect(network.moveTo(0, ['a'])).toBe(true);
    expect([...sockets.open]).toEqual(['/run/x']);
    expect(network.listeners).toEqual(['name=unix,bind=/run/x']);
    expect(network.moveTo(100, ['a'])).toBe(true);
    expect([...sockets.open].sort()).toEqual(['/run/x', 'a:100']);
  });
});

describe('moving to other addresses', () => {
  it('keeps the port', () => {
    const { network, sockets } = start();
    expect(network.moveTo(100, ['b', 'c'])).toBe(true);
    expect([...sockets.open]).toEqual(['b:100', 'c:100']);
  });

  it('goes back when one of them cannot be had, but passes over optional ones', () => {
    const { network, sockets } = start();
    expect(network.moveTo(100, ['c', 'bad'])).toBe(false);
    expect([...sockets.open]).toEqual(['a:100', 'b:100']);
    expect(network.moveTo(100, ['c', '-bad'])).toBe(true);
    expect([...sockets.open]).toEqual(['c:100']);
  });

  it('may leave none', () => {
    const { network, sockets } = start();
    expect(network.moveTo(100, [])).toBe(true);
    expect([...sockets.open]).toEqual([]);
    expect(network.moveTo(100, ['a'])).toBe(true);
    expect([...sockets.open]).toEqual(['a:100']);
  });
});

it('does not start where it cannot listen', () => {
  expect(() => start('bad')).toThrow(ListenError);
  expect(start('a -bad').network.port).toBe(100);
});
