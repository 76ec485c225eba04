// INFO clients, persistence, replication, cpu, modules, cluster and keyspace.
import { counter, counterCount } from '../../bridge/binding.ts';
import type { Aof } from '../aof.ts';
import type { Loading } from '../loading.ts';
import type { ServerCore } from '../server.ts';
import type { Field, Section } from './section.ts';

export const CLIENTS: Section = {
  name: 'clients',
  title: 'Clients',
  byDefault: true,
  fields(server: ServerCore): Field[] {
    const counters = new Float64Array(counterCount);
    server.reactor.counters(counters);
    const { actions, leftMs } = server.pause.order;
    return [
      ['connected_clients', counters[counter.connected]!],
      ['cluster_connections', 0],
      ['maxclients', server.config.number('maxclients')],
      ['client_recent_max_input_buffer', 0],
      ['client_recent_max_output_buffer', 0],
      ['blocked_clients', server.waiting.count],
      ['tracking_clients', server.tracking.clientCount],
      ['pubsub_clients', server.pubsub.clientCount],
      ['watching_clients', server.watches.clientCount],
      ['clients_in_timeout_table', server.waiting.timedCount],
      ['total_watched_keys', server.watches.keyCount],
      ['total_blocking_keys', server.blocking.keyCount],
      ['total_blocking_keys_on_nokey', server.blocking.anyhowKeyCount],
      ['paused_reason', actions === 'none' ? 'none' : 'client_pause'],
      ['paused_actions', actions],
      ['paused_timeout_milliseconds', leftMs],
    ];
  },
};

export const PERSISTENCE: Section = {
  name: 'persistence',
  title: 'Persistence',
  byDefault: true,
  fields({ aof, loading, memory, saving, snapshots }: ServerCore): Field[] {
    const { keysDone, keysTotal } = snapshots;
    const percent = keysTotal === 0 ? 0 : (keysDone * 100) / keysTotal;
    return [
      ['loading', loading.active ? 1 : 0],
      ['async_loading', 0],
      ['current_cow_peak', 0],
      ['current_cow_size', 0],
      ['current_cow_size_age', 0],
      ['current_fork_perc', percent.toFixed(2)],
      ['current_save_keys_processed', keysDone],
      ['current_save_keys_total', keysTotal],
      ['rdb_changes_since_last_save', saving.changes],
      ['rdb_bgsave_in_progress', saving.inBackground ? 1 : 0],
      ['rdb_last_save_time', Math.floor(saving.lastSaveMs / 1000)],
      ['rdb_last_bgsave_status', saving.isLastSaveGood ? 'ok' : 'err'],
      ['rdb_last_bgsave_time_sec', seconds(saving.lastDurationMs)],
      ['rdb_current_bgsave_time_sec', seconds(saving.currentDurationMs)],
      ['rdb_saves', saving.saves],
      ['rdb_last_cow_size', 0],
      ['rdb_last_load_keys_expired', saving.lastLoad.expired],
      ['rdb_last_load_keys_loaded', saving.lastLoad.keys],
      ['aof_enabled', aof.isOn ? 1 : 0],
      ['aof_rewrite_in_progress', aof.rewrite.isInProgress ? 1 : 0],
      ['aof_rewrite_scheduled', aof.rewrite.isScheduled ? 1 : 0],
      ['aof_last_rewrite_time_sec', seconds(aof.rewrite.lastDurationMs)],
      ['aof_current_rewrite_time_sec', seconds(aof.rewrite.currentDurationMs)],
      ['aof_last_bgrewrite_status', aof.rewrite.isLastGood ? 'ok' : 'err'],
      ['aof_rewrites', aof.rewrite.count],
      ['aof_rewrites_consecutive_failures', aof.rewrite.failures],
      ['aof_last_write_status', aof.isBroken ? 'err' : 'ok'],
      ['aof_last_cow_size', 0],
      ['module_fork_in_progress', 0],
      ['module_fork_last_cow_size', 0],
      ...(loading.active ? loadingFields(loading, memory.usedBytes) : []),
      ...(aof.isOn ? logFields(aof) : []),
    ];
  },
};

function loadingFields(loading: Loading, usedBytes: number): Field[] {
  const { loadedBytes, totalBytes } = loading;
  return [
    ['loading_start_time', seconds(loading.startedMs)],
    ['loading_total_bytes', totalBytes],
    ['loading_rdb_used_mem', usedBytes],
    ['loading_loaded_bytes', loadedBytes],
    ['loading_loaded_perc', ((loadedBytes * 100) / Math.max(1, totalBytes)).toFixed(2)],
    ['loading_eta_seconds', loading.secondsLeft],
  ];
}

function logFields(aof: Aof): Field[] {
  return [
    ['aof_current_size', aof.currentBytes],
    ['aof_base_size', aof.baseBytes],
    ['aof_pending_rewrite', aof.rewrite.isScheduled ? 1 : 0],
    ['aof_buffer_length', aof.waitingBytes],
    ['aof_pending_bio_fsync', aof.isSyncing ? 1 : 0],
    ['aof_delayed_fsync', aof.delayedSyncs],
  ];
}

/** Whole seconds; -1 stays. */
function seconds(ms: number): number {
  return Math.floor(ms / 1000);
}

export const REPLICATION: Section = {
  name: 'replication',
  title: 'Replication',
  byDefault: true,
  fields(server: ServerCore): Field[] {
    return [
      ['role', 'master'],
      ['connected_slaves', 0],
      ['master_failover_state', 'no-failover'],
      ['master_replid', server.replicationId],
      ['master_replid2', '0'.repeat(40)],
      ['master_repl_offset', 0],
      ['second_repl_offset', -1],
      ['repl_backlog_active', 0],
      ['repl_backlog_size', server.config.number('repl-backlog-size')],
      ['repl_backlog_first_byte_offset', 0],
      ['repl_backlog_histlen', 0],
    ];
  },
};

export const CPU: Section = {
  name: 'cpu',
  title: 'CPU',
  byDefault: true,
  fields(): Field[] {
    const { user, system } = process.cpuUsage();
    const seconds = (us: number) => (us / 1e6).toFixed(6);
    return [
      ['used_cpu_sys', seconds(system)],
      ['used_cpu_user', seconds(user)],
      ['used_cpu_sys_children', '0.000000'],
      ['used_cpu_user_children', '0.000000'],
      ['used_cpu_sys_main_thread', seconds(system)],
      ['used_cpu_user_main_thread', seconds(user)],
    ];
  },
};

export const MODULES: Section = { name: 'modules', title: 'Modules', byDefault: true, fields: () => [] };

export const CLUSTER: Section = {
  name: 'cluster',
  title: 'Cluster',
  byDefault: true,
  fields: () => [['cluster_enabled', 0]],
};

export const KEYSPACE: Section = {
  name: 'keyspace',
  title: 'Keyspace',
  byDefault: true,
  fields({ keyspace }: ServerCore): Field[] {
    const rows: Field[] = [];
    for (let i = 0; i < keyspace.databaseCount; i++) {
      const db = keyspace.db(i);
      if (db.size === 0) continue;
      rows.push([
        `db${i}`,
        `keys=${db.size},expires=${db.volatileCount},avg_ttl=${Math.floor(db.averageTtlMs)},` +
          // One number by its names in Redis and Valkey.
          `subexpiry=${db.volatileHashCount},keys_with_volatile_items=${db.volatileHashCount}`,
      ]);
    }
    return rows;
  },
};
