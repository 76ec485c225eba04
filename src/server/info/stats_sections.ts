// INFO stats, commandstats, errorstats and latencystats.
import { counter, counterCount } from '../../bridge/binding.ts';
import {
  STAT_EVICTED,
  STAT_EXPIRED,
  STAT_EXPIRED_ACTIVE,
  STAT_EXPIRED_FIELDS,
  STAT_EXPIRED_FIELDS_ACTIVE,
  STAT_HITS,
  STAT_MISSES,
} from '../../keyspace/stats.ts';
import { busyUs } from '../busy.ts';
import type { ServerCore } from '../server.ts';
import type { Field, Section } from './section.ts';

export const STATS: Section = {
  name: 'stats',
  title: 'Stats',
  byDefault: true,
  fields(server: ServerCore): Field[] {
    const { keyspace, rates, base } = server;
    const counters = new Float64Array(counterCount);
    server.reactor.counters(counters);
    const since = (index: number) => counters[index]! - base.counters[index]!;
    const threaded = server.lanes.length > 1;
    return [
      ['total_connections_received', since(counter.accepted)],
      ['total_commands_processed', server.commandsProcessed],
      ['instantaneous_ops_per_sec', Math.round(rates.commands.value)],
      ['total_net_input_bytes', since(counter.bytesIn)],
      ['total_net_output_bytes', since(counter.bytesOut)],
      ['total_net_repl_input_bytes', 0],
      ['total_net_repl_output_bytes', 0],
      ['instantaneous_input_kbps', (rates.bytesIn.value / 1024).toFixed(2)],
      ['instantaneous_output_kbps', (rates.bytesOut.value / 1024).toFixed(2)],
      ['instantaneous_input_repl_kbps', '0.00'],
      ['instantaneous_output_repl_kbps', '0.00'],
      ['rejected_connections', since(counter.rejected)],
      ['sync_full', 0],
      ['sync_partial_ok', 0],
      ['sync_partial_err', 0],
      ...expiryFields(server),
      ['evicted_keys', keyspace.stats[STAT_EVICTED]!],
      ['evicted_clients', server.clientEviction.evicted],
      ['evicted_scripts', 0],
      ['total_eviction_exceeded_time', Math.floor(server.memoryLimit.overTotalMs)],
      ['current_eviction_exceeded_time', Math.floor(server.memoryLimit.overMs)],
      ['keyspace_hits', keyspace.stats[STAT_HITS]!],
      ['keyspace_misses', keyspace.stats[STAT_MISSES]!],
      ['pubsub_channels', server.pubsub.channels.size],
      ['pubsub_patterns', server.pubsub.patterns.size],
      ['pubsubshard_channels', server.pubsub.shardChannels.size],
      ['latest_fork_usec', 0],
      ['total_forks', 0],
      ['migrate_cached_sockets', server.migration.linkCount],
      ['slave_expires_tracked_keys', 0],
      ['active_defrag_hits', server.arena.moves],
      ['active_defrag_misses', server.arena.looks - server.arena.moves],
      ['active_defrag_key_hits', server.defrag.keyHits],
      ['active_defrag_key_misses', server.defrag.keyMisses],
      ['total_active_defrag_time', Math.floor(server.defrag.totalMs)],
      ['current_active_defrag_time', Math.floor(server.defrag.currentMs)],
      ['tracking_total_keys', server.tracking.table.size],
      ['tracking_total_items', server.tracking.table.items],
      ['tracking_total_prefixes', server.tracking.broadcasts.size],
      ['unexpected_error_replies', 0],
      ['total_error_replies', server.stats.errorReplies],
      ['dump_payload_sanitizations', 0],
      ['total_reads_processed', since(counter.reads)],
      ['total_writes_processed', since(counter.writes)],
      ['io_threaded_reads_processed', threaded ? since(counter.reads) : 0],
      ['io_threaded_writes_processed', threaded ? since(counter.writes) : 0],
      ['client_query_buffer_limit_disconnections', server.queryLimitCloses],
      ['client_output_buffer_limit_disconnections', server.outputLimit.closes],
      ['reply_buffer_shrinks', 0],
      ['reply_buffer_expands', 0],
      ['acl_access_denied_auth', server.access.refused.auth],
      ['acl_access_denied_cmd', server.access.refused.command],
      ['acl_access_denied_key', server.access.refused.key],
      ['acl_access_denied_channel', server.access.refused.channel],
      ['acl_access_denied_tls_cert', 0],
      ...loopFields(server, since(counter.turns)),
    ];
  },
};

/** What expired, and how much work that was. */
function expiryFields({ expiry, keyspace }: ServerCore): Field[] {
  return [
    ['expired_keys', keyspace.stats[STAT_EXPIRED]!],
    ['expired_keys_active', keyspace.stats[STAT_EXPIRED_ACTIVE]!],
    // One number by its names in Redis and Valkey.
    ['expired_subkeys', keyspace.stats[STAT_EXPIRED_FIELDS]!],
    ['expired_subkeys_active', keyspace.stats[STAT_EXPIRED_FIELDS_ACTIVE]!],
    ['expired_fields', keyspace.stats[STAT_EXPIRED_FIELDS]!],
    ['expired_stale_perc', expiry.stalePercent.toFixed(2)],
    ['expired_time_cap_reached_count', expiry.timeCapReached],
    ['expire_cycle_cpu_milliseconds', Math.floor(expiry.spentMs)],
  ];
}

/** How busy the execution thread is: with batches of commands, and with what goes on in the background. */
function loopFields(server: ServerCore, turns: number): Field[] {
  const { base, executor, rates } = server;
  const perSecond = rates.cycles.value;
  return [
    ['eventloop_cycles', turns],
    ['eventloop_duration_sum', Math.round(busyUs(server) - base.busyUs)],
    ['eventloop_duration_cmd_sum', Math.round(executor.batchesMs * 1000 - base.batchesUs)],
    ['instantaneous_eventloop_cycles_per_sec', Math.round(perSecond)],
    [
      'instantaneous_eventloop_duration_usec',
      perSecond === 0 ? 0 : Math.round(rates.busyUs.value / perSecond),
    ],
  ];
}

export const COMMANDSTATS: Section = {
  name: 'commandstats',
  title: 'Commandstats',
  byDefault: false,
  fields({ stats, table }: ServerCore): Field[] {
    const rows: Field[] = [];
    for (let id = 0; id < table.specs.length; id++) {
      const calls = stats.calls[id]!;
      const rejected = stats.rejected[id]!;
      const failed = stats.failed[id]!;
      if (calls === 0 && rejected === 0 && failed === 0) continue;
      const usec = Math.round(stats.usec[id]!);
      const each = (calls === 0 ? 0 : stats.usec[id]! / calls).toFixed(2);
      rows.push([
        `cmdstat_${table.specs[id]!.name}`,
        `calls=${calls},usec=${usec},usec_per_call=${each},rejected_calls=${rejected},failed_calls=${failed}`,
      ]);
    }
    return rows;
  },
};

export const ERRORSTATS: Section = {
  name: 'errorstats',
  title: 'Errorstats',
  byDefault: true,
  fields: ({ stats }: ServerCore): Field[] =>
    [...stats.errors].sort().map(([code, count]) => [`errorstat_${code}`, `count=${count}`]),
};

export const LATENCYSTATS: Section = {
  name: 'latencystats',
  title: 'Latencystats',
  byDefault: false,
  fields({ latency, table, config }: ServerCore): Field[] {
    const percents = config.value('latency-tracking-info-percentiles');
    const rows: Field[] = [];
    for (let id = 0; id < table.specs.length; id++) {
      const histogram = latency.of(id);
      if (histogram === undefined) continue;
      const values = percents.map((percent) => `p${percent}=${histogram.percentileUs(percent).toFixed(3)}`);
      rows.push([`latency_percentiles_usec_${table.specs[id]!.name}`, values.join(',')]);
    }
    return rows;
  },
};
