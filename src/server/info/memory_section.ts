// INFO memory. What belongs to scripts, replication and persistence is zero until those exist.
import type { ServerCore } from '../server.ts';
import { type Field, type Section, sized } from './section.ts';

export const MEMORY: Section = {
  name: 'memory',
  title: 'Memory',
  byDefault: true,
  fields(server: ServerCore): Field[] {
    const { memory, config, keyspace } = server;
    memory.notePeak();
    const used = memory.usedBytes;
    const rss = memory.rssBytes;
    const allocated = memory.arenaBytes;
    const active = memory.activeBytes;
    const resident = memory.residentBytes;
    const ratio = (a: number, b: number) => (b === 0 ? 1 : a / b).toFixed(2);
    return [
      ...sized('used_memory', used),
      ...sized('used_memory_rss', rss),
      ...sized('used_memory_peak', memory.peakBytes),
      ['used_memory_peak_time', memory.peakTimeSec],
      ['used_memory_peak_perc', `${((used / Math.max(1, memory.peakBytes)) * 100).toFixed(2)}%`],
      ['used_memory_overhead', memory.overheadBytes],
      ['used_memory_startup', memory.startupBytes],
      ['used_memory_dataset', memory.datasetBytes],
      ['used_memory_dataset_perc', `${memory.datasetPercent.toFixed(2)}%`],
      ['allocator_allocated', allocated],
      ['allocator_active', active],
      ['allocator_resident', resident],
      ['allocator_muzzy', 0],
      ...sized('total_system_memory', memory.systemBytes),
      ['used_memory_lua', 0],
      ['used_memory_vm_eval', 0],
      ['used_memory_lua_human', '0B'],
      ['used_memory_scripts_eval', 0],
      ['number_of_cached_scripts', 0],
      ['number_of_functions', 0],
      ['number_of_libraries', 0],
      ['used_memory_vm_functions', 0],
      ...sized('used_memory_vm_total', 0),
      ['used_memory_functions', 0],
      ...sized('used_memory_scripts', 0),
      ...sized('maxmemory', config.number('maxmemory')),
      ['maxmemory_policy', config.string('maxmemory-policy')],
      ['allocator_frag_ratio', ratio(active, allocated)],
      ['allocator_frag_bytes', active - allocated],
      ['allocator_rss_ratio', ratio(resident, active)],
      ['allocator_rss_bytes', resident - active],
      ['rss_overhead_ratio', ratio(rss, resident)],
      ['rss_overhead_bytes', rss - resident],
      ['mem_fragmentation_ratio', ratio(rss, used)],
      ['mem_fragmentation_bytes', rss - used],
      ['mem_not_counted_for_evict', memory.uncountedBytes],
      ['mem_replication_backlog', 0],
      ['mem_total_replication_buffers', 0],
      ['mem_clients_slaves', 0],
      ['mem_clients_normal', memory.clientBytes],
      ['mem_cluster_links', 0],
      ['mem_overhead_db_hashtable_rehashing', 0],
      ['mem_aof_buffer', 0],
      ['mem_allocator', 'millrace-arena'],
      ['mem_v8_heap_used', process.memoryUsage().heapUsed],
      ['active_defrag_running', Math.ceil(server.defrag.sharePercent)],
      ['lazyfree_pending_objects', keyspace.lazyfree.pendingObjects],
      ['lazyfreed_objects', keyspace.lazyfree.freedObjects],
    ];
  },
};
