// binding.gyp lists every native source on some platform, and .ci/gyp.mjs reads that list.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

function read(what: string, system: string): string[] {
  const { stdout } = spawnSync(process.execPath, ['.ci/gyp.mjs', what, system], {
    cwd: root,
    encoding: 'utf8',
  });
  return stdout.trim().split('\n');
}

test('every native source is compiled somewhere, and every source listed exists', () => {
  const onDisk = readdirSync(`${root}/native`, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.cc') && !file.startsWith('build/'))
    .map((file) => `native/${file}`);
  const listed = new Set([...read('sources', 'linux'), ...read('sources', 'mac')]);
  expect([...listed].sort()).toEqual(onDisk.sort());
});

test('each platform has one default poller, and poll(2) beside it', () => {
  const pollers = (system: string) => read('core', system).filter((file) => file.includes('poller_'));
  expect(pollers('linux').sort()).toEqual(['native/net/poller_epoll.cc', 'native/net/poller_poll.cc']);
  expect(pollers('mac').sort()).toEqual(['native/net/poller_kqueue.cc', 'native/net/poller_poll.cc']);
});

test('the core is everything but what needs Node around it', () => {
  const core = new Set(read('core', 'linux'));
  expect(read('sources', 'linux').filter((file) => !core.has(file))).toEqual(['native/addon.cc']);
});
