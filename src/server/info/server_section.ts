// INFO server: what runs, since when, how.
import { arch, release, type } from 'node:os';
import { pathOf } from '../../base/files.ts';
import { MILLRACE_VERSION, REDIS_VERSION } from '../../base/version.ts';
import type { ServerCore } from '../server.ts';
import type { Field, Section } from './section.ts';

const SECONDS_PER_DAY = 86400;
const LRU_CLOCK_MASK = 0xffffff;

export const SERVER: Section = {
  name: 'server',
  title: 'Server',
  byDefault: true,
  fields(server: ServerCore): Field[] {
    const nowUs = server.clock.nowUs();
    const uptimeSec = Math.max(0, Math.floor((nowUs / 1000 - server.startedMs) / 1000));
    const hz = server.config.number('hz');
    return [
      ['redis_version', REDIS_VERSION],
      ['server_name', 'millrace'],
      ['millrace_version', MILLRACE_VERSION],
      ['redis_git_sha1', '00000000'],
      ['redis_git_dirty', 0],
      ['redis_build_id', `${MILLRACE_VERSION.replaceAll('.', '')}-${process.versions.modules}`],
      ['redis_mode', 'standalone'],
      ['os', `${type()} ${release()} ${machine()}`],
      ['arch_bits', 64],
      ['monotonic_clock', 'POSIX clock_gettime'],
      ['multiplexing_api', server.reactor.poller],
      ['atomicvar_api', 'c11-builtin'],
      ['node_version', process.versions.node],
      ['v8_version', process.versions.v8],
      ['process_id', process.pid],
      ['process_supervised', 'no'],
      ['run_id', server.runId],
      ['tcp_port', server.network.port || server.network.tlsPort],
      ['server_time_usec', nowUs],
      ['uptime_in_seconds', uptimeSec],
      ['uptime_in_days', Math.floor(uptimeSec / SECONDS_PER_DAY)],
      ['hz', hz],
      ['configured_hz', hz],
      ['lru_clock', Math.floor(nowUs / 1e6) & LRU_CLOCK_MASK],
      ['executable', process.argv[1] ?? process.execPath],
      ['config_file', pathOf(server.config.path ?? '')],
      ['io_threads_active', server.lanes.length > 1 ? 1 : 0],
      ...server.network.listeners.map((listener, i): Field => [`listener${i}`, listener]),
    ];
  },
};

function machine(): string {
  const names: Record<string, string> = { x64: 'x86_64', arm64: 'aarch64' };
  return names[arch()] ?? arch();
}
