// What settings do: for each directive that has an effect now, who puts it into force, at the start and after CONFIG SET.
// Settings that are read where they are needed are not here.
import type { Config } from '../config/config.ts';
import { tooManyClients, UNABLE_TO_BEGIN_LOG, UNABLE_TO_BIND, UNABLE_TO_LISTEN } from '../config/reasons.ts';
import type { SettingName, SettingValue } from '../config/table.ts';
import { clientsMax } from './descriptors.ts';
import type { ServerCore } from './server.ts';

/** Puts all settings into force and follows their changes. */
export function followSettings(server: ServerCore): void {
  followNetwork(server);
  server.tls.follow(server.network);
  followAccess(server);
  followLogs(server);
  followMemory(server);
  followDefrag(server);
  followEncodings(server);
  followNotifications(server);
  followLog(server);
  server.config.onChange(['save', 'stop-writes-on-bgsave-error'], () => {
    server.diskStateChanged();
    return undefined;
  });
}

/** Calls `apply` now and after each change of one of the settings. */
function follow(config: Config, names: readonly SettingName[], apply: () => void): void {
  apply();
  config.onChange(names, () => {
    apply();
    return undefined;
  });
}

function followNetwork(server: ServerCore): void {
  const { config, reactor, network } = server;
  config.onChange('maxclients', (clients) => {
    const possible = clientsMax(config);
    return clients <= possible ? undefined : tooManyClients(possible);
  });
  for (const name of [
    'maxclients',
    'max-new-connections-per-cycle',
    'timeout',
    'tcp-keepalive',
    'proto-max-bulk-len',
    'client-query-buffer-limit',
  ] as const) {
    follow(config, [name], () => reactor.configure(name, config.number(name)));
  }
  follow(config, ['client-output-buffer-limit'], () => {
    const limits = config.value('client-output-buffer-limit');
    for (const name of ['normal', 'replica', 'pubsub'] as const) {
      const { hardBytes, softBytes, softSeconds } = limits[name];
      reactor.configure(`obuf-${name}-hard`, hardBytes);
      reactor.configure(`obuf-${name}-soft`, softBytes);
      reactor.configure(`obuf-${name}-soft-seconds`, softSeconds);
    }
  });
  config.onChange('port', (port) =>
    network.moveTo(port, config.value('bind')) ? undefined : UNABLE_TO_LISTEN,
  );
  config.onChange('bind', (addresses) =>
    network.moveTo(config.number('port'), addresses) ? undefined : UNABLE_TO_BIND,
  );
}

function followAccess({ access, config }: ServerCore): void {
  follow(config, ['requirepass'], () => access.setDefaultPassword(config.value('requirepass') ?? ''));
  follow(config, ['protected-mode'], () => access.enforceDefault());
}

function followLogs(server: ServerCore): void {
  const { config, log, latency, admin } = server;
  config.onChange('loglevel', (level) => {
    log.level = level;
  });
  follow(config, ['log-format', 'log-timestamp-format'], () => {
    log.format = config.value('log-format');
    log.timestamps = config.value('log-timestamp-format');
  });
  followCommandLogs(server);
  follow(config, ['latency-monitor-threshold'], () => {
    admin.latencyMonitor.thresholdMs = config.number('latency-monitor-threshold');
    admin.watchChanged();
  });
  follow(config, ['latency-tracking'], () => {
    latency.enabled = config.boolean('latency-tracking');
  });
}

function followCommandLogs({ admin, commandLogs, config, executor }: ServerCore): void {
  const { largeReply, largeRequest, limits, slow } = commandLogs;
  follow(config, ['slowlog-log-slower-than'], () => {
    slow.threshold = config.number('slowlog-log-slower-than');
    admin.watchChanged();
  });
  follow(config, ['commandlog-request-larger-than', 'commandlog-reply-larger-than'], () => {
    largeRequest.threshold = config.number('commandlog-request-larger-than');
    largeReply.threshold = config.number('commandlog-reply-larger-than');
    executor.largeBytesMin = commandLogs.bytesMin;
  });
  follow(config, ['slowlog-max-len', 'slowlog-entry-max-argc', 'slowlog-entry-max-string-len'], () => {
    slow.maxLength = config.number('slowlog-max-len');
    limits.words = config.number('slowlog-entry-max-argc');
    limits.chars = config.number('slowlog-entry-max-string-len');
  });
  follow(config, ['commandlog-large-request-max-len', 'commandlog-large-reply-max-len'], () => {
    largeRequest.maxLength = config.number('commandlog-large-request-max-len');
    largeReply.maxLength = config.number('commandlog-large-reply-max-len');
  });
}

function followMemory(server: ServerCore): void {
  const { config, keyspace, expiry, memoryLimit, clientEviction } = server;
  const { eviction } = keyspace;
  follow(config, ['maxmemory-policy'], () => {
    eviction.policy = config.string('maxmemory-policy');
  });
  follow(config, ['maxmemory-samples', 'lazyfree-lazy-eviction', 'maxmemory-eviction-tenacity'], () => {
    eviction.samples = config.number('maxmemory-samples');
    eviction.lazily = config.boolean('lazyfree-lazy-eviction');
    memoryLimit.tenacity = config.number('maxmemory-eviction-tenacity');
  });
  follow(config, ['maxmemory-policy', 'lfu-log-factor', 'lfu-decay-time'], () => {
    keyspace.lfu = config.string('maxmemory-policy').endsWith('lfu');
    keyspace.lfuLogFactor = config.number('lfu-log-factor');
    keyspace.lfuDecayMinutes = config.number('lfu-decay-time');
  });
  follow(config, ['lazyfree-lazy-expire', 'lazyfree-lazy-server-del', 'lazyfree-lazy-user-del'], () => {
    keyspace.lazyExpire = config.boolean('lazyfree-lazy-expire');
    keyspace.lazyServerDel = config.boolean('lazyfree-lazy-server-del');
    keyspace.lazyUserDel = config.boolean('lazyfree-lazy-user-del');
  });
  follow(config, ['import-mode'], () => {
    keyspace.importing = config.boolean('import-mode');
  });
  follow(config, ['active-expire-effort'], () => {
    expiry.effort = config.number('active-expire-effort');
  });
  follow(config, ['maxmemory'], () => memoryLimit.set(config.number('maxmemory')));
  follow(config, ['maxmemory', 'maxmemory-clients'], () => {
    clientEviction.configure(config.number('maxmemory-clients'), config.number('maxmemory'));
  });
  config.onChange('maxmemory', (limitBytes) => warnOfSmallLimit(server, limitBytes));
}

function followDefrag({ config, defrag }: ServerCore): void {
  const settings = {
    ignoreBytes: 'active-defrag-ignore-bytes',
    lowerPercent: 'active-defrag-threshold-lower',
    upperPercent: 'active-defrag-threshold-upper',
    minSharePercent: 'active-defrag-cycle-min',
    maxSharePercent: 'active-defrag-cycle-max',
    maxScanFields: 'active-defrag-max-scan-fields',
  } as const;
  for (const setting of Object.keys(settings) as (keyof typeof settings)[]) {
    follow(config, [settings[setting]], () => {
      defrag[setting] = config.number(settings[setting]);
    });
  }
  follow(config, ['activedefrag', 'active-defrag-cycle-us'], () => {
    defrag.enabled = config.boolean('activedefrag');
    defrag.sliceMs = config.number('active-defrag-cycle-us') / 1000;
  });
}

function warnOfSmallLimit({ log, memory }: ServerCore, limitBytes: SettingValue<'maxmemory'>): undefined {
  const { usedBytes } = memory;
  if (limitBytes === 0 || usedBytes <= limitBytes) return;
  log.warning(
    `maxmemory is now ${limitBytes} bytes, but ${usedBytes} are in use already: keys are evicted, or writes refused, until there is less.`,
  );
}

function followNotifications({ config, notifications }: ServerCore): void {
  follow(config, ['notify-keyspace-events'], () => {
    notifications.configure(config.value('notify-keyspace-events'));
  });
}

function followLog({ aof, config, effects }: ServerCore): void {
  follow(config, ['appendfsync'], () => aof.configure());
  follow(config, ['aof-timestamp-enabled'], () => {
    effects.stamps = config.boolean('aof-timestamp-enabled');
  });
  config.onChange('aof-disable-auto-gc', (isDisabled) => {
    if (!isDisabled) void aof.rewrite.removeHistory();
  });
  config.onChange('appendonly', (isOn) => {
    if (!isOn) aof.disable();
    else if (!aof.enable()) return UNABLE_TO_BEGIN_LOG;
    return undefined;
  });
}

function followEncodings({ config, keyspace: { limits } }: ServerCore): void {
  const settings = {
    listMaxListpackSize: 'list-max-listpack-size',
    listCompressDepth: 'list-compress-depth',
    hashMaxListpackEntries: 'hash-max-listpack-entries',
    hashMaxListpackValue: 'hash-max-listpack-value',
    setMaxIntsetEntries: 'set-max-intset-entries',
    setMaxListpackEntries: 'set-max-listpack-entries',
    setMaxListpackValue: 'set-max-listpack-value',
    zsetMaxListpackEntries: 'zset-max-listpack-entries',
    zsetMaxListpackValue: 'zset-max-listpack-value',
    streamNodeMaxBytes: 'stream-node-max-bytes',
    streamNodeMaxEntries: 'stream-node-max-entries',
    streamIdmpDuration: 'stream-idmp-duration',
    streamIdmpMaxsize: 'stream-idmp-maxsize',
    hllSparseMaxBytes: 'hll-sparse-max-bytes',
  } as const;
  for (const limit of Object.keys(settings) as (keyof typeof settings)[]) {
    follow(config, [settings[limit]], () => {
      limits[limit] = config.number(settings[limit]);
    });
  }
}
