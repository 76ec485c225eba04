// src/server/embed.ts
import { EventEmitter } from "node:events";

// src/base/clock.ts
var SystemClock = class {
  nowMs() {
    return Date.now();
  }
  nowUs() {
    return Math.floor((performance.timeOrigin + performance.now()) * 1e3);
  }
  monotonicMs() {
    return performance.now();
  }
  sleep(ms) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  }
}, VirtualClock = class {
  #ms;
  #startMs;
  constructor(startMs = 17e11) {
    this.#ms = startMs, this.#startMs = startMs;
  }
  nowMs() {
    return this.#ms;
  }
  nowUs() {
    return this.#ms * 1e3;
  }
  monotonicMs() {
    return this.#ms - this.#startMs;
  }
  advance(ms) {
    if (!(ms >= 0)) throw new RangeError("a clock only goes forward");
    this.#ms += Math.floor(ms);
  }
  sleep(ms) {
    this.advance(ms);
  }
};

// src/base/files.ts
import {
  closeSync,
  constants,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync
} from "node:fs";
import { dirname } from "node:path";
function pathOf(text2) {
  return Buffer.from(text2, "latin1").toString("utf8");
}
function textOf(path) {
  return Buffer.from(path, "utf8").toString("latin1");
}
var SystemFiles = class {
  read(path) {
    return readFileSync(path);
  }
  mode(path) {
    let status = statSync(path, { throwIfNoEntry: !1 });
    return status === void 0 ? null : status.mode & 511;
  }
  create(path, mode) {
    return openSync(
      path,
      constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
      mode
    );
  }
  write(fd, bytes, off, len) {
    return writeSync(fd, bytes, off, len);
  }
  sync(fd) {
    fsyncSync(fd);
  }
  close(fd) {
    closeSync(fd);
  }
  rename(from, to) {
    renameSync(from, to);
  }
  remove(path) {
    rmSync(path, { force: !0 });
  }
  syncDirectory(path) {
    let fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  }
};
function replaceFile(files, path, bytes, mode) {
  let temporary = `${path}.${process.pid}.tmp`;
  try {
    files.remove(temporary);
    let fd = files.create(temporary, files.mode(path) ?? mode);
    try {
      for (let off = 0; off < bytes.length; ) off += files.write(fd, bytes, off, bytes.length - off);
      files.sync(fd);
    } finally {
      files.close(fd);
    }
    files.rename(temporary, path);
  } catch (error) {
    throw tryToRemove(files, temporary), error;
  }
  files.syncDirectory(dirname(path));
}
function tryToRemove(files, path) {
  try {
    files.remove(path);
  } catch {
  }
}

// src/base/log.ts
import { appendFileSync, writeSync as writeSync2 } from "node:fs";
var logLevels = ["debug", "verbose", "notice", "warning", "nothing"];
var levelMarks = ".-*#", roleNames = { M: "primary", S: "replica", C: "child", X: "sentinel" }, months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"], Logger = class {
  /** Lines below this level are dropped; "nothing" drops all. */
  level = "notice";
  format = "legacy";
  timestamps = "legacy";
  role = "C";
  /** Log file; empty for the sink. */
  path = "";
  #clock;
  #pid;
  #sink;
  constructor(options) {
    this.#clock = options.clock, this.#pid = options.pid, this.#sink = options.sink ?? writeToStandardOutput;
  }
  debug(text2) {
    this.#log(0, text2);
  }
  verbose(text2) {
    this.#log(1, text2);
  }
  notice(text2) {
    this.#log(2, text2);
  }
  warning(text2) {
    this.#log(3, text2);
  }
  /** Whether a line of this level would be written; ask before building an expensive text. */
  writes(level) {
    return level !== "nothing" && logLevels.indexOf(level) >= logLevels.indexOf(this.level);
  }
  #log(level, text2) {
    let name = logLevels[level];
    if (!this.writes(name)) return;
    let line = this.#line(level, name, text2);
    this.path === "" ? this.#sink(line) : appendToFile(this.path, line);
  }
  #line(level, name, text2) {
    let time = formatTime(this.#clock.nowMs(), this.timestamps), pid = this.#pid;
    if (this.format === "legacy") return `${pid}:${this.role} ${time} ${levelMarks[level]} ${text2}
`;
    let role = roleNames[this.role];
    return this.format === "json" ? `${JSON.stringify({ pid, role, timestamp: time, level: name, message: text2 })}
` : `pid=${pid} role=${role} timestamp="${time}" level=${name} message=${JSON.stringify(text2)}
`;
  }
};
function formatTime(ms, timestamps) {
  if (timestamps === "milliseconds") return String(ms);
  let date = new Date(ms), day = two(date.getDate()), fraction = String(ms % 1e3).padStart(3, "0"), clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${fraction}`;
  if (timestamps === "legacy") return `${day} ${months[date.getMonth()]} ${date.getFullYear()} ${clock}`;
  let offset = -date.getTimezoneOffset(), size = Math.abs(offset), zone = `${offset < 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`;
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${day}T${clock}${zone}`;
}
function two(n) {
  return n < 10 ? `0${n}` : String(n);
}
function writeToStandardOutput(line) {
  try {
    writeSync2(1, line);
  } catch {
  }
}
function appendToFile(path, line) {
  try {
    appendFileSync(path, line);
  } catch {
  }
}

// src/server/info/section.ts
var UNITS = ["B", "K", "M", "G", "T", "P"];
function human(bytes) {
  let power = 0;
  for (let rest = bytes; rest >= 1024 && power < UNITS.length - 1; rest /= 1024) power++;
  return power === 0 ? `${bytes}B` : `${(bytes / 1024 ** power).toFixed(2)}${UNITS[power]}`;
}
function sized(name, bytes) {
  return [
    [name, Math.round(bytes)],
    [`${name}_human`, human(Math.round(bytes))]
  ];
}

// src/server/info/memory_section.ts
var MEMORY = {
  name: "memory",
  title: "Memory",
  byDefault: !0,
  fields(server) {
    let { memory: memory2, config, keyspace } = server;
    memory2.notePeak();
    let used = memory2.usedBytes, rss = memory2.rssBytes, allocated = memory2.arenaBytes, active = memory2.activeBytes, resident = memory2.residentBytes, ratio = (a, b) => (b === 0 ? 1 : a / b).toFixed(2);
    return [
      ...sized("used_memory", used),
      ...sized("used_memory_rss", rss),
      ...sized("used_memory_peak", memory2.peakBytes),
      ["used_memory_peak_perc", `${(used / Math.max(1, memory2.peakBytes) * 100).toFixed(2)}%`],
      ["used_memory_overhead", memory2.overheadBytes],
      ["used_memory_startup", memory2.startupBytes],
      ["used_memory_dataset", memory2.datasetBytes],
      ["used_memory_dataset_perc", `${memory2.datasetPercent.toFixed(2)}%`],
      ["allocator_allocated", allocated],
      ["allocator_active", active],
      ["allocator_resident", resident],
      ...sized("total_system_memory", memory2.systemBytes),
      ["used_memory_lua", 0],
      ["used_memory_vm_eval", 0],
      ["used_memory_lua_human", "0B"],
      ["used_memory_scripts_eval", 0],
      ["number_of_cached_scripts", 0],
      ["number_of_functions", 0],
      ["number_of_libraries", 0],
      ["used_memory_vm_functions", 0],
      ...sized("used_memory_vm_total", 0),
      ["used_memory_functions", 0],
      ...sized("used_memory_scripts", 0),
      ...sized("maxmemory", config.number("maxmemory")),
      ["maxmemory_policy", config.string("maxmemory-policy")],
      ["allocator_frag_ratio", ratio(active, allocated)],
      ["allocator_frag_bytes", active - allocated],
      ["allocator_rss_ratio", ratio(resident, active)],
      ["allocator_rss_bytes", resident - active],
      ["rss_overhead_ratio", ratio(rss, resident)],
      ["rss_overhead_bytes", rss - resident],
      ["mem_fragmentation_ratio", ratio(rss, used)],
      ["mem_fragmentation_bytes", rss - used],
      ["mem_not_counted_for_evict", 0],
      ["mem_replication_backlog", 0],
      ["mem_total_replication_buffers", 0],
      ["mem_clients_slaves", 0],
      ["mem_clients_normal", memory2.clientBytes],
      ["mem_cluster_links", 0],
      ["mem_aof_buffer", 0],
      ["mem_allocator", "millrace-arena"],
      ["mem_v8_heap_used", process.memoryUsage().heapUsed],
      ["active_defrag_running", 0],
      ["lazyfree_pending_objects", keyspace.lazyfree.pendingObjects],
      ["lazyfreed_objects", keyspace.lazyfree.freedObjects]
    ];
  }
};

// src/server/info/server_section.ts
import { arch, release, type } from "node:os";

// src/base/version.ts
var SERVER_NAME = "millrace", MILLRACE_VERSION = "0.1.0", REDIS_VERSION = "7.2.4";

// src/server/info/server_section.ts
var SECONDS_PER_DAY = 86400, LRU_CLOCK_MASK = 16777215, SERVER = {
  name: "server",
  title: "Server",
  byDefault: !0,
  fields(server) {
    let nowUs = server.clock.nowUs(), uptimeSec = Math.max(0, Math.floor((nowUs / 1e3 - server.startedMs) / 1e3)), hz = server.config.number("hz");
    return [
      ["redis_version", REDIS_VERSION],
      ["server_name", "millrace"],
      ["millrace_version", MILLRACE_VERSION],
      ["redis_git_sha1", "00000000"],
      ["redis_git_dirty", 0],
      ["redis_build_id", `${MILLRACE_VERSION.replaceAll(".", "")}-${process.versions.modules}`],
      ["redis_mode", "standalone"],
      ["os", `${type()} ${release()} ${machine()}`],
      ["arch_bits", 64],
      ["monotonic_clock", "POSIX clock_gettime"],
      ["multiplexing_api", server.pollerName],
      ["atomicvar_api", "c11-builtin"],
      ["node_version", process.versions.node],
      ["v8_version", process.versions.v8],
      ["process_id", process.pid],
      ["process_supervised", "no"],
      ["run_id", server.runId],
      ["tcp_port", server.network.port],
      ["server_time_usec", nowUs],
      ["uptime_in_seconds", uptimeSec],
      ["uptime_in_days", Math.floor(uptimeSec / SECONDS_PER_DAY)],
      ["hz", hz],
      ["configured_hz", hz],
      ["lru_clock", Math.floor(nowUs / 1e6) & LRU_CLOCK_MASK],
      ["executable", process.argv[1] ?? process.execPath],
      ["config_file", server.config.path ?? ""],
      ["io_threads_active", server.lanes.length > 1 ? 1 : 0],
      ...server.network.listeners.map((listener, i) => [`listener${i}`, listener])
    ];
  }
};
function machine() {
  return { x64: "x86_64", arm64: "aarch64" }[arch()] ?? arch();
}

// src/bridge/binding.ts
import { existsSync, readFileSync as readFileSync2 } from "node:fs";
import { createRequire } from "node:module";
import { dirname as dirname2, join } from "node:path";
import { fileURLToPath } from "node:url";
var BUILT_HERE = "native/build/Release/millrace.node", counter = {
  /** now */
  connected: 0,
  accepted: 1,
  /** refused: too many clients, or protected mode */
  rejected: 2,
  bytesIn: 3,
  bytesOut: 4,
  reads: 5,
  writes: 6,
  commands: 7,
  protocolErrors: 8,
  /** times a listener rested because the system was out of descriptors or memory */
  acceptPauses: 9,
  outputLimitCloses: 10,
  idleCloses: 11,
  /** now: memory of unfinished requests */
  inputHeldBytes: 12,
  /** now: memory of replies that sockets did not take */
  outputHeldBytes: 13,
  /** times a connection was left unread because a request ring was full */
  stalls: 14,
  /** times the execution thread had to be woken */
  executorWakes: 15,
  /** times an I/O thread had to be woken */
  ioWakes: 16,
  /** turns of I/O loops */
  turns: 17,
  acceptErrors: 18
}, counterCount = 19;
function loadBinding() {
  let require2 = createRequire(import.meta.url), root = packageRoot(), named = process.env.MILLRACE_ADDON, built = named ?? join(root, BUILT_HERE);
  try {
    return named !== void 0 || existsSync(built) ? require2(built) : require2("node-gyp-build")(root);
  } catch (cause) {
    throw new Error(explain(root, cause), { cause });
  }
}
function packageRoot() {
  let directory = dirname2(fileURLToPath(import.meta.url));
  for (; ; ) {
    let manifest = join(directory, "package.json");
    if (existsSync(manifest) && JSON.parse(readFileSync2(manifest, "utf8")).name === "millrace")
      return directory;
    let parent = dirname2(directory);
    if (parent === directory) throw new Error(`no package.json of millrace above ${import.meta.url}`);
    directory = parent;
  }
}
function explain(root, cause) {
  let glibc = process.report?.getReport()?.header?.glibcVersionRuntime, libc = process.platform === "linux" ? glibc ? `, glibc ${glibc}` : ", musl" : "";
  return [
    `millrace has no native addon for ${process.platform}-${process.arch}${libc}, Node ${process.versions.node}.`,
    `Looked for ${join(root, BUILT_HERE)} and in ${join(root, "prebuilds")}.`,
    `To build it (needs Python and a C++20 compiler): cd ${root} && npm run build:native`,
    `Reason: ${cause instanceof Error ? cause.message : String(cause)}`
  ].join(`
`);
}

// src/server/info/state_sections.ts
var CLIENTS = {
  name: "clients",
  title: "Clients",
  byDefault: !0,
  fields(server) {
    let counters = new Float64Array(counterCount);
    return server.reactor.counters(counters), [
      ["connected_clients", counters[counter.connected]],
      ["cluster_connections", 0],
      ["maxclients", server.config.number("maxclients")],
      ["client_recent_max_input_buffer", 0],
      ["client_recent_max_output_buffer", 0],
      ["blocked_clients", server.waiting.count],
      ["tracking_clients", 0],
      ["clients_in_timeout_table", server.waiting.timedCount]
    ];
  }
}, PERSISTENCE = {
  name: "persistence",
  title: "Persistence",
  byDefault: !0,
  fields(server) {
    return [
      ["loading", 0],
      ["async_loading", 0],
      ["current_cow_peak", 0],
      ["current_cow_size", 0],
      ["current_cow_size_age", 0],
      ["current_fork_perc", "0.00"],
      ["current_save_keys_processed", 0],
      ["current_save_keys_total", 0],
      ["rdb_changes_since_last_save", server.keyspace.dirty],
      ["rdb_bgsave_in_progress", 0],
      ["rdb_last_save_time", Math.floor(server.startedMs / 1e3)],
      ["rdb_last_bgsave_status", "ok"],
      ["rdb_last_bgsave_time_sec", -1],
      ["rdb_current_bgsave_time_sec", -1],
      ["rdb_saves", 0],
      ["rdb_last_cow_size", 0],
      ["rdb_last_load_keys_expired", 0],
      ["rdb_last_load_keys_loaded", 0],
      ["aof_enabled", 0],
      ["aof_rewrite_in_progress", 0],
      ["aof_rewrite_scheduled", 0],
      ["aof_last_rewrite_time_sec", -1],
      ["aof_current_rewrite_time_sec", -1],
      ["aof_last_bgrewrite_status", "ok"],
      ["aof_rewrites", 0],
      ["aof_rewrites_consecutive_failures", 0],
      ["aof_last_write_status", "ok"],
      ["aof_last_cow_size", 0],
      ["module_fork_in_progress", 0],
      ["module_fork_last_cow_size", 0]
    ];
  }
}, REPLICATION = {
  name: "replication",
  title: "Replication",
  byDefault: !0,
  fields(server) {
    return [
      ["role", "master"],
      ["connected_slaves", 0],
      ["master_failover_state", "no-failover"],
      ["master_replid", server.replicationId],
      ["master_replid2", "0".repeat(40)],
      ["master_repl_offset", 0],
      ["second_repl_offset", -1],
      ["repl_backlog_active", 0],
      ["repl_backlog_size", server.config.number("repl-backlog-size")],
      ["repl_backlog_first_byte_offset", 0],
      ["repl_backlog_histlen", 0]
    ];
  }
}, CPU = {
  name: "cpu",
  title: "CPU",
  byDefault: !0,
  fields() {
    let { user, system } = process.cpuUsage(), seconds = (us) => (us / 1e6).toFixed(6);
    return [
      ["used_cpu_sys", seconds(system)],
      ["used_cpu_user", seconds(user)],
      ["used_cpu_sys_children", "0.000000"],
      ["used_cpu_user_children", "0.000000"],
      ["used_cpu_sys_main_thread", seconds(system)],
      ["used_cpu_user_main_thread", seconds(user)]
    ];
  }
}, MODULES = { name: "modules", title: "Modules", byDefault: !0, fields: () => [] }, CLUSTER = {
  name: "cluster",
  title: "Cluster",
  byDefault: !0,
  fields: () => [["cluster_enabled", 0]]
}, KEYSPACE = {
  name: "keyspace",
  title: "Keyspace",
  byDefault: !0,
  fields({ keyspace }) {
    let rows = [];
    for (let i = 0; i < keyspace.databaseCount; i++) {
      let db = keyspace.db(i);
      db.size !== 0 && rows.push([`db${i}`, `keys=${db.size},expires=${db.volatileCount},avg_ttl=${Math.floor(db.averageTtlMs)}`]);
    }
    return rows;
  }
};

// src/server/info/stats_sections.ts
var STATS = {
  name: "stats",
  title: "Stats",
  byDefault: !0,
  fields(server) {
    let { keyspace, rates, base } = server, counters = new Float64Array(counterCount);
    server.reactor.counters(counters);
    let since = (index) => counters[index] - base.counters[index], threaded = server.lanes.length > 1;
    return [
      ["total_connections_received", since(counter.accepted)],
      ["total_commands_processed", server.commandsProcessed],
      ["instantaneous_ops_per_sec", Math.round(rates.commands.value)],
      ["total_net_input_bytes", since(counter.bytesIn)],
      ["total_net_output_bytes", since(counter.bytesOut)],
      ["total_net_repl_input_bytes", 0],
      ["total_net_repl_output_bytes", 0],
      ["instantaneous_input_kbps", (rates.bytesIn.value / 1024).toFixed(2)],
      ["instantaneous_output_kbps", (rates.bytesOut.value / 1024).toFixed(2)],
      ["instantaneous_input_repl_kbps", "0.00"],
      ["instantaneous_output_repl_kbps", "0.00"],
      ["rejected_connections", since(counter.rejected)],
      ["sync_full", 0],
      ["sync_partial_ok", 0],
      ["sync_partial_err", 0],
      ["expired_keys", keyspace.stats[2]],
      ["expired_stale_perc", server.expiry.stalePercent.toFixed(2)],
      ["expired_time_cap_reached_count", server.expiry.timeCapReached],
      ["expire_cycle_cpu_milliseconds", Math.floor(server.expiry.spentMs)],
      ["evicted_keys", keyspace.stats[3]],
      ["evicted_clients", 0],
      ["total_eviction_exceeded_time", 0],
      ["current_eviction_exceeded_time", 0],
      ["keyspace_hits", keyspace.stats[0]],
      ["keyspace_misses", keyspace.stats[1]],
      ["pubsub_channels", 0],
      ["pubsub_patterns", 0],
      ["pubsubshard_channels", 0],
      ["latest_fork_usec", 0],
      ["total_forks", 0],
      ["migrate_cached_sockets", 0],
      ["slave_expires_tracked_keys", 0],
      ["active_defrag_hits", 0],
      ["active_defrag_misses", 0],
      ["active_defrag_key_hits", 0],
      ["active_defrag_key_misses", 0],
      ["total_active_defrag_time", 0],
      ["current_active_defrag_time", 0],
      ["tracking_total_keys", 0],
      ["tracking_total_items", 0],
      ["tracking_total_prefixes", 0],
      ["unexpected_error_replies", 0],
      ["total_error_replies", server.stats.errorReplies],
      ["dump_payload_sanitizations", 0],
      ["total_reads_processed", since(counter.reads)],
      ["total_writes_processed", since(counter.writes)],
      ["io_threaded_reads_processed", threaded ? since(counter.reads) : 0],
      ["io_threaded_writes_processed", threaded ? since(counter.writes) : 0],
      ["client_output_buffer_limit_disconnections", since(counter.outputLimitCloses)],
      ["reply_buffer_shrinks", 0],
      ["reply_buffer_expands", 0]
    ];
  }
}, COMMANDSTATS = {
  name: "commandstats",
  title: "Commandstats",
  byDefault: !1,
  fields({ stats, table }) {
    let rows = [];
    for (let id = 0; id < table.specs.length; id++) {
      let calls = stats.calls[id], rejected = stats.rejected[id], failed = stats.failed[id];
      if (calls === 0 && rejected === 0 && failed === 0) continue;
      let usec = Math.round(stats.usec[id]), each = (calls === 0 ? 0 : stats.usec[id] / calls).toFixed(2);
      rows.push([
        `cmdstat_${table.specs[id].name}`,
        `calls=${calls},usec=${usec},usec_per_call=${each},rejected_calls=${rejected},failed_calls=${failed}`
      ]);
    }
    return rows;
  }
}, ERRORSTATS = {
  name: "errorstats",
  title: "Errorstats",
  byDefault: !0,
  fields: ({ stats }) => [...stats.errors].sort().map(([code, count2]) => [`errorstat_${code}`, `count=${count2}`])
}, LATENCYSTATS = {
  name: "latencystats",
  title: "Latencystats",
  byDefault: !1,
  fields({ latency, table, config }) {
    let percents = config.value("latency-tracking-info-percentiles"), rows = [];
    for (let id = 0; id < table.specs.length; id++) {
      let histogram = latency.of(id);
      if (histogram === void 0) continue;
      let values = percents.map((percent) => `p${percent}=${histogram.percentileUs(percent).toFixed(3)}`);
      rows.push([`latency_percentiles_usec_${table.specs[id].name}`, values.join(",")]);
    }
    return rows;
  }
};

// src/server/info/info.ts
var SECTIONS = [
  SERVER,
  CLIENTS,
  MEMORY,
  PERSISTENCE,
  STATS,
  REPLICATION,
  CPU,
  MODULES,
  COMMANDSTATS,
  ERRORSTATS,
  LATENCYSTATS,
  CLUSTER,
  KEYSPACE
];
function infoText(server, names) {
  let wanted = /* @__PURE__ */ new Set(), ask = names.length === 0 ? ["default"] : names.map((name) => name.toLowerCase());
  for (let name of ask)
    for (let section of SECTIONS)
      (name === "all" || name === "everything" || section.name === name || name === "default" && section.byDefault) && wanted.add(section);
  return SECTIONS.filter((section) => wanted.has(section)).map((section) => {
    let lines = section.fields(server).map(([name, value]) => `${name}:${value}\r
`);
    return `# ${section.title}\r
${lines.join("")}`;
  }).join(`\r
`);
}

// src/server/alarm.ts
var Alarm = class {
  #server;
  #timer = null;
  constructor(server) {
    this.#server = server;
  }
  start() {
    this.#server.deadlines.onEarlier = () => this.#set(), this.#set();
  }
  stop() {
    this.#server.deadlines.onEarlier = null, this.#timer !== null && clearTimeout(this.#timer), this.#timer = null;
  }
  #set() {
    this.#timer !== null && clearTimeout(this.#timer), this.#timer = null;
    let { clock, deadlines } = this.#server;
    if (deadlines.nextMs === Number.POSITIVE_INFINITY) return;
    let delayMs = Math.min(Math.max(Math.ceil(deadlines.nextMs - clock.monotonicMs()), 0), 2147483647);
    this.#timer = setTimeout(() => this.#ring(), delayMs), this.#timer.unref();
  }
  #ring() {
    this.#timer = null, this.#server.wake(), this.#server.flush(), this.#set();
  }
};

// src/server/cron.ts
var PURGE_PERIOD_MS = 1e3, PURGE_GRANULES = 64, SAMPLE_PERIOD_MS = 100, Cron = class {
  #server;
  #counters = new Float64Array(counterCount);
  #timer = null;
  #lastPurgeMs = 0;
  #lastSampleMs = 0;
  constructor(server) {
    this.#server = server;
  }
  start() {
    this.#schedule();
  }
  stop() {
    this.#timer !== null && clearTimeout(this.#timer), this.#timer = null, this.#server.background.stop();
  }
  #schedule() {
    let periodMs = 1e3 / this.#server.config.number("hz");
    this.#timer = setTimeout(() => {
      this.#server.admin.isCronPaused || this.#tick(periodMs), this.#schedule();
    }, periodMs), this.#timer.unref();
  }
  #tick(periodMs) {
    let server = this.#server, nowMs = server.clock.monotonicMs();
    server.keyspace.tick(), nowMs - this.#lastSampleMs >= SAMPLE_PERIOD_MS && this.#sample(nowMs), nowMs - this.#lastPurgeMs >= PURGE_PERIOD_MS && (this.#lastPurgeMs = nowMs, server.arena.purge(PURGE_GRANULES)), server.background.beginPeriod(periodMs), server.flush();
  }
  #sample(nowMs) {
    this.#lastSampleMs = nowMs;
    let { reactor, rates, memory: memory2, memoryLimit, commandsProcessed } = this.#server;
    reactor.counters(this.#counters), rates.commands.sample(commandsProcessed, nowMs), rates.bytesIn.sample(this.#counters[counter.bytesIn], nowMs), rates.bytesOut.sample(this.#counters[counter.bytesOut], nowMs), memory2.notePeak(), memoryLimit.measure();
  }
};

// src/arena/size_class.ts
var DOUBLINGS = Math.log2(2048), CLASS_COUNT = 16 + DOUBLINGS * 8, CLASS_BYTES = new Int32Array(CLASS_COUNT), SPAN_GRANULES = new Int32Array(CLASS_COUNT);
for (let i = 0; i < CLASS_COUNT; i++) {
  let step2 = i - 16, base = 128 << (step2 >> 3);
  CLASS_BYTES[i] = step2 < 0 ? (i + 1) * 8 : base + ((step2 & 7) + 1) * (base >> 3), SPAN_GRANULES[i] = CLASS_BYTES[i] <= 8192 ? 1 : CLASS_BYTES[i] <= 32768 ? 4 : 16;
}
function classOf(bytes) {
  if (bytes <= 128) return bytes <= 8 ? 0 : (bytes + 7 >> 3) - 1;
  let log = 31 - Math.clz32(bytes - 1);
  return 16 + (log - 7 << 3) + (bytes - 1 >>> log - 3 & 7);
}

// src/arena/granules.ts
var CHUNK_BYTES = 64 * 1024 * 1024, GRANULES_PER_CHUNK = CHUNK_BYTES / 65536, CHUNKS_MAX = 512, OutOfMemoryError = class extends Error {
  name = "OutOfMemoryError";
}, Granules = class {
  #source;
  #onChunk;
  #chunks = [];
  /** Chunk numbers of an unmapped huge block, to be used again. */
  #vacant = [];
  #nextChunk = 0;
  #purgeChunk = 0;
  /** Granules that are free but still hold pages. */
  touchedFreeGranules = 0;
  mappedChunks = 0;
  constructor(source, onChunk) {
    this.#source = source, this.#onChunk = onChunk;
  }
  /** Takes `count` (≤ 256) contiguous granules; the result is a granule number over all chunks. */
  take(count2) {
    for (let c2 = 0; c2 < this.#chunks.length; c2++) {
      let chunk = this.#chunks[c2];
      if (chunk === void 0 || chunk.freeGranules < count2) continue;
      let at = findRun(chunk, count2);
      if (at >= 0) return this.#claim(c2, chunk, at, count2);
    }
    let c = this.#addChunk();
    return this.#claim(c, this.#chunks[c], c === 0 ? 1 : 0, count2);
  }
  give(granule, count2) {
    let chunk = this.#chunks[Math.floor(granule / GRANULES_PER_CHUNK)], at = granule % GRANULES_PER_CHUNK;
    chunk.used.fill(0, at, at + count2), chunk.freeGranules += count2, at < chunk.firstFree && (chunk.firstFree = at), this.touchedFreeGranules += count2;
  }
  /** Maps a block of its own over whole chunks; returns the first chunk's number. */
  takeHuge(bytes) {
    let chunks = Math.ceil(bytes / CHUNK_BYTES), reuse = this.#vacant.findIndex((range) => range.chunks === chunks), first = reuse >= 0 ? this.#vacant.splice(reuse, 1)[0].first : this.#reserveNumbers(chunks);
    return this.#map(first, chunks), first;
  }
  giveHuge(first, bytes) {
    let chunks = Math.ceil(bytes / CHUNK_BYTES);
    this.#source.unmap(first), this.mappedChunks -= chunks, this.#vacant.push({ first, chunks });
  }
  /** Returns the pages of at most `granules` free granules to the system; answers how many it returned. */
  purge(granules) {
    let returned = 0;
    for (let seen = 0; seen < this.#chunks.length && returned < granules; seen++) {
      this.#purgeChunk >= this.#chunks.length && (this.#purgeChunk = 0);
      let chunk = this.#chunks[this.#purgeChunk];
      chunk !== void 0 && (returned += this.#purgeOne(this.#purgeChunk, chunk, granules - returned)), returned < granules && this.#purgeChunk++;
    }
    return this.touchedFreeGranules -= returned, returned;
  }
  #purgeOne(c, chunk, most) {
    let returned = 0;
    for (let g = chunk.firstFree; g < GRANULES_PER_CHUNK && returned < most; g++) {
      if (chunk.used[g] !== 0 || chunk.touched[g] === 0) continue;
      let end = g;
      for (; end < GRANULES_PER_CHUNK && end - g < most - returned && !chunk.used[end] && chunk.touched[end]; ) end++;
      this.#source.decommit(c, g * 65536, (end - g) * 65536), chunk.touched.fill(0, g, end), returned += end - g, g = end;
    }
    return returned;
  }
  #claim(c, chunk, at, count2) {
    for (let g = at; g < at + count2; g++)
      chunk.touched[g] === 1 && this.touchedFreeGranules--, chunk.used[g] = 1, chunk.touched[g] = 1;
    return chunk.freeGranules -= count2, at === chunk.firstFree && (chunk.firstFree = at + count2), c * GRANULES_PER_CHUNK + at;
  }
  #addChunk() {
    let c = this.#reserveNumbers(1), chunk = {
      used: new Uint8Array(GRANULES_PER_CHUNK),
      touched: new Uint8Array(GRANULES_PER_CHUNK),
      freeGranules: GRANULES_PER_CHUNK,
      firstFree: 0
    };
    return c === 0 && (chunk.used[0] = 1, chunk.freeGranules--, chunk.firstFree = 1), this.#map(c, 1), this.#chunks[c] = chunk, c;
  }
  #map(first, chunks) {
    this.#onChunk(first, this.#source.map(first, chunks)), this.mappedChunks += chunks;
  }
  #reserveNumbers(chunks) {
    if (this.#nextChunk + chunks > CHUNKS_MAX) throw new OutOfMemoryError("the arena is full (32 GiB)");
    let first = this.#nextChunk;
    return this.#nextChunk += chunks, first;
  }
};
function findRun(chunk, count2) {
  let run = 0;
  for (let g = chunk.firstFree; g < GRANULES_PER_CHUNK; g++)
    if (run = chunk.used[g] === 0 ? run + 1 : 0, run === count2) return g - count2 + 1;
  return -1;
}

// src/base/random.ts
import { randomBytes } from "node:crypto";
var Random = class {
  #a;
  #b;
  #c;
  #counter = 1;
  /** @param seed any integer; without one the operating system seeds. */
  constructor(seed) {
    if (seed === void 0) {
      let bytes = randomBytes(12);
      this.#a = bytes.readInt32LE(0), this.#b = bytes.readInt32LE(4), this.#c = bytes.readInt32LE(8);
    } else
      this.#a = seed | 0, this.#b = Math.floor(seed / 2 ** 32) | 0, this.#c = -1640531527;
    for (let i = 0; i < 15; i++) this.u32();
  }
  /** Uniform over 0 … 2^32 - 1. */
  u32() {
    let sum = (this.#a + this.#b | 0) + this.#counter | 0;
    return this.#counter = this.#counter + 1 | 0, this.#a = this.#b ^ this.#b >>> 9, this.#b = this.#c + (this.#c << 3) | 0, this.#c = (this.#c << 21 | this.#c >>> 11) + sum | 0, sum >>> 0;
  }
  /** Uniform over 0 … bound - 1, bound up to 2^32, without bias. */
  below(bound) {
    let limit = 4294967296 - 4294967296 % bound, value = this.u32();
    for (; value >= limit; ) value = this.u32();
    return value % bound;
  }
  /** Uniform over [0, 1) with 53 bits. */
  unit() {
    return ((this.u32() >>> 5) * 2 ** 26 + (this.u32() >>> 6)) / 2 ** 53;
  }
  /** `bytes` random bytes as lower-case hex. */
  hex(bytes) {
    let text2 = "";
    for (let i = 0; i < bytes; i++) text2 += (this.u32() >>> 24).toString(16).padStart(2, "0");
    return text2;
  }
};

// src/commands/acl.ts
import { randomBytes as randomBytes2 } from "node:crypto";

// src/resp/errors.ts
var WRONG_TYPE = "WRONGTYPE Operation against a key holding the wrong kind of value", NOT_AN_INTEGER = "ERR value is not an integer or out of range", NOT_A_FLOAT = "ERR value is not a valid float", SYNTAX = "ERR syntax error", NO_SUCH_KEY = "ERR no such key", SAME_OBJECT = "ERR source and destination objects are the same";
var DB_OUT_OF_RANGE = "ERR DB index is out of range";
var NAN_OR_INFINITY = "ERR increment would produce NaN or Infinity", OVERFLOW = "ERR increment or decrement would overflow", STRING_TOO_LONG = "ERR string exceeds maximum allowed size (proto-max-bulk-len)", OUT_OF_MEMORY = "OOM command not allowed when used memory > 'maxmemory'.", NO_AUTH = "NOAUTH Authentication required.", EXEC_ABORTED = "EXECABORT Transaction discarded because of previous errors.", LOADING = "LOADING Redis is loading the dataset in memory", INTERNAL = "ERR internal error";
var EXEC_WITHOUT_MULTI = "ERR EXEC without MULTI", DISCARD_WITHOUT_MULTI = "ERR DISCARD without MULTI", NESTED_MULTI = "ERR MULTI calls can not be nested", WATCH_INSIDE_MULTI = "ERR WATCH inside MULTI is not allowed", NOT_IN_TRANSACTION = "ERR Command not allowed inside a transaction", INVALID_COMMAND = "ERR Invalid command specified", COMMAND_WITHOUT_KEYS = "ERR The command has no key arguments", INVALID_ARGUMENT_COUNT = "ERR Invalid number of arguments specified for command", INVALID_ARGUMENTS = "ERR Invalid arguments specified for command", INVALID_FIRST_DB = "ERR invalid first DB index", INVALID_SECOND_DB = "ERR invalid second DB index", INVALID_CURSOR = "ERR invalid cursor", NX_WITH_OTHERS = "ERR NX and XX, GT or LT options at the same time are not compatible", GT_WITH_LT = "ERR GT and LT options at the same time are not compatible", IDLE_TIME_UNDER_LFU = "ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.", FREQUENCY_WITHOUT_LFU = "ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.", TIMEOUT_NOT_AN_INTEGER = "ERR timeout is not an integer or out of range", TIMEOUT_NEGATIVE = "ERR timeout is negative", CLUSTER_DISABLED = "ERR This instance has cluster support disabled", OFFSET_OUT_OF_RANGE = "ERR offset is out of range", DECREMENT_OVERFLOW = "ERR decrement would overflow", INVALID_NUMKEYS = "ERR invalid numkeys value", WRONG_PAIR_COUNT = "ERR wrong number of key-value pairs", LCS_NOT_STRINGS = "ERR The specified keys must contain string values", LCS_LENGTH_AND_INDEXES = "ERR If you want both the length and indexes, please just use IDX.", LCS_TOO_LARGE = "ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len", CONDITION_NEEDS_STRING = "ERR Key should be of string type if conditions are specified", INVALID_CONDITION = "ERR Invalid condition. Use IFEQ, IFNE, IFDEQ, or IFDNE", INVALID_DIGEST = "ERR must be exactly 16 hexadecimal characters", BOUNDS_CROSSED = "ERR LBOUND can't be greater than UBOUND", ENX_WITHOUT_EXPIRATION = "ERR ENX flag requires an expiration", INFINITE_INCREMENT = "ERR BYFLOAT increment cannot be Infinity", INFINITE_VALUE = "ERR value cannot be Infinity", APPLIED_OVERFLOW = "ERR applied increment would overflow", APPLIED_INFINITY = "ERR applied increment would be Infinity", INVALID_BIT_OFFSET = "ERR bit offset is not an integer or out of range", INVALID_BIT = "ERR bit is not an integer or out of range", BIT_NOT_0_OR_1 = "ERR The bit argument must be 1 or 0.", BITOP_NOT_OF_MANY = "ERR BITOP NOT must be called with a single source key.", INVALID_BITFIELD_TYPE = "ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.", INVALID_OVERFLOW_TYPE = "ERR Invalid OVERFLOW type specified", BITFIELD_RO_WRITES = "ERR BITFIELD_RO only supports the GET subcommand";
function notAnInteger(what) {
  return `ERR ${what} is not an integer or out of range`;
}
function notAFloat(what) {
  return `ERR ${what} is not a valid float`;
}
function bitopOfOne(operation) {
  return `ERR BITOP ${operation} must be called with at least two source keys.`;
}
var WRONG_PASSWORD = "WRONGPASS invalid username-password pair or user is disabled.", NO_PASSWORD_SET = "ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?", UNKNOWN_PROTOCOL = "NOPROTO unsupported protocol version", PROTOCOL_NOT_AN_INTEGER = "ERR Protocol version is not an integer or out of range", HELLO_WITHOUT_AUTH = "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time", UNPRINTABLE_CLIENT_NAME = "ERR Client names cannot contain spaces, newlines or special characters.", INVALID_CLIENT_ID = "ERR Invalid client ID", NO_SUCH_CLIENT = "ERR No such client", CLIENT_ID_NOT_POSITIVE = "ERR client-id should be greater than 0", MAXAGE_NOT_AN_INTEGER = "ERR maxage is not an integer or out of range", MAXAGE_NOT_POSITIVE = "ERR maxage should be greater than 0", NOT_POSITIVE = "ERR value is out of range, must be positive", PAUSE_MODE = "ERR CLIENT PAUSE mode must be WRITE or ALL", UNBLOCK_REASON = "ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR", UNBLOCKED = "UNBLOCKED client unblocked via CLIENT UNBLOCK", ONE_REDIRECTION = "ERR A client can only redirect to a single other client", NO_REDIRECTION_TARGET = "ERR The client ID you want redirect to does not exist", PREFIX_WITHOUT_BCAST = "ERR PREFIX option requires BCAST mode to be enabled", OPT_WITH_BCAST = "ERR OPTIN and OPTOUT are not compatible with BCAST", OPTIN_WITH_OPTOUT = "ERR You can't specify both OPTIN mode and OPTOUT mode", CACHING_WITHOUT_TRACKING = "ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled", TRACKING_UNAVAILABLE = "ERR CLIENT TRACKING is not available in this version of millrace", GENPASS_BITS = "ERR ACL GENPASS argument must be the number of bits for the output password, a positive number up to 4096", NO_ACL_FILE = "ERR This Redis instance is not configured to use an ACL file. You may want to specify users via the ACL SETUSER command and then issue a CONFIG REWRITE (assuming you have a Redis configuration file set) in order to store users in the Redis configuration.", DEFAULT_USER_STAYS = "ERR The 'default' user cannot be removed", ACL_UNAVAILABLE = "ERR users other than the default one, and rules for it, are not available in this version of millrace", WAITAOF_WITHOUT_AOF = "ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.";
function outOfRange(least, most) {
  return `ERR value is out of range, value must between ${least} and ${most}`;
}
function helloOption(option) {
  return `ERR Syntax error in HELLO option '${option}'`;
}
function unprintableAttribute(name) {
  return `ERR ${name} cannot contain spaces, newlines or special characters.`;
}
function unrecognizedOption(option) {
  return `ERR Unrecognized option '${option}'`;
}
function unknownClientType(type3) {
  return `ERR Unknown client type '${type3}'`;
}
function unknownClientFlags(flags) {
  return `ERR Unknown flags found in the provided filter: ${flags}`;
}
function userNotFound(user) {
  return `ERR User '${user}' not found`;
}
function commandNotFound(command2) {
  return `ERR Command '${command2}' not found`;
}
function noSuchUser(user) {
  return `ERR No such user '${user}'`;
}
function unknownCategory(category) {
  return `ERR Unknown category '${category}'`;
}
function unsupportedOption(option) {
  return `ERR Unsupported option ${option}`;
}
function wrongArity(name) {
  return `ERR wrong number of arguments for '${name}' command`;
}
function unknownSubcommand(subcommand, container2) {
  return `ERR unknown subcommand '${subcommand}'. Try ${container2.toUpperCase()} HELP.`;
}
function subcommandSyntax(subcommand, container2) {
  return `ERR unknown subcommand or wrong number of arguments for '${subcommand.slice(0, 128)}'. Try ${container2.toUpperCase()} HELP.`;
}
function invalidExpire(command2) {
  return `ERR invalid expire time in '${command2}' command`;
}
function unknownCommand(name, shownArguments) {
  return `ERR unknown command '${name}', with args beginning with: ${shownArguments}`;
}
function protectedCommand(name) {
  let command2 = name.split("|")[0];
  return `ERR ${command2.toUpperCase()} command not allowed. If the enable-${command2}-command option is set to "local", you can run it from a local connection, otherwise you need to set this option in the configuration file, and then restart the server.`;
}
function execAborted(reason) {
  return `EXECABORT Transaction discarded because of: ${reason}`;
}
var NO_CONFIG_FILE = "ERR The server is running without a config file";
function configSetFailed(option, reason) {
  return `ERR CONFIG SET failed (possibly related to argument '${option}') - ${reason}`;
}
function unknownConfigOption(option) {
  return `ERR Unknown option or number of arguments for CONFIG SET - '${option}'`;
}
function configRewriteFailed(reason) {
  return `ERR Rewriting config file: ${reason}`;
}
var NO_SHUTDOWN_IN_PROGRESS = "ERR No shutdown in progress.", SAVE_UNAVAILABLE = "ERR Errors trying to SHUTDOWN. Saving is not available in this version of millrace", INVALID_MASTER_PORT = "ERR Invalid master port", REPLICATION_UNAVAILABLE = "ERR replication is not available in this version of millrace", MODULE_NOT_LOADED = "ERR Error loading the extension. Please check the server logs.", NO_SUCH_MODULE = "ERR Error unloading module: no such module with that name", NEGATIVE_SLOWLOG_COUNT = "ERR count should be greater than or equal to -1";
var MONITOR_IN_TRANSACTION = "ERR MONITOR isn't allowed for DENY BLOCKING client", MONITOR_TOUCHES_KEYS = "ERR Replica can't interact with the keyspace", NOT_SDS = "ERR Not an sds encoded string.", NOT_LISTPACK = "ERR Not a listpack encoded object.", NOT_QUICKLIST = "ERR Not a quicklist encoded object.", NOT_A_HASH_TABLE = "ERR The value stored at the specified key is not represented using an hash table", DATABASE_OUT_OF_RANGE = "ERR Out of range database", RESP3_ONLY = "ERR RESP2 is not supported by this command", UNKNOWN_PROTOCOL_TYPE = "ERR Wrong protocol type name. Please use one of the following: string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false", PACKED_THRESHOLD = "ERR argument must be a memory value bigger than 1 and smaller than 4gb", CLIENT_EVICTION_DISABLED = "ERR maxmemory-clients is disabled.", RELOAD_UNAVAILABLE = "ERR saving and loading data is not available in this version of millrace", REWRITE_ALL_FAILED = "ERR CONFIG-REWRITE-FORCE-ALL failed: ";
function noLatencySamples(event) {
  return `ERR No samples available for event '${event}'`;
}
function unknownSubcommandOrArity(subcommand, command2) {
  return `ERR unknown subcommand or wrong number of arguments for '${subcommand}'. Try ${command2} HELP.`;
}

// src/session/auth.ts
import { createHash, timingSafeEqual } from "node:crypto";
var DEFAULT_USER = "default";
function isPassword(given, password) {
  return timingSafeEqual(digest(given), digest(Buffer.from(password, "latin1")));
}
function passwordDigest(password) {
  return digest(Buffer.from(password, "latin1")).toString("hex");
}
function digest(bytes) {
  return createHash("sha256").update(bytes).digest();
}

// src/commands/flags.ts
var SHOWN = [
  [1, "write"],
  [2, "readonly"],
  [4, "denyoom"],
  [8, "admin"],
  [16, "pubsub"],
  [32, "noscript"],
  [64, "blocking"],
  [128, "loading"],
  [256, "stale"],
  [512, "skip_monitor"],
  [1024, "skip_slowlog"],
  [2048, "asking"],
  [4096, "fast"],
  [8192, "no_auth"],
  [16384, "may_replicate"],
  [32768, "no_mandatory_keys"],
  [131072, "no_async_loading"],
  [262144, "no_multi"],
  [524288, "movablekeys"],
  [1048576, "allow_busy"]
];
function flagNames(flags) {
  return SHOWN.filter(([bit]) => (flags & bit) !== 0).map(([, name]) => name);
}

// src/commands/categories.ts
var AT_KEYSPACE = 1, AT_READ = 2, AT_WRITE = 4, AT_SET = 8, AT_SORTEDSET = 16, AT_LIST = 32, AT_HASH = 64, AT_STRING = 128, AT_BITMAP = 256, AT_HYPERLOGLOG = 512, AT_GEO = 1024, AT_STREAM = 2048, AT_PUBSUB = 4096, AT_ADMIN = 8192, AT_FAST = 16384, AT_SLOW = 32768, AT_BLOCKING = 65536, AT_DANGEROUS = 1 << 17, AT_CONNECTION = 1 << 18, AT_TRANSACTION = 1 << 19, AT_SCRIPTING = 1 << 20, CATEGORY_NAMES = [
  "keyspace",
  "read",
  "write",
  "set",
  "sortedset",
  "list",
  "hash",
  "string",
  "bitmap",
  "hyperloglog",
  "geo",
  "stream",
  "pubsub",
  "admin",
  "fast",
  "slow",
  "blocking",
  "dangerous",
  "connection",
  "transaction",
  "scripting"
], GROUP_CATEGORY = {
  bitmap: AT_BITMAP,
  cluster: 0,
  connection: AT_CONNECTION,
  generic: AT_KEYSPACE,
  geo: AT_GEO,
  hash: AT_HASH,
  hyperloglog: AT_HYPERLOGLOG,
  list: AT_LIST,
  pubsub: 0,
  scripting: AT_SCRIPTING,
  server: 0,
  set: AT_SET,
  "sorted-set": AT_SORTEDSET,
  stream: AT_STREAM,
  string: AT_STRING,
  transactions: AT_TRANSACTION
};
function categoriesOf(flags, group, own) {
  let categories = own ?? GROUP_CATEGORY[group];
  return flags & 1 && (categories |= AT_WRITE), flags & 2 && !(categories & AT_SCRIPTING) && (categories |= AT_READ), flags & 8 && (categories |= AT_ADMIN | AT_DANGEROUS), flags & 16 && (categories |= AT_PUBSUB), flags & 64 && (categories |= AT_BLOCKING), categories | (flags & 4096 ? AT_FAST : AT_SLOW);
}
function categoryBit(name) {
  let index = CATEGORY_NAMES.indexOf(name.toLowerCase());
  return index < 0 ? 0 : 1 << index;
}
function categoryNames(categories) {
  return CATEGORY_NAMES.filter((_, index) => (categories & 1 << index) !== 0).map((name) => `@${name}`);
}

// src/commands/key_specs.ts
var FLAG_BITS = {
  RO: 1,
  RW: 2,
  OW: 4,
  RM: 8,
  ACCESS: 16,
  UPDATE: 32,
  INSERT: 64,
  DELETE: 128,
  NOT_KEY: 256,
  INCOMPLETE: 512,
  VARIABLE_FLAGS: 1024
};
function flagsOf(words2) {
  let flags = 0;
  for (let word2 of words2.split(" ")) flags |= FLAG_BITS[word2];
  return flags;
}
function key(flags, index) {
  return keyRange(flags, index, 0);
}
function keyRange(flags, index, lastKey, step2 = 1, limit = 0) {
  return {
    flags: flagsOf(flags),
    begin: { type: "index", index },
    find: { type: "range", lastKey, step: step2, limit }
  };
}
function keyCount(flags, index, step2 = 1) {
  return {
    flags: flagsOf(flags),
    begin: { type: "index", index },
    find: { type: "keynum", keyNumIndex: 0, firstKey: 1, step: step2 }
  };
}
function keyFlagNames(flags) {
  return Object.entries(FLAG_BITS).filter(([, bit]) => (flags & bit) !== 0).map(([name]) => name.length === 2 ? name : name.toLowerCase());
}
var NO_RANGE = { first: 0, last: 0, step: 0 };
function legacyRange(specs) {
  if (specs.length === 0) return NO_RANGE;
  if (specs.length === 1) return rangeOf(specs[0]) ?? NO_RANGE;
  let joined2 = joinedRanges(specs);
  if (joined2.length === 0) return NO_RANGE;
  let lasts = joined2.map((range) => range.last);
  return { first: joined2[0].first, last: lasts.find((last) => last < 0) ?? Math.max(...lasts), step: 1 };
}
function keysAreMovable(specs) {
  return specs.length === 0 ? !1 : specs.some((spec) => (spec.flags & 512) !== 0) ? !0 : specs.length === 1 ? rangeOf(specs[0]) === null : joinedRanges(specs).length !== specs.length;
}
function rangeOf(spec) {
  let { begin: begin2, find } = spec;
  if (begin2.type !== "index" || find.type !== "range") return null;
  let last = find.lastKey < 0 ? find.lastKey : begin2.index + find.lastKey;
  return { first: begin2.index, last, step: find.step };
}
function joinedRanges(specs) {
  let joined2 = [];
  for (let spec of specs) {
    let range = rangeOf(spec), previous = joined2.at(-1);
    range?.step === 1 && (previous === void 0 || previous.last === range.first - 1) && joined2.push(range);
  }
  return joined2;
}

// src/commands/spec.ts
var NONE = [], DEPENDS = "That of the subcommand", HELP_OF_HELP = ["HELP", "    Print this text."];
function command(init) {
  let keys = init.keys ?? NONE, flags = (init.flags ?? 0) | (keysAreMovable(keys) ? 524288 : 0);
  return {
    name: init.name,
    arity: init.arity,
    flags,
    categories: categoriesOf(flags, init.group, init.categories),
    complexity: init.complexity ?? "",
    keys,
    range: legacyRange(keys),
    getKeys: init.getKeys ?? null,
    subcommands: NONE,
    run: init.run,
    docs: init
  };
}
function container(init, subcommands) {
  let lines = [...init.help ?? [], ...subcommands.flatMap((sub) => sub.docs.help ?? []), ...HELP_OF_HELP];
  return { ...command({
    ...init,
    complexity: init.complexity ?? DEPENDS,
    arity: init.arity ?? -2,
    categories: init.categories ?? 0,
    flags: (init.flags ?? 0) | 16777216,
    run: init.run ?? needsSubcommand
  }), subcommands: [...subcommands, helpOf(init, lines)] };
}
function needsSubcommand() {
  throw new Error("a container without a subcommand reached its handler");
}
function helpOf(init, lines) {
  return command({
    name: `${init.name}|help`,
    arity: 2,
    group: init.group,
    since: init.helpSince,
    summary: `Lists the subcommands of ${init.name.toUpperCase()}`,
    complexity: "O(1)",
    flags: 384,
    ...init.categories === void 0 ? {} : { categories: init.categories },
    run: (c) => replyHelp(c, init.name, lines)
  });
}
function replyHelp(c, name, lines) {
  c.reply.array(lines.length + 1), c.reply.status(`${name.toUpperCase()} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`);
  for (let line of lines) c.reply.status(line);
}

// src/commands/acl.ts
var LOG_ENTRIES = 10n, PASSWORD_BITS = 256n, PASSWORD_BITS_MAX = 4096n, ACL_CAT = command({
  name: "acl|cat",
  group: "server",
  since: "6.0.0",
  summary: "Categories of commands, or the commands of one of them",
  complexity: "O(N) in the number of commands",
  arity: -2,
  flags: 416,
  syntax: "[categoryname]",
  help: ["CAT [<category>]", "    Commands that belong to <category>, or all categories."],
  run: runAclCat
});
function runAclCat(c) {
  let { args, reply } = c;
  if (args.count > 3) {
    reply.error(subcommandSyntax(args.text(1), "acl"));
    return;
  }
  if (args.count === 2) {
    replyTexts(c, CATEGORY_NAMES);
    return;
  }
  let category = categoryBit(args.text(2));
  if (category === 0) {
    reply.error(unknownCategory(args.text(2).slice(0, 128)));
    return;
  }
  let specs = c.table.everything().filter((spec) => (spec.categories & category) !== 0);
  replyTexts(
    c,
    specs.map((spec) => spec.name)
  );
}
var ACL_DELUSER = command({
  name: "acl|deluser",
  group: "server",
  since: "6.0.0",
  summary: "Deletes users and closes their connections",
  complexity: "O(1) for each user",
  arity: -3,
  flags: 424,
  syntax: "username+",
  help: ["DELUSER <username> [<username> ...]", "    Delete the named users."],
  run: runAclDeluser
});
function runAclDeluser(c) {
  for (let i = 2; i < c.args.count; i++)
    if (c.args.text(i) === DEFAULT_USER) {
      c.reply.error(DEFAULT_USER_STAYS);
      return;
    }
  c.reply.integer(0);
}
var ACL_DRYRUN = command({
  name: "acl|dryrun",
  group: "server",
  since: "7.0.0",
  summary: "Whether a user might run a command, without running it",
  complexity: "O(1)",
  arity: -4,
  flags: 424,
  syntax: "username command [arg+]",
  help: [
    "DRYRUN <username> <command> [<arg> ...]",
    "    Whether the user might run the command; it is not run."
  ],
  run: runAclDryrun
});
function runAclDryrun(c) {
  let { args, reply, table } = c;
  if (args.text(2) !== DEFAULT_USER) {
    reply.error(userNotFound(args.text(2)));
    return;
  }
  let id = table.find(args.bytes, args.at(3), args.length(3));
  if (id >= 0 && table.isContainer(id) && args.count > 4 && (id = table.findSubcommand(id, args.bytes, args.at(4), args.length(4))), id < 0) {
    reply.error(commandNotFound(args.text(3)));
    return;
  }
  let { arity, name } = table.specs[id], words2 = args.count - 3;
  (arity > 0 ? words2 !== arity : words2 < -arity) ? reply.error(wrongArity(name)) : reply.ok();
}
var ACL_GENPASS = command({
  name: "acl|genpass",
  group: "server",
  since: "6.0.0",
  summary: "A random password",
  complexity: "O(1)",
  arity: -2,
  flags: 416,
  syntax: "[bits:integer]",
  help: ["GENPASS [<bits>]", "    A random password of 256 bits, or of as many as given."],
  run: runAclGenpass
});
function runAclGenpass(c) {
  let { args, reply } = c;
  if (args.count > 3) {
    reply.error(subcommandSyntax(args.text(1), "acl"));
    return;
  }
  let bits = args.count === 3 ? args.int64(2) : PASSWORD_BITS;
  if (bits === null || bits < 1n || bits > PASSWORD_BITS_MAX) {
    reply.error(bits === null ? NOT_AN_INTEGER : GENPASS_BITS);
    return;
  }
  let digits = Math.ceil(Number(bits) / 4);
  reply.bulkText(
    randomBytes2(Math.ceil(digits / 2)).toString("hex").slice(0, digits)
  );
}
var ACL_GETUSER = command({
  name: "acl|getuser",
  group: "server",
  since: "6.0.0",
  summary: "What a user is and may do",
  complexity: "O(N) in the rules of the user",
  arity: 3,
  flags: 424,
  syntax: "username",
  history: [
    ["6.2.0", "Patterns of channels."],
    ["7.0.0", "Selectors; patterns of keys and channels as rules instead of lists."]
  ],
  help: ["GETUSER <username>", "    What the user is and may do."],
  run: runAclGetuser
});
function runAclGetuser(c) {
  let { args, reply } = c;
  if (args.text(2) !== DEFAULT_USER) {
    reply.null();
    return;
  }
  let digest2 = digestOf(c);
  reply.map(6), reply.bulkText("flags");
  let flags = digest2 === "" ? ["on", "nopass"] : ["on"];
  reply.set(flags.length);
  for (let flag of flags) reply.bulkText(flag);
  reply.bulkText("passwords"), replyTexts(c, digest2 === "" ? [] : [digest2]), reply.bulkText("commands"), reply.bulkText("+@all"), reply.bulkText("keys"), reply.bulkText("~*"), reply.bulkText("channels"), reply.bulkText("&*"), reply.bulkText("selectors"), reply.array(0);
}
var ACL_LIST = command({
  name: "acl|list",
  group: "server",
  since: "6.0.0",
  summary: "All users as lines of the ACL file",
  complexity: "O(N) in the number of users",
  arity: 2,
  flags: 424,
  help: ["LIST", "    All users as lines of the ACL file."],
  run: runAclList
});
function runAclList(c) {
  let digest2 = digestOf(c);
  replyTexts(c, [`user ${DEFAULT_USER} on ${digest2 === "" ? "nopass" : `#${digest2}`} ~* &* +@all`]);
}
var ACL_LOAD = command({
  name: "acl|load",
  group: "server",
  since: "6.0.0",
  summary: "Reads the users anew from the ACL file",
  complexity: "O(N) in the number of users",
  arity: 2,
  flags: 424,
  help: ["LOAD", "    Read the users anew from the ACL file."],
  run: runAclLoad
});
function runAclLoad(c) {
  c.reply.error(c.config.value("aclfile") === "" ? NO_ACL_FILE : ACL_UNAVAILABLE);
}
var ACL_LOG = command({
  name: "acl|log",
  group: "server",
  since: "6.0.0",
  summary: "Newest refusals, or empties their log",
  complexity: "O(N) in the number of entries",
  arity: -2,
  flags: 424,
  syntax: "operation=[count:integer | RESET]",
  help: ["LOG [<count> | RESET]", "    Newest entries of the log of refusals."],
  run: runAclLog
});
function runAclLog(c) {
  let { args, reply, server } = c;
  if (args.count > 3) {
    reply.error(subcommandSyntax(args.text(1), "acl"));
    return;
  }
  if (args.count === 3 && args.is(2, "reset")) {
    server.aclLog.reset(), reply.ok();
    return;
  }
  let count2 = args.count === 3 ? args.int64(2) : LOG_ENTRIES;
  if (count2 === null) {
    reply.error(NOT_AN_INTEGER);
    return;
  }
  let entries = server.aclLog.entries.slice(0, Math.max(0, Number(count2)));
  reply.array(entries.length);
  for (let entry of entries) replyEntry(c, entry);
}
function replyEntry({ keyspace, reply }, entry) {
  let text2 = (name, value) => {
    reply.bulkText(name), reply.bulkText(value);
  }, integer2 = (name, value) => {
    reply.bulkText(name), reply.integer(value);
  };
  reply.map(10), integer2("count", entry.count), text2("reason", entry.reason), text2("context", entry.context), text2("object", entry.object), text2("username", entry.username), reply.bulkText("age-seconds"), reply.double((keyspace.nowMs - entry.updatedMs) / 1e3), text2("client-info", entry.client), integer2("entry-id", entry.id), integer2("timestamp-created", entry.createdMs), integer2("timestamp-last-updated", entry.updatedMs);
}
var ACL_SAVE = command({
  name: "acl|save",
  group: "server",
  since: "6.0.0",
  summary: "Writes the users into the ACL file",
  complexity: "O(N) in the number of users",
  arity: 2,
  flags: 424,
  help: ["SAVE", "    Write the users into the ACL file."],
  run: runAclLoad
}), ACL_SETUSER = command({
  name: "acl|setuser",
  group: "server",
  since: "6.0.0",
  summary: "Creates a user or changes what it may do",
  complexity: "O(N) in the number of rules",
  arity: -3,
  flags: 424,
  syntax: "username [rule+]",
  history: [
    ["6.2.0", "Patterns of channels."],
    ["7.0.0", "Selectors and permissions by key."]
  ],
  help: ["SETUSER <username> <attribute> [<attribute> ...]", "    Create the user or change its rules."],
  run: runAclSetuser
});
function runAclSetuser(c) {
  c.reply.error(ACL_UNAVAILABLE);
}
var ACL_USERS = command({
  name: "acl|users",
  group: "server",
  since: "6.0.0",
  summary: "Names of all users",
  complexity: "O(N) in the number of users",
  arity: 2,
  flags: 424,
  help: ["USERS", "    Names of all users."],
  run: runAclUsers
});
function runAclUsers(c) {
  replyTexts(c, [DEFAULT_USER]);
}
var ACL_WHOAMI = command({
  name: "acl|whoami",
  group: "server",
  since: "6.0.0",
  summary: "Name of the user of this connection",
  complexity: "O(1)",
  arity: 2,
  flags: 416,
  help: ["WHOAMI", "    Name of the user of this connection."],
  run: runAclWhoami
});
function runAclWhoami(c) {
  c.reply.bulkText(DEFAULT_USER);
}
function replyTexts({ reply }, texts2) {
  reply.array(texts2.length);
  for (let text2 of texts2) reply.bulkText(text2);
}
function digestOf({ config }) {
  let password = config.value("requirepass") ?? "";
  return password === "" ? "" : passwordDigest(password);
}
var ACL = container(
  {
    name: "acl",
    group: "server",
    since: "6.0.0",
    summary: "Looks at users and what they may do, and changes it",
    helpSince: "6.0.0"
  },
  [
    ACL_CAT,
    ACL_DELUSER,
    ACL_DRYRUN,
    ACL_GENPASS,
    ACL_GETUSER,
    ACL_LIST,
    ACL_LOAD,
    ACL_LOG,
    ACL_SAVE,
    ACL_SETUSER,
    ACL_USERS,
    ACL_WHOAMI
  ]
), ACL_COMMANDS = [ACL];

// src/base/int64.ts
var maxDigits = "9223372036854775807", minDigits = "9223372036854775808";
var int64Max = 2n ** 63n - 1n, int64Min = -(2n ** 63n);
function parseInt53(u8, off, len) {
  let at = off, end = off + len, negative = len > 1 && u8[at] === 45;
  negative && at++;
  let digits = end - at;
  if (digits < 1 || digits > 16) return NaN;
  let first = u8[at] - 48;
  if (first === 0) return len === 1 ? 0 : NaN;
  if (first < 0 || first > 9) return NaN;
  let value = first;
  at++;
  let smallEnd = digits > 9 ? at + 8 : end;
  for (; at < smallEnd; at++) {
    let digit = u8[at] - 48;
    if (digit < 0 || digit > 9) return NaN;
    value = Math.imul(value, 10) + digit | 0;
  }
  return at === end ? negative ? -value : value : parseLongTail(u8, at, end, value, negative);
}
function parseLongTail(u8, at, end, head, negative) {
  let value = head;
  for (; at < end; at++) {
    let digit = u8[at] - 48;
    if (digit < 0 || digit > 9) return NaN;
    value = value * 10 + digit;
  }
  return value > Number.MAX_SAFE_INTEGER ? NaN : negative ? -value : value;
}
function isInt64(u8, off, len) {
  let negative = len > 1 && u8[off] === 45, first = negative ? off + 1 : off, end = off + len, digits = end - first;
  if (digits < 1 || digits > 19) return !1;
  if (u8[first] === 48) return len === 1;
  for (let at = first; at < end; at++) {
    let digit = u8[at] - 48;
    if (digit < 0 || digit > 9) return !1;
  }
  return digits < 19 || notAbove(u8, first, negative ? minDigits : maxDigits);
}
function notAbove(u8, off, bound) {
  for (let i = 0; i < bound.length; i++) {
    let difference = u8[off + i] - bound.charCodeAt(i);
    if (difference !== 0) return difference < 0;
  }
  return !0;
}
function parseInt64(u8, off, len) {
  if (!isInt64(u8, off, len)) return null;
  let small = parseInt53(u8, off, len);
  if (!Number.isNaN(small)) return BigInt(small);
  let text2 = "";
  for (let at = off; at < off + len; at++) text2 += String.fromCharCode(u8[at]);
  return BigInt(text2);
}
function intChars(n) {
  let chars = 1;
  n < 0 && (chars = 2, n = -n), n >= 1e8 && (chars += 8, n = Math.floor(n / 1e8));
  let small = n | 0;
  for (; small > 9; )
    small = small / 10 | 0, chars++;
  return chars;
}
function writeInt(u8, at, n) {
  if (n < 0 && (u8[at++] = 45, n = -n), n < 10)
    return u8[at] = 48 + n, at + 1;
  if (n <= 2147483647) {
    let end = at + intChars(n);
    return writeDigits(u8, at, end, n | 0), end;
  }
  let high = Math.floor(n / 1e8), mid = writeInt(u8, at, high);
  return writeDigits(u8, mid, mid + 8, n - high * 1e8 | 0), mid + 8;
}
function writeDigits(u8, from, end, n) {
  for (let at = end - 1; at >= from; at--) {
    let rest = n / 10 | 0;
    u8[at] = 48 + n - Math.imul(rest, 10), n = rest;
  }
}
function lowWord(n) {
  return n >>> 0;
}
function highWord(n) {
  return Math.floor(n / 4294967296) | 0;
}
function lowWordOfBigInt(n) {
  return Number(n & 0xffffffffn);
}
function highWordOfBigInt(n) {
  return Number(BigInt.asIntN(32, n >> 32n));
}

// src/base/bytes.ts
function copyBytes(from, fromAt, to, toAt, length) {
  if (length < 64)
    for (let i = 0; i < length; i++) to[toAt + i] = from[fromAt + i];
  else
    to.set(from.subarray(fromAt, fromAt + length), toAt);
}
function equalBytes(a, aAt, b, bAt, length) {
  for (let i = 0; i < length; i++) if (a[aAt + i] !== b[bAt + i]) return !1;
  return !0;
}
function equalsWord(bytes, at, length, lower) {
  if (length !== lower.length) return !1;
  for (let i = 0; i < length; i++) {
    let byte = bytes[at + i];
    if (byte >= 65 && byte <= 90 && (byte += 32), byte !== lower.charCodeAt(i)) return !1;
  }
  return !0;
}
function toLatin1(bytes, at, length) {
  return Buffer.from(bytes.buffer, bytes.byteOffset + at, length).toString("latin1");
}
function fromLatin1(text2) {
  let bytes = new Uint8Array(text2.length);
  for (let i = 0; i < text2.length; i++) bytes[i] = text2.charCodeAt(i);
  return bytes;
}

// src/structs/entry.ts
var TYPE_STRING = 0;
var ENC_RAW = 0, ENC_INT = 1, ENC_HASHTABLE = 2;
var ENC_EMBSTR = 8, ENC_QUICKLIST = 9;
var ENC_LISTPACK = 11, HAS_EXPIRY = 1, HAS_WORDS = 2, LONG_KEY = 4, INLINE_BYTES_MAX = 2048, LONG_KEY_MARK = 65535, CHUNK_SHIFT = 23, UNIT_MASK = 8388607, FLAGS_SHIFT = 28, KEY_AT = new Int32Array([8, 16, 16, 24, 16, 24, 24, 32]), Entries = class {
  arena;
  #u8;
  #u32;
  constructor(arena) {
    this.arena = arena, this.#u8 = arena.u8, this.#u32 = arena.u32;
  }
  type(ref) {
    return this.#word(ref, 0) >>> 4 & 15;
  }
  encoding(ref) {
    return this.#word(ref, 0) & 15;
  }
  /** Type and encoding in one number: type << 4 | encoding. */
  kind(ref) {
    return this.#word(ref, 0) & 255;
  }
  setKind(ref, type3, encoding) {
    let words2 = this.#u32[ref >>> CHUNK_SHIFT], at = (ref & UNIT_MASK) << 1;
    words2[at] = words2[at] & 4294967040 | type3 << 4 | encoding;
  }
  /** The 24 bits that LRU or LFU keep. */
  clock(ref) {
    return this.#word(ref, 0) >>> 8;
  }
  setClock(ref, clock) {
    let words2 = this.#u32[ref >>> CHUNK_SHIFT], at = (ref & UNIT_MASK) << 1;
    words2[at] = clock << 8 | words2[at] & 255;
  }
  flags(ref) {
    return this.#word(ref, 1) >>> FLAGS_SHIFT;
  }
  hasExpiry(ref) {
    return (this.flags(ref) & HAS_EXPIRY) !== 0;
  }
  hasWords(ref) {
    return (this.flags(ref) & HAS_WORDS) !== 0;
  }
  keyBytes(ref) {
    let short = this.#word(ref, 1) & 65535;
    return short === LONG_KEY_MARK ? this.#word(ref, 2) : short;
  }
  inlineBytes(ref) {
    return this.#word(ref, 1) >>> 16 & 4095;
  }
  /** The view that holds the entry; byte positions below are in it. */
  view(ref) {
    return this.#u8[ref >>> CHUNK_SHIFT];
  }
  keyAt(ref) {
    return ((ref & UNIT_MASK) << 3) + KEY_AT[this.flags(ref)];
  }
  inlineAt(ref) {
    return this.keyAt(ref) + this.keyBytes(ref);
  }
  /** Where the inline bytes start, or -1 when the value is in words: `inlineAt` for the hot path. */
  inlinePlace(ref) {
    let at = (ref & UNIT_MASK) << 1, lengths = this.#u32[ref >>> CHUNK_SHIFT][at + 1], flags = lengths >>> FLAGS_SHIFT;
    return (flags & HAS_WORDS) !== 0 ? -1 : (flags & LONG_KEY) !== 0 ? this.inlineAt(ref) : (at << 2) + 8 + ((flags & HAS_EXPIRY) << 3) + (lengths & 65535);
  }
  /** Expiry in milliseconds since 1970 as a double (exact below 2^53). Only with HAS_EXPIRY. */
  expiry(ref) {
    let words2 = this.#u32[ref >>> CHUNK_SHIFT], at = this.#expiryAt(ref);
    return (words2[at + 1] | 0) * 4294967296 + words2[at];
  }
  /** The exact expiry. Only with HAS_EXPIRY. */
  expiryExact(ref) {
    let words2 = this.#u32[ref >>> CHUNK_SHIFT], at = this.#expiryAt(ref);
    return BigInt(words2[at + 1] | 0) << 32n | BigInt(words2[at]);
  }
  /** Overwrites an existing expiry. */
  writeExpiry(ref, low, high) {
    let words2 = this.#u32[ref >>> CHUNK_SHIFT], at = this.#expiryAt(ref);
    words2[at] = low, words2[at + 1] = high;
  }
  /** Gives one entry the expiry of another; both have one. */
  copyExpiry(from, to) {
    let words2 = this.#u32[from >>> CHUNK_SHIFT], at = this.#expiryAt(from);
    this.writeExpiry(to, words2[at], words2[at + 1]);
  }
  /** First value word (low half of an integer, or a reference). Only with HAS_WORDS. */
  wordLow(ref) {
    return this.#u32[ref >>> CHUNK_SHIFT][this.#wordsAt(ref)];
  }
  wordHigh(ref) {
    return this.#u32[ref >>> CHUNK_SHIFT][this.#wordsAt(ref) + 1];
  }
  writeWords(ref, low, high) {
    let words2 = this.#u32[ref >>> CHUNK_SHIFT], at = this.#wordsAt(ref);
    words2[at] = low, words2[at + 1] = high;
  }
  /** Bytes that the entry's block was asked for. */
  blockBytes(ref) {
    return KEY_AT[this.flags(ref)] + this.keyBytes(ref) + this.inlineBytes(ref);
  }
  /** A new entry; value words and inline bytes are for the caller to fill. `clock` has 24 bits. */
  create(key2, keyAt2, keyBytes, kind, clock, flags, inlineBytes) {
    keyBytes >= LONG_KEY_MARK && (flags |= LONG_KEY);
    let headBytes = KEY_AT[flags], ref = this.arena.alloc(headBytes + keyBytes + inlineBytes), words2 = this.#u32[ref >>> CHUNK_SHIFT], at = (ref & UNIT_MASK) << 1;
    return words2[at] = clock << 8 | kind, (flags & LONG_KEY) === 0 ? words2[at + 1] = flags << FLAGS_SHIFT | inlineBytes << 16 | keyBytes : (words2[at + 1] = flags << FLAGS_SHIFT | inlineBytes << 16 | LONG_KEY_MARK, words2[at + 2] = keyBytes, words2[at + 3] = 0), copyBytes(key2, keyAt2, this.#u8[ref >>> CHUNK_SHIFT], (at << 2) + headBytes, keyBytes), ref;
  }
  /**
   * Gives an entry other optional parts or another inline length, keeping key, kind and clock, the expiry and words that
   * stay, and as many inline bytes as fit. Returns its new reference; the old one is freed if it moved.
   */
  reshape(ref, flags, inlineBytes) {
    let oldFlags = this.flags(ref);
    flags = flags & (HAS_EXPIRY | HAS_WORDS) | oldFlags & LONG_KEY;
    let keyBytes = this.keyBytes(ref), oldInline = this.inlineBytes(ref), oldBytes = KEY_AT[oldFlags] + keyBytes + oldInline;
    if (flags === oldFlags) {
      let moved = this.arena.resize(ref, oldBytes, KEY_AT[flags] + keyBytes + inlineBytes);
      return this.#writeLengths(moved, flags, inlineBytes), moved;
    }
    let word0 = this.#word(ref, 0), next = this.create(this.view(ref), this.keyAt(ref), keyBytes, word0 & 255, word0 >>> 8, flags, inlineBytes);
    (flags & oldFlags & HAS_EXPIRY) !== 0 && this.copyExpiry(ref, next), (flags & oldFlags & HAS_WORDS) !== 0 && this.writeWords(next, this.wordLow(ref), this.wordHigh(ref));
    let kept2 = oldInline < inlineBytes ? oldInline : inlineBytes;
    return copyBytes(this.view(ref), this.inlineAt(ref), this.view(next), this.inlineAt(next), kept2), this.arena.free(ref, oldBytes), next;
  }
  /** Frees the entry's own block (not what its words refer to). */
  free(ref) {
    this.arena.free(ref, this.blockBytes(ref));
  }
  #writeLengths(ref, flags, inlineBytes) {
    let words2 = this.#u32[ref >>> CHUNK_SHIFT], at = ((ref & UNIT_MASK) << 1) + 1;
    words2[at] = flags << FLAGS_SHIFT | inlineBytes << 16 | words2[at] & 65535;
  }
  #word(ref, index) {
    return this.#u32[ref >>> CHUNK_SHIFT][((ref & UNIT_MASK) << 1) + index];
  }
  #expiryAt(ref) {
    return ((ref & UNIT_MASK) << 1) + ((this.flags(ref) & LONG_KEY) !== 0 ? 4 : 2);
  }
  #wordsAt(ref) {
    let flags = this.flags(ref);
    return ((ref & UNIT_MASK) << 1) + (KEY_AT[flags] >>> 2) - 2;
  }
};

// src/types/string.ts
var EMBSTR_BYTES_MAX = 44, CHUNK_SHIFT2 = 23, UNIT_MASK2 = 8388607, BLOB_HEAD_BYTES = 8, PREALLOCATION_BYTES_MAX = 1024 * 1024, TWO_32 = 4294967296, INT_TEXT_BYTES_MAX = 20, SAFE_TEXT_BYTES_MAX = 15, KIND_INT = TYPE_STRING << 4 | ENC_INT, KIND_EMBSTR = TYPE_STRING << 4 | ENC_EMBSTR, KIND_RAW = TYPE_STRING << 4 | ENC_RAW, STRING_BYTES_MAX = 4293918720, Strings = class {
  entries;
  arena;
  /** Set by `locate`: the string's bytes are bytes[at … at + length). */
  bytes = new Uint8Array(32);
  at = 0;
  length = 0;
  #scratch = new Uint8Array(32);
  #scratchWords = new Uint32Array(this.#scratch.buffer);
  constructor(entries) {
    this.entries = entries, this.arena = entries.arena;
  }
  isInt(ref) {
    return this.entries.encoding(ref) === ENC_INT;
  }
  /** The integer of an int-encoded string if it is safe (±2^53), else NaN. */
  int53(ref) {
    let value = (this.entries.wordHigh(ref) | 0) * TWO_32 + this.entries.wordLow(ref);
    return Number.isSafeInteger(value) ? value : Number.NaN;
  }
  /** The exact integer of an int-encoded string. */
  int64(ref) {
    return BigInt(this.entries.wordHigh(ref) | 0) << 32n | BigInt(this.entries.wordLow(ref));
  }
  /** Points bytes, at and length to the string's bytes. They stay valid until the string or an integer is touched. */
  locate(ref) {
    let entries = this.entries, inline = entries.inlinePlace(ref);
    if (inline >= 0)
      this.bytes = entries.view(ref), this.at = inline, this.length = entries.inlineBytes(ref);
    else if (entries.encoding(ref) === ENC_INT)
      this.#locateInt(ref);
    else {
      let blob = entries.wordLow(ref);
      this.bytes = this.arena.u8[blob >>> CHUNK_SHIFT2], this.at = ((blob & UNIT_MASK2) << 3) + BLOB_HEAD_BYTES, this.length = entries.wordHigh(ref);
    }
  }
  /** Like `locate`; returns the words over the buffer that holds the bytes. */
  locateWords(ref) {
    if (this.locate(ref), this.bytes === this.#scratch) return this.#scratchWords;
    let block = this.entries.hasWords(ref) ? this.entries.wordLow(ref) : ref;
    return this.arena.u32[block >>> CHUNK_SHIFT2];
  }
  /** The string's bytes until the arena changes; an integer's are a copy. */
  view(ref) {
    this.locate(ref);
    let end = this.at + this.length;
    return this.bytes === this.#scratch ? this.bytes.slice(this.at, end) : this.bytes.subarray(this.at, end);
  }
  /** Length in bytes. */
  byteLength(ref) {
    return this.locate(ref), this.length;
  }
  /** Bytes that the string takes outside its entry's block. */
  outsideBytes(ref) {
    return this.#hasBlob(ref) ? this.arena.usableBytes(BLOB_HEAD_BYTES + this.#capacity(this.entries.wordLow(ref))) : 0;
  }
  /** Frees what the string holds outside its entry. */
  dispose(ref) {
    this.#hasBlob(ref) && this.#freeBlob(this.entries.wordLow(ref));
  }
  /** Gives `to`, an entry of the same shape whose words still are those of `from`, a value of its own. */
  copyValue(from, to) {
    if (this.isInt(from)) return;
    let length = this.entries.wordHigh(from), blob = this.#newBlob(length), source = this.entries.wordLow(from);
    copyBytes(
      this.arena.u8[source >>> CHUNK_SHIFT2],
      this.#blobAt(source),
      this.arena.u8[blob >>> CHUNK_SHIFT2],
      this.#blobAt(blob),
      length
    ), this.entries.writeWords(to, blob, length);
  }
  /**
   * A new entry with this string as SET stores it: as an integer if it is one. `expiryFlag` is HAS_EXPIRY (the expiry is
   * then for the caller to write) or 0.
   */
  create(key2, keyAt2, keyBytes, clock, expiryFlag, value, valueAt, valueBytes) {
    let number = valueBytes <= INT_TEXT_BYTES_MAX ? parseInt53(value, valueAt, valueBytes) : Number.NaN;
    if (!Number.isNaN(number)) {
      let ref = this.createInt(key2, keyAt2, keyBytes, clock, expiryFlag);
      return this.writeInt53(ref, number), ref;
    }
    if (isBeyondInt53(value, valueAt, valueBytes)) {
      let ref = this.createInt(key2, keyAt2, keyBytes, clock, expiryFlag);
      return this.writeInt64(ref, parseInt64(value, valueAt, valueBytes)), ref;
    }
    return this.createText(key2, keyAt2, keyBytes, clock, expiryFlag, value, valueAt, valueBytes);
  }
  /** Like `create`, but never stores an integer (INCRBYFLOAT). */
  createText(key2, keyAt2, keyBytes, clock, expiryFlag, value, valueAt, valueBytes) {
    let kind = valueBytes <= EMBSTR_BYTES_MAX ? KIND_EMBSTR : KIND_RAW, ref = this.#createBytes(key2, keyAt2, keyBytes, kind, clock, expiryFlag, valueBytes);
    return this.#fill(ref, value, valueAt, valueBytes), ref;
  }
  /** A new entry with encoding int; the integer is for the caller to write. */
  createInt(key2, keyAt2, keyBytes, clock, expiryFlag) {
    return this.entries.create(key2, keyAt2, keyBytes, KIND_INT, clock, expiryFlag | HAS_WORDS, 0);
  }
  /** A new entry without expiry that holds `length` zero bytes, encoding raw; `locate` points to them. */
  createZeros(key2, keyAt2, keyBytes, clock, length) {
    let ref = this.#createBytes(key2, keyAt2, keyBytes, KIND_RAW, clock, 0, length);
    return this.locate(ref), this.bytes.fill(0, this.at, this.at + length), ref;
  }
  /**
   * Replaces the whole string of an entry, as SET stores it; key, expiry and clock stay. Returns the entry's new
   * reference. The value must not lie in the arena.
   */
  assign(ref, value, valueAt, valueBytes) {
    if (valueBytes <= INT_TEXT_BYTES_MAX) {
      let number = parseInt53(value, valueAt, valueBytes);
      if (!Number.isNaN(number)) return this.assignInt53(ref, number);
      if (isBeyondInt53(value, valueAt, valueBytes))
        return this.assignInt64(ref, parseInt64(value, valueAt, valueBytes));
    }
    return this.assignText(ref, value, valueAt, valueBytes);
  }
  /** Like `assign`, but never stores an integer. */
  assignText(ref, value, valueAt, valueBytes) {
    let next = valueBytes <= INLINE_BYTES_MAX ? this.#shapeInline(ref, valueBytes) : this.#shapeBlob(ref, valueBytes);
    return this.entries.setKind(next, TYPE_STRING, valueBytes <= EMBSTR_BYTES_MAX ? ENC_EMBSTR : ENC_RAW), this.#fill(next, value, valueAt, valueBytes), next;
  }
  /** Replaces the whole string of an entry by a safe integer; returns the entry's new reference. */
  assignInt53(ref, value) {
    let next = this.#shapeInt(ref);
    return this.writeInt53(next, value), next;
  }
  /** Replaces the whole string of an entry by any 64-bit integer; returns the entry's new reference. */
  assignInt64(ref, value) {
    let next = this.#shapeInt(ref);
    return this.writeInt64(next, value), next;
  }
  /** Writes a safe integer into an int-encoded entry. */
  writeInt53(ref, value) {
    this.entries.writeWords(ref, value >>> 0, Math.floor(value / TWO_32) >>> 0);
  }
  writeInt64(ref, value) {
    this.entries.writeWords(ref, Number(value & 0xffffffffn), Number(value >> 32n & 0xffffffffn));
  }
  /**
   * Makes room to change the string in place: afterwards it has exactly `newLength` bytes, encoding raw, and `locate`
   * points to them. New bytes up to `zeroTo` are zero, the others are for the caller to write. Returns the entry's new
   * reference.
   */
  resize(ref, newLength, zeroTo) {
    this.locate(ref);
    let oldLength = this.length, next = ref;
    return this.#hasBlob(ref) ? this.#resizeBlob(ref, newLength) : newLength <= INLINE_BYTES_MAX ? next = this.#resizeInline(ref, newLength) : next = this.#moveToBlob(ref, newLength), this.entries.setKind(next, TYPE_STRING, ENC_RAW), this.locate(next), zeroTo > oldLength && this.bytes.fill(0, this.at + oldLength, this.at + zeroTo), next;
  }
  #locateInt(ref) {
    let value = (this.entries.wordHigh(ref) | 0) * TWO_32 + this.entries.wordLow(ref);
    if (this.bytes = this.#scratch, this.at = 0, Number.isSafeInteger(value)) {
      this.length = writeInt(this.#scratch, 0, value);
      return;
    }
    let text2 = this.int64(ref).toString();
    for (let i = 0; i < text2.length; i++) this.#scratch[i] = text2.charCodeAt(i);
    this.length = text2.length;
  }
  #resizeInline(ref, newLength) {
    let { entries } = this;
    if (!this.isInt(ref)) return entries.reshape(ref, entries.flags(ref), newLength);
    let text2 = this.bytes.slice(this.at, this.at + this.length), next = entries.reshape(ref, entries.flags(ref) & HAS_EXPIRY, newLength);
    return copyBytes(text2, 0, entries.view(next), entries.inlineAt(next), Math.min(text2.length, newLength)), next;
  }
  #moveToBlob(ref, newLength) {
    let { entries } = this, blob = this.#newBlob(roomFor(newLength)), kept2 = Math.min(this.length, newLength);
    copyBytes(this.bytes, this.at, this.arena.u8[blob >>> CHUNK_SHIFT2], this.#blobAt(blob), kept2);
    let next = entries.reshape(ref, entries.flags(ref) | HAS_WORDS, 0);
    return entries.writeWords(next, blob, newLength), next;
  }
  #resizeBlob(ref, newLength) {
    let blob = this.entries.wordLow(ref), capacity = this.#capacity(blob);
    if (newLength > capacity) {
      let room = roomFor(newLength);
      blob = this.arena.resize(blob, BLOB_HEAD_BYTES + capacity, BLOB_HEAD_BYTES + room), this.#setCapacity(blob, room);
    }
    this.entries.writeWords(ref, blob, newLength);
  }
  #createBytes(key2, keyAt2, keyBytes, kind, clock, expiryFlag, length) {
    let { entries } = this;
    if (length <= INLINE_BYTES_MAX)
      return entries.create(key2, keyAt2, keyBytes, kind, clock, expiryFlag, length);
    let blob = this.#newBlob(length), ref = entries.create(key2, keyAt2, keyBytes, kind, clock, expiryFlag | HAS_WORDS, 0);
    return entries.writeWords(ref, blob, length), ref;
  }
  /** Writes the bytes of a string that has this length already. */
  #fill(ref, value, valueAt, valueBytes) {
    let { entries } = this;
    if (valueBytes <= INLINE_BYTES_MAX)
      copyBytes(value, valueAt, entries.view(ref), entries.inlineAt(ref), valueBytes);
    else {
      let blob = entries.wordLow(ref);
      copyBytes(value, valueAt, this.arena.u8[blob >>> CHUNK_SHIFT2], this.#blobAt(blob), valueBytes);
    }
  }
  /** Gives an entry room for `length` bytes inside itself, content undefined. */
  #shapeInline(ref, length) {
    let { entries } = this, flags = entries.flags(ref);
    if ((flags & HAS_WORDS) === 0)
      return entries.inlineBytes(ref) === length ? ref : entries.reshape(ref, flags, length);
    let blob = this.isInt(ref) ? 0 : entries.wordLow(ref), next = entries.reshape(ref, flags & ~HAS_WORDS, length);
    return blob !== 0 && this.#freeBlob(blob), next;
  }
  /** Gives an entry a blob of `length` bytes, content undefined; one of fitting size is used again. */
  #shapeBlob(ref, length) {
    let { entries } = this, old = this.#hasBlob(ref) ? entries.wordLow(ref) : 0, blob = old;
    (old === 0 || !this.#fits(old, length)) && (blob = this.#newBlob(length), old !== 0 && this.#freeBlob(old));
    let next = entries.reshape(ref, entries.flags(ref) | HAS_WORDS, 0);
    return entries.writeWords(next, blob, length), next;
  }
  #shapeInt(ref) {
    let { entries } = this;
    if (this.isInt(ref)) return ref;
    let blob = entries.hasWords(ref) ? entries.wordLow(ref) : 0, next = entries.reshape(ref, entries.flags(ref) | HAS_WORDS, 0);
    return entries.setKind(next, TYPE_STRING, ENC_INT), blob !== 0 && this.#freeBlob(blob), next;
  }
  #hasBlob(ref) {
    return this.entries.hasWords(ref) && !this.isInt(ref);
  }
  /** Whether a blob holds `length` bytes and a new one would take no less memory. */
  #fits(blob, length) {
    let capacity = this.#capacity(blob);
    if (length > capacity) return !1;
    let { arena } = this;
    return arena.usableBytes(BLOB_HEAD_BYTES + length) === arena.usableBytes(BLOB_HEAD_BYTES + capacity);
  }
  #newBlob(capacity) {
    let blob = this.arena.alloc(BLOB_HEAD_BYTES + capacity);
    return this.#setCapacity(blob, capacity), blob;
  }
  #setCapacity(blob, capacity) {
    let words2 = this.arena.u32[blob >>> CHUNK_SHIFT2], at = (blob & UNIT_MASK2) << 1;
    words2[at] = capacity, words2[at + 1] = 0;
  }
  #freeBlob(blob) {
    this.arena.free(blob, BLOB_HEAD_BYTES + this.#capacity(blob));
  }
  #capacity(blob) {
    return this.arena.u32[blob >>> CHUNK_SHIFT2][(blob & UNIT_MASK2) << 1];
  }
  #blobAt(blob) {
    return ((blob & UNIT_MASK2) << 3) + BLOB_HEAD_BYTES;
  }
};
function roomFor(length) {
  return length + Math.max(0, Math.min(length, PREALLOCATION_BYTES_MAX, STRING_BYTES_MAX - length));
}
function isBeyondInt53(value, at, bytes) {
  return bytes > SAFE_TEXT_BYTES_MAX && bytes <= INT_TEXT_BYTES_MAX && isInt64(value, at, bytes);
}

// src/keyspace/access_clock.ts
function minutesNow(keyspace) {
  return Math.floor(keyspace.nowMs / 6e4) & 65535;
}
function initialClock(keyspace) {
  return minutesNow(keyspace) << 8 | 5;
}
function decayedFrequency(keyspace, clock) {
  let counter2 = clock & 255;
  if (keyspace.lfuDecayMinutes === 0) return counter2;
  let idleMinutes = minutesNow(keyspace) - (clock >>> 8) & 65535;
  return Math.max(0, counter2 - Math.floor(idleMinutes / keyspace.lfuDecayMinutes));
}
function touchedClock(keyspace, clock) {
  let counter2 = decayedFrequency(keyspace, clock);
  if (counter2 < 255) {
    let base = Math.max(0, counter2 - 5);
    keyspace.random.unit() < 1 / (base * keyspace.lfuLogFactor + 1) && counter2++;
  }
  return minutesNow(keyspace) << 8 | counter2;
}
function idleSeconds(keyspace, clock) {
  return keyspace.lruClock - clock & 16777215;
}

// src/structs/bucket.ts
function tagOf(hash2) {
  let tag = hash2 & 255;
  return tag === 0 ? 1 : tag;
}
function freeSlot(words2, at) {
  for (let group = 0; group < 3; group++) {
    let tags = words2[at + group], zeros = tags - 16843009 & ~tags & 2155905152;
    if (zeros !== 0) return (group << 2) + (31 - Math.clz32(zeros & -zeros) >> 3);
  }
  return -1;
}
function writeSlot(words2, at, slot, hash2, ref, mark) {
  words2[at + (slot >> 2)] |= tagOf(hash2) << ((slot & 3) << 3), words2[at + 3] |= mark << slot, words2[at + 4 + slot] = ref;
}
function clearSlot(words2, at, slot) {
  words2[at + (slot >> 2)] &= ~(255 << ((slot & 3) << 3)), words2[at + 3] &= ~(1 << slot), words2[at + 4 + slot] = 0;
}

// src/structs/segments.ts
var CHUNK_SHIFT3 = 23, UNIT_MASK3 = 8388607, FIRST_BUCKETS = 4, SPLIT_BUCKETS = 128, BUCKETS_MAX = 16384, FINE_BUCKETS = 64, DEPTH_MAX = 16, MERGE_FILL = 0.4, CHAIN_BUCKETS = 2, Segments = class {
  arena;
  u8;
  u32;
  depth = 0;
  directory = new Uint32Array(0);
  directoryRef = 0;
  buckets = 0;
  entryCount = 0;
  /** At least the largest buckets × 2^depth of any segment: how finely the densest one divides the hash range. */
  finest = 0;
  /** Where the last find or insert ended: chunk and word of the reference's slot, word of its home bucket. */
  hitChunk = 0;
  hitWord = 0;
  hitHome = 0;
  constructor(arena) {
    this.arena = arena, this.u8 = arena.u8, this.u32 = arena.u32;
  }
  /** Row of the directory for a hash, as the index of its first word. */
  rowOf(hash2) {
    let depth = this.depth;
    return depth === 0 ? 0 : hash2 >>> 32 - depth << 1;
  }
  /** Puts an entry, known to be absent, under its hash. Sets the hit. */
  insert(hash2, ref, marked) {
    for (this.directoryRef === 0 && this.#create(); !this.#place(hash2, ref, marked ? 1 : 0); ) this.#grow(hash2);
    this.entryCount++;
  }
  /** Frees all segments and the directory; the entries stay with the caller. */
  dispose() {
    this.directoryRef !== 0 && (this.eachSegment((segment, count2) => this.arena.free(segment, count2 * 64)), this.arena.free(this.directoryRef, 8 << this.depth), this.directoryRef = 0, this.entryCount = 0, this.buckets = 0, this.finest = 0, this.depth = 0, this.directory = new Uint32Array(0), this.directoryMoved(0, 0));
  }
  /** Calls back once for each segment, with its first directory row as a word index. */
  eachSegment(visit) {
    if (this.directoryRef !== 0)
      for (let row = 0; row < 1 << this.depth; ) {
        let meta = this.directory[(row << 1) + 1];
        visit(this.directory[row << 1], meta & 65535, row << 1), row += 1 << this.depth - (meta >>> 16);
      }
  }
  /** The entries of a segment as pairs (reference, mark). */
  entriesOf(segment, count2) {
    let words2 = this.u32[segment >>> CHUNK_SHIFT3], base = (segment & UNIT_MASK3) << 1, pairs = new Uint32Array(count2 * 12 * 2), filled = 0;
    for (let at = base; at < base + (count2 << 4); at += 16)
      for (let slot = 0; slot < 12; slot++) {
        let ref = words2[at + 4 + slot];
        ref !== 0 && (pairs[filled++] = ref, pairs[filled++] = words2[at + 3] >>> slot & 1);
      }
    return pairs.subarray(0, filled);
  }
  /** Shrinks a sparse segment, or merges it with its buddy. `first` and `rows` say which directory rows it has. */
  shrinkSegment(first, rows) {
    let meta = this.directory[(first << 1) + 1], count2 = meta & 65535, localDepth = meta >>> 16, size = this.entriesOf(this.directory[first << 1], count2).length >> 1;
    if (localDepth > 0) {
      let buddy = first ^ rows, buddyMeta = this.directory[(buddy << 1) + 1];
      if (buddyMeta >>> 16 === localDepth && size + (this.entriesOf(this.directory[buddy << 1], buddyMeta & 65535).length >> 1) < SPLIT_BUCKETS / 2 * 12 * MERGE_FILL) {
        this.#merge(first & ~rows, rows << 1, localDepth - 1);
        return;
      }
    }
    let wanted = bucketsFor(size);
    wanted * 2 <= count2 && this.#rebuild(first, rows, localDepth, wanted);
  }
  /** Halves the directory as long as no segment needs its last bit. */
  shrinkDirectory() {
    for (; this.depth > 0; ) {
      let deepest = 0;
      if (this.eachSegment((_segment, _count, row) => {
        deepest = Math.max(deepest, this.directory[row + 1] >>> 16);
      }), deepest === this.depth) return;
      let old = this.directory, oldRef = this.directoryRef, oldDepth = this.depth;
      this.#setDirectory(oldDepth - 1);
      for (let row = 0; row < 1 << this.depth; row++)
        this.directory[row << 1] = old[row << 2], this.directory[(row << 1) + 1] = old[(row << 2) + 1];
      this.directoryMoved(this.directoryRef, this.depth), this.arena.free(oldRef, 8 << oldDepth);
    }
  }
  #create() {
    this.#setDirectory(0), this.#writeRows(0, 1, 0, this.#newSegment(FIRST_BUCKETS), FIRST_BUCKETS), this.directoryMoved(this.directoryRef, 0);
  }
  #newSegment(count2) {
    let segment = this.arena.alloc(count2 * 64), at = (segment & UNIT_MASK3) << 1;
    return this.u32[segment >>> CHUNK_SHIFT3].fill(0, at, at + count2 * 16), this.buckets += count2, segment;
  }
  #dropSegment(segment, count2) {
    this.arena.free(segment, count2 * 64), this.buckets -= count2;
  }
  #setDirectory(depth) {
    let ref = this.arena.alloc(8 << depth), at = (ref & UNIT_MASK3) << 1;
    this.directoryRef = ref, this.depth = depth, this.directory = this.u32[ref >>> CHUNK_SHIFT3].subarray(at, at + (2 << depth));
  }
  #writeRows(first, rows, localDepth, segment, count2) {
    for (let row = first; row < first + rows; row++)
      this.directory[row << 1] = segment, this.directory[(row << 1) + 1] = localDepth << 16 | count2;
    this.finest = Math.max(this.finest, count2 * 2 ** localDepth);
  }
  /** Puts an entry into its home or the next bucket; false if there is no room. */
  #place(hash2, ref, mark) {
    let row = this.rowOf(hash2), segment = this.directory[row], meta = this.directory[row + 1], count2 = meta & 65535, home = Math.imul(hash2 << (meta >>> 16) >>> 16, count2) >>> 16, words2 = this.u32[segment >>> CHUNK_SHIFT3], base = (segment & UNIT_MASK3) << 1, homeAt = base + (home << 4), bucketAt = homeAt, slot = freeSlot(words2, bucketAt);
    if (slot < 0) {
      if (bucketAt = base + ((home + 1 === count2 ? 0 : home + 1) << 4), slot = freeSlot(words2, bucketAt), slot < 0 && (slot = this.#makeRoom(words2, base, meta, bucketAt, CHAIN_BUCKETS)), slot < 0) return !1;
      words2[homeAt + 3] += 65536;
    }
    return writeSlot(words2, bucketAt, slot, hash2, ref, mark), this.hitChunk = segment >>> CHUNK_SHIFT3, this.hitWord = bucketAt + 4 + slot, this.hitHome = homeAt, !0;
  }
  /** Moves one entry that is at home in a full bucket one bucket on, where the same may happen; its slot or -1. */
  #makeRoom(words2, base, meta, bucketAt, chain) {
    let count2 = meta & 65535, bucket = bucketAt - base >> 4, nextAt = base + ((bucket + 1 === count2 ? 0 : bucket + 1) << 4);
    for (let slot = 0; slot < 12; slot++) {
      let ref = words2[bucketAt + 4 + slot], hash2 = this.hashOf(ref);
      if (Math.imul(hash2 << (meta >>> 16) >>> 16, count2) >>> 16 !== bucket) continue;
      let free = freeSlot(words2, nextAt);
      return free < 0 && chain > 0 && (free = this.#makeRoom(words2, base, meta, nextAt, chain - 1)), free < 0 ? -1 : (writeSlot(words2, nextAt, free, hash2, ref, words2[bucketAt + 3] >>> slot & 1), clearSlot(words2, bucketAt, slot), words2[bucketAt + 3] += 65536, slot);
    }
    return -1;
  }
  /** Enlarges the segment of a hash, splitting it when it is large enough. */
  #grow(hash2) {
    let meta = this.directory[this.rowOf(hash2) + 1], localDepth = meta >>> 16, count2 = meta & 65535, splits = count2 >= SPLIT_BUCKETS && localDepth < DEPTH_MAX;
    splits && localDepth === this.depth && this.#doubleDirectory();
    let rows = 1 << this.depth - localDepth, first = this.rowOf(hash2) >> 1 & ~(rows - 1);
    if (splits) this.#split(first, rows, localDepth);
    else if (count2 < BUCKETS_MAX) this.#rebuild(first, rows, localDepth, largerCount(count2));
    else throw new Error("table: a segment cannot grow further");
  }
  #doubleDirectory() {
    let old = this.directory, oldRef = this.directoryRef, oldDepth = this.depth;
    this.#setDirectory(oldDepth + 1);
    for (let row = 0; row < 2 << oldDepth; row++)
      this.directory[row << 1] = old[row >> 1 << 1], this.directory[(row << 1) + 1] = old[(row >> 1 << 1) + 1];
    this.directoryMoved(this.directoryRef, this.depth), this.arena.free(oldRef, 8 << oldDepth);
  }
  #split(first, rows, localDepth) {
    let old = this.directory[first << 1], oldCount = this.directory[(first << 1) + 1] & 65535, half = rows >> 1, count2 = oldCount >> 1, left = this.#newSegment(count2), right = this.#newSegment(count2), entries = this.entriesOf(old, oldCount);
    this.#writeRows(first, half, localDepth + 1, left, count2), this.#writeRows(first + half, half, localDepth + 1, right, count2), this.#putBack(entries), this.#dropSegment(old, oldCount);
  }
  /** Gives a segment another number of buckets. */
  #rebuild(first, rows, localDepth, count2) {
    let old = this.directory[first << 1], oldCount = this.directory[(first << 1) + 1] & 65535, segment = this.#newSegment(count2), entries = this.entriesOf(old, oldCount);
    this.#writeRows(first, rows, localDepth, segment, count2), this.#putBack(entries), this.#dropSegment(old, oldCount);
  }
  #merge(first, rows, localDepth) {
    let pair = [first, first + (rows >> 1)].map((row) => {
      let segment = this.directory[row << 1], count3 = this.directory[(row << 1) + 1] & 65535;
      return { segment, count: count3, entries: this.entriesOf(segment, count3) };
    }), size = pair.reduce((sum, part) => sum + (part.entries.length >> 1), 0), count2 = bucketsFor(size);
    this.#writeRows(first, rows, localDepth, this.#newSegment(count2), count2);
    for (let { segment, count: oldCount, entries } of pair)
      this.#putBack(entries), this.#dropSegment(segment, oldCount);
  }
  /** Places entries again; a crowded bucket may make their new segment grow at once. */
  #putBack(entries) {
    for (let i = 0; i < entries.length; i += 2) {
      let ref = entries[i], hash2 = this.hashOf(ref);
      for (; !this.#place(hash2, ref, entries[i + 1]); ) this.#grow(hash2);
    }
  }
};
function largerCount(count2) {
  let top = 1 << 31 - Math.clz32(count2), eighths = count2 * 8 / top;
  return top < FINE_BUCKETS ? eighths < 12 ? top + (top >> 1) : top << 1 : eighths < 10 ? top + (top >> 2) : eighths < 13 ? top + (top >> 3) * 5 : top << 1;
}
function bucketsFor(size) {
  let count2 = FIRST_BUCKETS;
  for (; count2 * 12 * 0.65 < size; ) count2 = largerCount(count2);
  return count2;
}

// src/structs/segment_table.ts
var CHUNK_SHIFT4 = 23, UNIT_MASK4 = 8388607, HASHES = 2 ** 32, SegmentTable = class extends Segments {
  get size() {
    return this.entryCount;
  }
  /** Slots of all buckets. */
  get capacity() {
    return this.buckets * 12;
  }
  /** Bytes of directory and buckets. */
  get tableBytes() {
    return this.buckets * 64 + (this.directoryRef === 0 ? 0 : 8 << this.depth);
  }
  /** Replaces the reference at the hit. */
  replaceHit(ref) {
    this.u32[this.hitChunk][this.hitWord] = ref;
  }
  markHit(marked) {
    let words2 = this.u32[this.hitChunk], bucket = this.hitWord & -16, bit = 1 << (this.hitWord & 15) - 4;
    marked ? words2[bucket + 3] |= bit : words2[bucket + 3] &= ~bit;
  }
  /** Takes the entry at the hit out of the table (its block stays). */
  removeHit() {
    let words2 = this.u32[this.hitChunk], bucket = this.hitWord & -16;
    clearSlot(words2, bucket, (this.hitWord & 15) - 4), bucket !== this.hitHome && (words2[this.hitHome + 3] -= 65536), this.entryCount--;
  }
  /** Sets the hit to the slot of this very entry; false if it does not stand in the table. */
  hitRef(ref, hash2) {
    if (this.directoryRef === 0) return !1;
    let row = this.rowOf(hash2), segment = this.directory[row], meta = this.directory[row + 1], count2 = meta & 65535, home = Math.imul(hash2 << (meta >>> 16) >>> 16, count2) >>> 16, words2 = this.u32[segment >>> CHUNK_SHIFT4], base = (segment & UNIT_MASK4) << 1;
    for (let step2 = 0; step2 < 2; step2++) {
      let bucket = base + ((home + step2 === count2 ? 0 : home + step2) << 4);
      for (let slot = 0; slot < 12; slot++)
        if (words2[bucket + 4 + slot] === ref)
          return this.hitChunk = segment >>> CHUNK_SHIFT4, this.hitWord = bucket + 4 + slot, this.hitHome = base + (home << 4), !0;
    }
    return !1;
  }
  /**
   * Visits all entries whose home is the bucket at the cursor and returns the next cursor, 0 at the end. Cursors are
   * hash values; an entry that stays in the table for a whole iteration is visited at least once, however the table
   * grows or shrinks in between. The visitor must not change the table.
   */
  scan(cursor, visit) {
    if (this.directoryRef === 0) return 0;
    let row = this.rowOf(cursor), segment = this.directory[row], meta = this.directory[row + 1], count2 = meta & 65535, localDepth = meta >>> 16, home = Math.imul(cursor << localDepth >>> 16, count2) >>> 16, words2 = this.u32[segment >>> CHUNK_SHIFT4], base = (segment & UNIT_MASK4) << 1;
    for (let step2 = 0; step2 < 2; step2++) {
      let bucket = base + ((home + step2 === count2 ? 0 : home + step2) << 4);
      for (let slot = 0; slot < 12; slot++) {
        let ref = words2[bucket + 4 + slot];
        if (ref === 0) continue;
        Math.imul(this.hashOf(ref) << localDepth >>> 16, count2) >>> 16 === home && visit(ref);
      }
    }
    return cursorAfter(cursor, localDepth, home, count2);
  }
  /** Like `scan`, but visits only the marked entries that stand in the bucket, without computing a hash. */
  scanMarked(cursor, visit) {
    if (this.directoryRef === 0) return 0;
    let row = this.rowOf(cursor), segment = this.directory[row], meta = this.directory[row + 1], count2 = meta & 65535, bucket = Math.imul(cursor << (meta >>> 16) >>> 16, count2) >>> 16, words2 = this.u32[segment >>> CHUNK_SHIFT4], at = ((segment & UNIT_MASK4) << 1) + (bucket << 4), marks = words2[at + 3] & 4095;
    for (; marks !== 0; ) {
      let slot = 31 - Math.clz32(marks & -marks);
      marks &= marks - 1, visit(words2[at + 4 + slot]);
    }
    return cursorAfter(cursor, meta >>> 16, bucket, count2);
  }
  /** Visits every entry that stands in the bucket at the cursor, at home or not: for walks over a table at rest. */
  walk(cursor, visit) {
    if (this.directoryRef === 0) return 0;
    let row = this.rowOf(cursor), segment = this.directory[row], meta = this.directory[row + 1], count2 = meta & 65535, bucket = Math.imul(cursor << (meta >>> 16) >>> 16, count2) >>> 16, words2 = this.u32[segment >>> CHUNK_SHIFT4], at = ((segment & UNIT_MASK4) << 1) + (bucket << 4) + 4;
    for (let slot = 0; slot < 12; slot++) {
      let ref = words2[at + slot];
      ref !== 0 && visit(ref);
    }
    return cursorAfter(cursor, meta >>> 16, bucket, count2);
  }
  /** A uniformly chosen entry, or 0 from an empty table. */
  randomRef(random) {
    for (; this.entryCount > 0; ) {
      let hash2 = random.u32(), row = this.rowOf(hash2), segment = this.directory[row], meta = this.directory[row + 1], count2 = meta & 65535;
      if (random.unit() * this.finest >= count2 * 2 ** (meta >>> 16)) continue;
      let bucket = Math.imul(hash2 << (meta >>> 16) >>> 16, count2) >>> 16, slot = random.below(12), at = ((segment & UNIT_MASK4) << 1) + (bucket << 4) + 4 + slot, ref = this.u32[segment >>> CHUNK_SHIFT4][at];
      if (ref !== 0) return ref;
    }
    return 0;
  }
  /** Shrinks or merges the segment at a cursor if it is sparse; returns the next segment's cursor, 0 at the end. */
  shrinkAt(cursor) {
    if (this.directoryRef === 0) return 0;
    let row = this.rowOf(cursor), localDepth = this.directory[row + 1] >>> 16, rows = 1 << this.depth - localDepth;
    this.shrinkSegment(row >> 1 & ~(rows - 1), rows);
    let next = segmentStart(cursor, localDepth) + HASHES / 2 ** localDepth;
    return next < HASHES ? next : (this.shrinkDirectory(), 0);
  }
  /** Fill of each segment (DEBUG HTSTATS, tests). */
  fill() {
    let rows = [];
    return this.eachSegment((segment, buckets, row) => {
      let entries = this.entriesOf(segment, buckets).length >> 1;
      rows.push({ buckets, entries, localDepth: this.directory[row + 1] >>> 16 });
    }), rows;
  }
  /** Walks the whole table and throws on any broken invariant. */
  check() {
    let entries = 0, buckets = 0;
    if (this.eachSegment((segment, count2, row) => {
      buckets += count2, entries += this.#checkSegment(segment, count2, row);
    }), entries !== this.entryCount) throw new Error(`table: ${entries} stand, ${this.entryCount} are counted`);
    if (buckets !== this.buckets) throw new Error(`table: ${buckets} buckets, ${this.buckets} are counted`);
  }
  #checkSegment(segment, count2, row) {
    let words2 = this.u32[segment >>> CHUNK_SHIFT4], base = (segment & UNIT_MASK4) << 1, localDepth = this.directory[row + 1] >>> 16, spills = new Int32Array(count2), entries = 0;
    for (let bucket = 0; bucket < count2; bucket++) {
      let at = base + (bucket << 4);
      for (let slot = 0; slot < 12; slot++) {
        let ref = words2[at + 4 + slot], tag = words2[at + (slot >> 2)] >>> ((slot & 3) << 3) & 255;
        if (ref === 0 != (tag === 0)) throw new Error("table: a tag without a reference, or the reverse");
        if (ref === 0) continue;
        let hash2 = this.hashOf(ref), home = Math.imul(hash2 << localDepth >>> 16, count2) >>> 16;
        if (this.directory[this.rowOf(hash2)] !== segment) throw new Error("table: entry in a wrong segment");
        if (tag !== tagOf(hash2)) throw new Error("table: wrong tag");
        if (home !== bucket && (home + 1) % count2 !== bucket) throw new Error("table: entry too far from home");
        home !== bucket && spills[home]++, entries++;
      }
    }
    for (let bucket = 0; bucket < count2; bucket++)
      if (words2[base + (bucket << 4) + 3] >>> 16 !== spills[bucket]) throw new Error("table: wrong spill count");
    return entries;
  }
};
function segmentStart(hash2, localDepth) {
  let range = HASHES / 2 ** localDepth;
  return Math.floor(hash2 / range) * range;
}
function cursorAfter(cursor, localDepth, bucket, count2) {
  let range = HASHES / 2 ** localDepth, position = Math.ceil((bucket + 1) * 65536 / count2), next = segmentStart(cursor, localDepth) + position / 65536 * range;
  return next >= HASHES ? 0 : next;
}

// src/keyspace/maintenance.ts
var ShrinkWalk = class {
  cursor = 0;
  /** Slots of the table when the walk began. */
  slotsBefore = 0;
  /** After a walk in vain: the slots it found, and how few keys make another one worth while. */
  vainSlots = -1;
  vainKeys = 0;
}, Maintenance = class {
  #keyspace;
  constructor(keyspace) {
    this.#keyspace = keyspace;
  }
  /** Works for at most `budgetMs`; true when there is more to do at once. */
  slice(budgetMs) {
    let { clock } = this.#keyspace, endMs = clock.monotonicMs() + budgetMs;
    for (let index = 0; index < this.#keyspace.databaseCount; index++) {
      let db = this.#keyspace.db(index);
      for (; isWorthWhile(db); )
        if (step(db), clock.monotonicMs() > endMs) return !0;
    }
    return !1;
  }
};
function isWorthWhile({ size, capacity, shrinking }) {
  return shrinking.cursor !== 0 ? !0 : size >= capacity * 0.3 ? !1 : capacity !== shrinking.vainSlots || size < shrinking.vainKeys;
}
function step(db) {
  let { shrinking } = db;
  shrinking.cursor === 0 && (shrinking.slotsBefore = db.capacity), shrinking.cursor = db.shrinkAt(shrinking.cursor), !(shrinking.cursor !== 0 || db.capacity < shrinking.slotsBefore) && (shrinking.vainSlots = db.capacity, shrinking.vainKeys = db.size * 0.7);
}

// src/keyspace/database.ts
var CHUNK_SHIFT5 = 23, UNIT_MASK5 = 8388607, REFS2 = 4, KEY_AT2 = new Int32Array([8, 16, 16, 24, 16, 24, 24, 32]), Database = class extends SegmentTable {
  keyspace;
  entries;
  /** Its number, which SWAPDB changes. */
  index;
  /** Entries with an expiry. */
  volatileCount = 0;
  /** Mean of remaining TTLs in ms as the active expiry last estimated it. */
  averageTtlMs = 0;
  /** Where the active expiry goes on. */
  expiryCursor = 0;
  shrinking = new ShrinkWalk();
  constructor(keyspace, index) {
    super(keyspace.entries.arena), this.keyspace = keyspace, this.entries = keyspace.entries, this.index = index;
  }
  /**
   * The entry of a key, or 0; expired ones are found too. Leaves the hit on it. `hash` is the key's hash.
   */
  find(key2, at, bytes, hash2) {
    if (this.directoryRef === 0) return 0;
    let depth = this.depth, row = depth === 0 ? 0 : hash2 >>> 32 - depth << 1, segment = this.directory[row], meta = this.directory[row + 1], count2 = meta & 65535, home = Math.imul(hash2 << (meta >>> 16) >>> 16, count2) >>> 16, words2 = this.u32[segment >>> CHUNK_SHIFT5], base = (segment & UNIT_MASK5) << 1, homeAt = base + (home << 4), tag = hash2 & 255, pattern = Math.imul(tag === 0 ? 1 : tag, 16843009), bucketAt = homeAt;
    for (; ; ) {
      for (let group = 0; group < 3; group++) {
        let differs = words2[bucketAt + group] ^ pattern, equal2 = differs - 16843009 & ~differs & 2155905152;
        for (; equal2 !== 0; ) {
          let slotAt = bucketAt + REFS2 + (group << 2) + (31 - Math.clz32(equal2 & -equal2) >> 3);
          equal2 &= equal2 - 1;
          let ref = words2[slotAt];
          if (ref !== 0 && this.#isKey(ref, key2, at, bytes))
            return this.hitChunk = segment >>> CHUNK_SHIFT5, this.hitWord = slotAt, this.hitHome = homeAt, ref;
        }
      }
      if (bucketAt !== homeAt || !(words2[homeAt + 3] >>> 16)) return 0;
      bucketAt = home + 1 === count2 ? base : homeAt + 16;
    }
  }
  /** The live entry of a key for reading, or 0: an expired one is dropped. Counts a hit or miss, touches the clock. */
  lookup(key2, at, bytes, hash2) {
    let ref = this.peek(key2, at, bytes, hash2);
    return ref !== 0 && this.keyspace.touch(ref), ref;
  }
  /** Like `lookup`, but leaves the clock alone (EXISTS, TYPE, TTL, OBJECT). */
  peek(key2, at, bytes, hash2) {
    let ref = this.find(key2, at, bytes, hash2);
    return ref === 0 || this.entries.hasExpiry(ref) && this.dropExpired(ref) ? (this.keyspace.stats[1]++, 0) : (this.keyspace.stats[0]++, ref);
  }
  /** Whether the hit's entry is past its expiry, for readers: it is dropped then, unless the keyspace keeps it. */
  dropExpired(ref) {
    return this.isGone(ref) ? (this.keyspace.keepExpired || this.keyspace.expire(this, ref), !0) : !1;
  }
  /** The live entry of a key for writing, or 0: an expired one is dropped. Touches the clock, counts nothing. */
  lookupWrite(key2, at, bytes, hash2) {
    let ref = this.live(key2, at, bytes, hash2);
    return ref !== 0 && this.keyspace.touch(ref), ref;
  }
  /** The live entry of a key for writing, or 0, leaving clock and counters alone: an expired one is always dropped. */
  live(key2, at, bytes, hash2) {
    let ref = this.find(key2, at, bytes, hash2);
    return ref !== 0 && this.entries.hasExpiry(ref) && this.isExpired(ref) ? (this.keyspace.expire(this, ref), 0) : ref;
  }
  /** Whether an entry with an expiry is past it. */
  isExpired(ref) {
    return this.entries.expiry(ref) < this.keyspace.nowMs;
  }
  /** Whether an entry is past its expiry, if it has one. */
  isGone(ref) {
    return this.entries.hasExpiry(ref) && this.isExpired(ref);
  }
  /** Adds a complete entry whose key is known to be absent, and announces the new key. */
  add(hash2, ref) {
    let isVolatile = this.entries.hasExpiry(ref);
    this.insert(hash2, ref, isVolatile), isVolatile && this.volatileCount++, this.keyspace.listening && this.keyspace.announceNew(this, ref);
  }
  /** The hit's entry moved to `next`, which may have gained or lost its expiry. */
  moved(next) {
    this.replaceHit(next);
  }
  /** Puts a new entry in the place of the hit's old one, whose value and block are freed. */
  replace(old, next) {
    let wasVolatile = this.entries.hasExpiry(old), isVolatile = this.entries.hasExpiry(next);
    this.replaceHit(next), wasVolatile !== isVolatile && (this.markHit(isVolatile), this.volatileCount += isVolatile ? 1 : -1), this.keyspace.dispose(old);
  }
  /** Drops the hit's entry: value, block and place in the table. */
  removeEntry(ref) {
    this.detach(ref), this.keyspace.dispose(ref);
  }
  /** Takes the hit's entry out of the table and leaves it to the caller. */
  detach(ref) {
    this.entries.hasExpiry(ref) && this.volatileCount--, this.removeHit();
  }
  /** Gives the hit's entry an expiry in ms since 1970 (int64 as two words); returns its new reference. */
  setExpiry(ref, low, high) {
    let next = ref;
    return this.entries.hasExpiry(ref) || (next = this.entries.reshape(ref, this.entries.flags(ref) | HAS_EXPIRY, this.entries.inlineBytes(ref)), this.replaceHit(next), this.markHit(!0), this.volatileCount++), this.entries.writeExpiry(next, low >>> 0, high >>> 0), next;
  }
  /** Takes the expiry off the hit's entry, which has one; returns its new reference. */
  clearExpiry(ref) {
    let next = this.entries.reshape(
      ref,
      this.entries.flags(ref) & ~HAS_EXPIRY,
      this.entries.inlineBytes(ref)
    );
    return this.replaceHit(next), this.markHit(!1), this.volatileCount--, next;
  }
  hashOf(ref) {
    let entries = this.entries;
    return this.keyspace.hash.hash(entries.view(ref), entries.keyAt(ref), entries.keyBytes(ref));
  }
  directoryMoved(directory, depth) {
    this.keyspace.directoryMoved(this, directory, depth);
  }
  /** Tells the prefetcher again where the directory is (after SWAPDB). */
  publishDirectory() {
    this.keyspace.directoryMoved(this, this.directoryRef, this.depth);
  }
  #isKey(ref, key2, at, bytes) {
    let words2 = this.u32[ref >>> CHUNK_SHIFT5], entryAt = (ref & UNIT_MASK5) << 1, lengths = words2[entryAt + 1], flags = lengths >>> 28;
    if ((lengths & 65535) !== bytes && ((flags & LONG_KEY) === 0 || this.entries.keyBytes(ref) !== bytes))
      return !1;
    let word2 = entryAt + (KEY_AT2[flags] >> 2), end = at + bytes, wordsEnd = end - 3, i = at;
    for (; i < wordsEnd; i += 4) {
      let four = key2[i] | key2[i + 1] << 8 | key2[i + 2] << 16 | key2[i + 3] << 24;
      if ((words2[word2++] | 0) !== four) return !1;
    }
    let rest = i < end ? words2[word2] : 0;
    for (let shift = 0; i < end; i++, shift += 8) if ((rest >>> shift & 255) !== key2[i]) return !1;
    return !0;
  }
};

// src/keyspace/lazyfree.ts
var Lazyfree = class {
  #keyspace;
  #queue = [];
  #dispose;
  /** Objects that wait to be freed (INFO lazyfree_pending_objects). */
  pendingObjects = 0;
  /** Objects freed in slices since the last reset (INFO lazyfreed_objects). */
  freedObjects = 0;
  constructor(keyspace) {
    this.#keyspace = keyspace, this.#dispose = (ref) => this.#keyspace.dispose(ref);
  }
  /** Takes over a database that no client can reach any more. */
  addDatabase(db, inSlices) {
    if (this.pendingObjects += db.size, this.#queue.push({ db, cursor: 0 }), !inSlices && db.size <= 2e3 && this.#queue.length === 1) {
      let freed = this.freedObjects;
      this.slice(Number.POSITIVE_INFINITY), this.freedObjects = freed;
    }
  }
  /** Frees for at most `budgetMs`; true when something is left. */
  slice(budgetMs) {
    if (this.#queue.length === 0) return !1;
    let clock = this.#keyspace.clock, endMs = clock.monotonicMs() + budgetMs, buckets = 0;
    for (; this.#queue.length > 0; ) {
      let head = this.#queue[0];
      if (head.cursor = head.db.walk(head.cursor, this.#dispose), head.cursor === 0 && (this.pendingObjects -= head.db.size, this.freedObjects += head.db.size, head.db.dispose(), this.#queue.shift()), ++buckets % 64 === 0 && clock.monotonicMs() > endMs) break;
    }
    return this.#queue.length > 0;
  }
};

// src/keyspace/keyspace.ts
var EVENT_GENERIC = "g", EVENT_STRING = "$", EVENT_EXPIRED = "x", EVENT_NEW = "n", Keyspace = class {
  arena;
  entries;
  strings;
  hash;
  clock;
  random;
  lazyfree;
  stats = new Float64Array(4);
  #databases = [];
  #hints;
  /** Wall clock in ms, read once a batch (`tick`), so that all commands of a batch see one time. */
  nowMs;
  /** Changes since the start (`rdb_changes_since_last_save` counts from the last save). */
  dirty = 0;
  /** True while anybody wants to hear of changes. */
  listening = !1;
  #listeners = [];
  /** Access clock for LRU, 24 bits of seconds. */
  lruClock;
  /** True under an LFU policy: the access clock then holds frequencies. */
  lfu = !1;
  lfuLogFactor = 10;
  lfuDecayMinutes = 1;
  /** False while the current client asked not to touch keys (CLIENT NO-TOUCH, some commands). */
  touching = !0;
  /** True while expired keys are hidden from readers but stay (CLIENT PAUSE). */
  keepExpired = !1;
  databaseCount;
  constructor(options) {
    this.arena = options.arena, this.hash = options.hash, this.clock = options.clock, this.random = options.random, this.entries = new Entries(options.arena), this.strings = new Strings(this.entries), this.lazyfree = new Lazyfree(this), this.#hints = options.hints, this.databaseCount = options.databases, this.nowMs = options.clock.nowMs(), this.lruClock = Math.floor(this.nowMs / 1e3) & 16777215;
    for (let index = 0; index < options.databases; index++) this.#databases.push(new Database(this, index));
  }
  db(index) {
    return this.#databases[index];
  }
  /** Reads the clock for the commands to come. */
  tick() {
    this.nowMs = this.clock.nowMs(), this.lruClock = Math.floor(this.nowMs / 1e3) & 16777215;
  }
  /** Notes an access to an entry. */
  touch(ref) {
    this.touching && (this.lfu ? this.entries.setClock(ref, touchedClock(this, this.entries.clock(ref))) : this.entries.clock(ref) !== this.lruClock && this.entries.setClock(ref, this.lruClock));
  }
  /** Access clock of a new entry. */
  freshClock() {
    return this.lfu ? initialClock(this) : this.lruClock;
  }
  subscribe(listener) {
    this.#listeners = [...this.#listeners, listener], this.listening = !0;
  }
  unsubscribe(listener) {
    this.#listeners = this.#listeners.filter((other) => other !== listener), this.listening = this.#listeners.length > 0;
  }
  /** Announces a change of one key: `at` and `bytes` say where the key's name is. Once for each change. */
  changed(db, key2, at, bytes, eventClass, event) {
    this.dirty++, this.listening && this.event(db, key2, at, bytes, eventClass, event);
  }
  /** Announces an event that follows from a change already counted (such as `expire` after `set`). */
  event(db, key2, at, bytes, eventClass, event) {
    let listeners = this.#listeners;
    for (let i = 0; i < listeners.length; i++) listeners[i].changed(db, key2, at, bytes, eventClass, event);
  }
  /** Drops the expired entry at the hit and announces it. */
  expire(db, ref) {
    if (this.stats[2]++, this.listening) {
      let key2 = this.#nameOf(ref);
      db.removeEntry(ref), this.event(db, key2, 0, key2.length, EVENT_EXPIRED, "expired");
    } else
      db.removeEntry(ref);
  }
  /** Announces an entry that was just added. */
  announceNew(db, ref) {
    let key2 = this.#nameOf(ref);
    this.event(db, key2, 0, key2.length, EVENT_NEW, "new");
  }
  /** A copy of an entry's key. */
  #nameOf(ref) {
    let at = this.entries.keyAt(ref);
    return this.entries.view(ref).slice(at, at + this.entries.keyBytes(ref));
  }
  /** Frees an entry that stands in no table, and its value. */
  dispose(ref) {
    this.entries.type(ref) === TYPE_STRING && this.strings.dispose(ref), this.entries.free(ref);
  }
  /** Empties a database; a large one is freed in slices. Returns how many keys it had. */
  flush(index, inSlices) {
    let old = this.#databases[index], keys = old.size;
    if (keys > 0) {
      for (let listener of this.#listeners) listener.replacing(old, null);
      let fresh = new Database(this, index);
      this.#databases[index] = fresh, old.index = -1, fresh.publishDirectory(), this.lazyfree.addDatabase(old, inSlices);
    }
    return keys;
  }
  swap(a, b) {
    let first = this.#databases[a], second = this.#databases[b];
    for (let listener of this.#listeners)
      listener.replacing(first, second), listener.replacing(second, first);
    first.index = b, second.index = a, this.#databases[a] = second, this.#databases[b] = first, first.publishDirectory(), second.publishDirectory();
  }
  /** Keeps the prefetcher's row of a database up to date. */
  directoryMoved(db, directory, depth) {
    this.#hints === void 0 || db.index < 0 || (this.#hints[db.index * 2] = 0, this.#hints[db.index * 2 + 1] = depth, this.#hints[db.index * 2] = directory);
  }
  /** Keys in all databases. */
  get keyCount() {
    return this.#databases.reduce((sum, db) => sum + db.size, 0);
  }
};

// src/types/bit_integer.ts
function readBits(bytes, at, length, offset, bits) {
  let first = Math.floor(offset / 8), before = offset % 8, count2 = Math.ceil((before + bits) / 8), value = 0;
  for (let i = 0; i < count2; i++) value = value * 256 + (first + i < length ? bytes[at + first + i] : 0);
  return Math.floor(value / 2 ** (count2 * 8 - before - bits)) % 2 ** bits;
}
function writeBits(bytes, at, offset, bits, value) {
  let first = at + Math.floor(offset / 8), before = offset % 8, count2 = Math.ceil((before + bits) / 8), behind = count2 * 8 - before - bits, head = before === 0 ? 0 : bytes[first] >>> 8 - before, tail = bytes[first + count2 - 1] % 2 ** behind, rest = (head * 2 ** bits + value) * 2 ** behind + tail;
  for (let i = count2 - 1; i >= 0; i--)
    bytes[first + i] = rest % 256, rest = Math.floor(rest / 256);
}
function readWideBits(bytes, at, length, offset, bits) {
  let high = readBits(bytes, at, length, offset, bits - 32), low = readBits(bytes, at, length, offset + bits - 32, 32);
  return BigInt(high) << 32n | BigInt(low);
}
function writeWideBits(bytes, at, offset, bits, value) {
  writeBits(bytes, at, offset, bits - 32, Number(value >> 32n)), writeBits(bytes, at, offset + bits - 32, 32, Number(value & 0xffffffffn));
}

// src/types/bitmap.ts
var BITS_OF_BYTE = Uint8Array.from({ length: 256 }, (_, byte) => bitsOfWord(byte)), ALL_ONES = 4294967295;
function bitsOfWord(word2) {
  let pairs = word2 - (word2 >>> 1 & 1431655765), nibbles = (pairs & 858993459) + (pairs >>> 2 & 858993459);
  return Math.imul(nibbles + (nibbles >>> 4) & 252645135, 16843009) >>> 24;
}
function countBits(bytes, words2, at, length) {
  let end = at + length, total = 0, byte = at;
  for (; byte < end && (byte & 3) !== 0; byte++) total += BITS_OF_BYTE[bytes[byte]];
  let wordCount = end - byte >>> 2;
  for (wordCount > 0 && (total += countWords(words2, byte >>> 2, (byte >>> 2) + wordCount), byte += wordCount * 4); byte < end; byte++) total += BITS_OF_BYTE[bytes[byte]];
  return total;
}
function countWords(words2, from, end) {
  let ones = 0, twos = 0, fours = 0, eights = 0, i = from;
  for (; i + 8 <= end; i += 8) {
    let a = words2[i] | 0, b = words2[i + 1] | 0, twosA = carry(ones, a, b);
    ones ^= a ^ b, a = words2[i + 2] | 0, b = words2[i + 3] | 0;
    let twosB = carry(ones, a, b);
    ones ^= a ^ b;
    let foursA = carry(twos, twosA, twosB);
    twos ^= twosA ^ twosB, a = words2[i + 4] | 0, b = words2[i + 5] | 0, twosA = carry(ones, a, b), ones ^= a ^ b, a = words2[i + 6] | 0, b = words2[i + 7] | 0, twosB = carry(ones, a, b), ones ^= a ^ b;
    let foursB = carry(twos, twosA, twosB);
    twos ^= twosA ^ twosB, eights += bitsOfWord(carry(fours, foursA, foursB)), fours ^= foursA ^ foursB;
  }
  let total = 8 * eights + 4 * bitsOfWord(fours) + 2 * bitsOfWord(twos) + bitsOfWord(ones);
  for (; i < end; i++) total += bitsOfWord(words2[i] | 0);
  return total;
}
function carry(a, b, c) {
  return a & b | (a ^ b) & c;
}
function countBitRange(bytes, words2, at, first, last) {
  let firstByte = Math.floor(first / 8), lastByte = Math.floor(last / 8), before = bytes[at + firstByte] & ~(255 >>> first % 8), after2 = bytes[at + lastByte] & 127 >>> last % 8;
  return countBits(bytes, words2, at + firstByte, lastByte - firstByte + 1) - BITS_OF_BYTE[before] - BITS_OF_BYTE[after2];
}
function findBit(bytes, words2, at, bit, first, last) {
  let flip = bit === 1 ? 0 : 255, lastByte = at + Math.floor(last / 8), lastMask = ~(127 >>> last % 8), byte = at + Math.floor(first / 8), found = (bytes[byte] ^ flip) & 255 >>> first % 8;
  return found === 0 && byte < lastByte && (byte = findByte(bytes, words2, byte + 1, lastByte, bit), found = bytes[byte] ^ flip), byte === lastByte && (found &= lastMask), found === 0 ? -1 : (byte - at) * 8 + Math.clz32(found) - 24;
}
function findByte(bytes, words2, from, last, bit) {
  let emptyByte = bit === 1 ? 0 : 255, emptyWord = bit === 1 ? 0 : ALL_ONES, byte = from;
  for (; byte < last && (byte & 3) !== 0; ) {
    if (bytes[byte] !== emptyByte) return byte;
    byte++;
  }
  for (; byte + 4 <= last && words2[byte >>> 2] === emptyWord; ) byte += 4;
  for (; byte < last && bytes[byte] === emptyByte; ) byte++;
  return byte;
}

// src/commands/string_store.ts
function putString(c, k, v, old, expiryFlag, low, high) {
  let args = c.args, keyspace = c.keyspace, strings = keyspace.strings, entries = keyspace.entries, bytes = args.bytes;
  if (old !== 0 && entries.type(old) === TYPE_STRING && (entries.flags(old) & HAS_EXPIRY) === expiryFlag) {
    let next = strings.assign(old, bytes, args.at(v), args.length(v));
    next !== old && c.db.moved(next), keyspace.lfu || entries.setClock(next, keyspace.lruClock), expiryFlag !== 0 && entries.writeExpiry(next, low, high);
    return;
  }
  let clock = old !== 0 && keyspace.lfu ? entries.clock(old) : keyspace.freshClock(), keyAt2 = args.at(k), valueAt = args.at(v), ref = strings.create(bytes, keyAt2, args.length(k), clock, expiryFlag, bytes, valueAt, args.length(v));
  expiryFlag !== 0 && entries.writeExpiry(ref, low, high), addOrReplace(c, k, old, ref);
}
function addOrReplace(c, k, old, ref) {
  old === 0 ? c.db.add(c.hashOf(k), ref) : c.db.replace(old, ref);
}
function storeString(c, k, v, old) {
  putString(c, k, v, old, 0, 0, 0), c.changed(k, EVENT_STRING, "set");
}
function storeVolatile(c, k, v, old, low, high) {
  putString(c, k, v, old, HAS_EXPIRY, low, high), c.changed(k, EVENT_STRING, "set"), c.event(k, EVENT_GENERIC, "expire");
}
function storeKeepingExpiry(c, k, v, old) {
  let { entries } = c.keyspace;
  if (old === 0 || !entries.hasExpiry(old)) {
    storeString(c, k, v, old);
    return;
  }
  let expiryMs = entries.expiryExact(old);
  putString(c, k, v, old, HAS_EXPIRY, lowWordOfBigInt(expiryMs), highWordOfBigInt(expiryMs)), c.changed(k, EVENT_STRING, "set");
}
function deleteKey(c, k, ref) {
  c.db.removeEntry(ref), c.changed(k, EVENT_GENERIC, "del");
}
function replyString(c, ref) {
  if (ref === 0)
    return c.reply.null(), !0;
  if (!isString(c, ref)) return !1;
  let strings = c.keyspace.strings;
  return strings.locate(ref), c.reply.bulk(strings.bytes, strings.at, strings.length), !0;
}
function isString(c, ref) {
  return c.keyspace.entries.type(ref) === TYPE_STRING ? !0 : (c.reply.error(WRONG_TYPE), !1);
}
function stringBytesMax(c) {
  return Math.min(c.config.number("proto-max-bulk-len"), STRING_BYTES_MAX);
}

// src/commands/string_range.ts
var APPEND = command({
  name: "append",
  group: "string",
  since: "2.0.0",
  summary: "Adds bytes to the end of a string; a missing key starts out empty",
  complexity: "O(1) amortised",
  arity: 3,
  flags: 4101,
  keys: [key("RW INSERT", 1)],
  syntax: "key value",
  run: runAppend
});
function runAppend(c) {
  let args = c.args, strings = c.keyspace.strings, added = args.length(2), ref = c.lookupWrite(1), total = added;
  if (ref === 0)
    putString(c, 1, 2, 0, 0, 0, 0);
  else {
    if (!isString(c, ref)) return;
    let before = strings.byteLength(ref);
    if (total += before, total > stringBytesMax(c)) {
      c.reply.error(STRING_TOO_LONG);
      return;
    }
    let next = strings.resize(ref, total, 0);
    next !== ref && c.db.moved(next), copyBytes(args.bytes, args.at(2), strings.bytes, strings.at + before, added);
  }
  c.changed(1, EVENT_STRING, "append"), c.reply.integer(total);
}
var STRLEN = command({
  name: "strlen",
  group: "string",
  since: "2.2.0",
  summary: "Bytes in a string; 0 if the key is missing",
  complexity: "O(1)",
  arity: 2,
  flags: 4098,
  keys: [key("RO", 1)],
  syntax: "key",
  run: runStrlen
});
function runStrlen(c) {
  let ref = c.lookup(1);
  ref === 0 ? c.reply.integer(0) : isString(c, ref) && c.reply.integer(c.keyspace.strings.byteLength(ref));
}
var SETRANGE = command({
  name: "setrange",
  group: "string",
  since: "2.2.0",
  summary: "Overwrites part of a string from an offset, filling a gap with zero bytes",
  complexity: "O(1), O(M) in the bytes written when they are many",
  arity: 4,
  flags: 5,
  keys: [key("RW UPDATE", 1)],
  syntax: "key offset:integer value",
  run: runSetrange
});
function runSetrange(c) {
  let { args, reply } = c, offset = indexArgument(c, 2);
  if (Number.isNaN(offset)) return;
  if (offset < 0) {
    reply.error(OFFSET_OUT_OF_RANGE);
    return;
  }
  let ref = c.lookupWrite(1);
  if (ref !== 0 && !isString(c, ref)) return;
  let { strings } = c.keyspace, written = args.length(3), before = ref === 0 ? 0 : strings.byteLength(ref);
  if (written === 0) {
    reply.integer(before);
    return;
  }
  if (offset + written > stringBytesMax(c)) {
    reply.error(STRING_TOO_LONG);
    return;
  }
  let after2 = Math.max(before, offset + written);
  growString(c, 1, ref, after2, offset), copyBytes(args.bytes, args.at(3), strings.bytes, strings.at + offset, written), c.changed(1, EVENT_STRING, "setrange"), reply.integer(after2);
}
function growString(c, k, ref, length, zeroTo) {
  let { args, db, keyspace } = c, { strings } = keyspace;
  if (ref === 0) {
    let clock = keyspace.freshClock(), next = strings.createZeros(args.bytes, args.at(k), args.length(k), clock, length);
    db.add(c.hashOf(k), next), strings.locate(next);
  } else {
    let next = strings.resize(ref, length, zeroTo);
    next !== ref && db.moved(next);
  }
}
var GETRANGE = command({
  name: "getrange",
  group: "string",
  since: "2.4.0",
  summary: "Part of a string between two offsets, both included",
  complexity: "O(N) in the bytes returned",
  arity: 4,
  flags: 2,
  keys: [key("RO ACCESS", 1)],
  syntax: "key start:integer end:integer",
  run: runGetrange
});
function runGetrange(c) {
  replyRange(c);
}
var SUBSTR = command({
  name: "substr",
  group: "string",
  since: "1.0.0",
  summary: "Part of a string between two offsets, both included",
  complexity: "O(N) in the bytes returned",
  arity: 4,
  flags: 2,
  keys: [key("RO ACCESS", 1)],
  syntax: "key start:integer end:integer",
  docFlags: ["deprecated"],
  deprecatedSince: "2.0.0",
  replacedBy: "`GETRANGE`",
  run: runSubstr
});
function runSubstr(c) {
  replyRange(c);
}
function replyRange(c) {
  let start = indexArgument(c, 2);
  if (Number.isNaN(start)) return;
  let end = indexArgument(c, 3);
  if (Number.isNaN(end)) return;
  let ref = c.lookup(1);
  if (ref !== 0 && !isString(c, ref)) return;
  let strings = c.keyspace.strings, length = 0, first = 0;
  ref !== 0 && !isBackward(c, 2, start, end) && (strings.locate(ref), first = firstIndex(start, strings.length), length = lastIndex(end, strings.length) - first + 1), c.reply.bulk(strings.bytes, strings.at + first, Math.max(0, length));
}
function indexArgument(c, i) {
  let small = c.args.int(i);
  if (!Number.isNaN(small)) return small;
  let exact = c.args.int64(i);
  return exact !== null ? Number(exact) : (c.reply.error(NOT_AN_INTEGER), Number.NaN);
}
function isBackward(c, i, start, end) {
  return start >= 0 || end >= 0 ? !1 : start !== end ? start > end : start < Number.MIN_SAFE_INTEGER && c.args.int64(i) > c.args.int64(i + 1);
}
function firstIndex(index, length) {
  return index < 0 ? Math.max(0, length + index) : index;
}
function lastIndex(index, length) {
  return Math.min(firstIndex(index, length), length - 1);
}
var STRING_RANGE_COMMANDS = [APPEND, GETRANGE, SETRANGE, STRLEN, SUBSTR];

// src/commands/bitmap.ts
var BYTE = 0, BIT = 1, NO_UNIT = -1, GETBIT = command({
  name: "getbit",
  group: "bitmap",
  since: "2.2.0",
  summary: "One bit of a string by its offset",
  complexity: "O(1)",
  arity: 3,
  flags: 4098,
  keys: [key("RO ACCESS", 1)],
  syntax: "key offset:integer",
  run: runGetbit
});
function runGetbit(c) {
  let offset = bitOffset(c, c.args.int(2));
  if (Number.isNaN(offset)) return;
  let ref = c.lookup(1);
  ref !== 0 && !isString(c, ref) || c.reply.integer(ref === 0 ? 0 : bitAt(c, ref, offset));
}
function bitAt(c, ref, offset) {
  let strings = c.keyspace.strings, byte = Math.floor(offset / 8);
  return strings.locate(ref), byte < strings.length ? strings.bytes[strings.at + byte] >>> 7 - (offset & 7) & 1 : 0;
}
function bitOffset(c, offset) {
  return offset >= 0 && Math.floor(offset / 8) < stringBytesMax(c) ? offset : (c.reply.error(INVALID_BIT_OFFSET), Number.NaN);
}
var SETBIT = command({
  name: "setbit",
  group: "bitmap",
  since: "2.2.0",
  summary: "Sets or clears one bit of a string and returns the old one; the string grows as needed",
  complexity: "O(1)",
  arity: 4,
  flags: 5,
  keys: [key("RW ACCESS UPDATE", 1)],
  syntax: "key offset:integer value:integer",
  run: runSetbit
});
function runSetbit(c) {
  let { args } = c, offset = bitOffset(c, args.int(2));
  if (Number.isNaN(offset)) return;
  let bit = args.int(3);
  if (bit !== 0 && bit !== 1) {
    c.reply.error(INVALID_BIT);
    return;
  }
  let ref = c.lookupWrite(1);
  if (ref !== 0 && !isString(c, ref)) return;
  let strings = c.keyspace.strings, before = ref === 0 ? -1 : strings.byteLength(ref), byte = Math.floor(offset / 8), length = Math.max(before, byte + 1);
  growString(c, 1, ref, length, length);
  let at = strings.at + byte, shift = 7 - (offset & 7), old = strings.bytes[at] >>> shift & 1;
  old !== bit && (strings.bytes[at] ^= 1 << shift), (old !== bit || length !== before) && c.changed(1, EVENT_STRING, "setbit"), c.reply.integer(old);
}
var BITCOUNT = command({
  name: "bitcount",
  group: "bitmap",
  since: "2.6.0",
  summary: "Number of bits set in a string or in a range of it",
  complexity: "O(N) in the bytes looked at",
  arity: -2,
  flags: 2,
  keys: [key("RO ACCESS", 1)],
  syntax: "key index=[start:integer end:integer index_unit=[BYTE | BIT]^7.0.0]",
  history: [["7.0.0", "Option BYTE or BIT."]],
  run: runBitcount
});
function runBitcount(c) {
  let { args, keyspace, reply } = c, ref = c.lookup(1);
  if (ref !== 0 && !isString(c, ref)) return;
  if (ref === 0) {
    reply.integer(0);
    return;
  }
  let { strings } = keyspace, first = 0, last = Number.MAX_SAFE_INTEGER, unit = BYTE;
  if (args.count > 2) {
    if (args.count > 5 || args.count === 3) {
      reply.error(SYNTAX);
      return;
    }
    if (first = indexArgument(c, 2), Number.isNaN(first) || (last = indexArgument(c, 3), Number.isNaN(last))) return;
    if (isBackward(c, 2, first, last)) {
      reply.integer(0);
      return;
    }
    if (unit = unitArgument(c, 4), unit === NO_UNIT) return;
  }
  let words2 = strings.locateWords(ref), size = unit === BIT ? strings.length * 8 : strings.length;
  first = firstIndex(first, size), last = lastIndex(last, size), first > last ? reply.integer(0) : reply.integer(
    countBitRange(strings.bytes, words2, strings.at, firstBit(first, unit), lastBit(last, unit))
  );
}
function unitArgument(c, i) {
  return i >= c.args.count || c.args.is(i, "byte") ? BYTE : c.args.is(i, "bit") ? BIT : (c.reply.error(SYNTAX), NO_UNIT);
}
function firstBit(index, unit) {
  return unit === BIT ? index : index * 8;
}
function lastBit(index, unit) {
  return unit === BIT ? index : index * 8 + 7;
}
var BITPOS = command({
  name: "bitpos",
  group: "bitmap",
  since: "2.8.7",
  summary: "Position of the first bit that is set or clear",
  complexity: "O(N) in the bytes looked at",
  arity: -3,
  flags: 2,
  keys: [key("RO ACCESS", 1)],
  syntax: "key bit:integer index=[start:integer end_index=[end:integer index_unit=[BYTE | BIT]^7.0.0]]",
  history: [["7.0.0", "Option BYTE or BIT."]],
  run: runBitpos
});
function runBitpos(c) {
  let { args, reply } = c, bit = indexArgument(c, 2);
  if (Number.isNaN(bit)) return;
  if (bit !== 0 && bit !== 1) {
    reply.error(BIT_NOT_0_OR_1);
    return;
  }
  let ref = c.lookup(1);
  if (ref !== 0 && !isString(c, ref)) return;
  if (ref === 0) {
    reply.integer(bit === 1 ? -1 : 0);
    return;
  }
  if (args.count > 6) {
    reply.error(SYNTAX);
    return;
  }
  let first = 0, last = Number.MAX_SAFE_INTEGER;
  if (args.count > 3 && (first = indexArgument(c, 3)), Number.isNaN(first)) return;
  let unit = unitArgument(c, 5);
  unit !== NO_UNIT && (args.count > 4 && (last = indexArgument(c, 4)), Number.isNaN(last) || replyPosition(c, ref, bit, first, last, unit));
}
function replyPosition(c, ref, bit, start, end, unit) {
  let { reply } = c, { strings } = c.keyspace, words2 = strings.locateWords(ref), size = unit === BIT ? strings.length * 8 : strings.length, first = firstIndex(start, size), last = lastIndex(end, size);
  if (first > last) {
    reply.integer(-1);
    return;
  }
  let found = findBit(strings.bytes, words2, strings.at, bit, firstBit(first, unit), lastBit(last, unit));
  reply.integer(found < 0 && bit === 0 && c.args.count <= 4 ? strings.length * 8 : found);
}
var BITMAP_COMMANDS = [BITCOUNT, BITPOS, GETBIT, SETBIT];

// src/commands/find_keys.ts
var UNRELIABLE = 1536;
function hasKeys(spec) {
  return spec.keys.some((key2) => (key2.flags & 256) === 0);
}
function findKeys(spec, words2, sink) {
  return spec.keys.some((key2) => key2.begin.type === "unknown" || (key2.flags & UNRELIABLE) !== 0) && spec.getKeys !== null ? spec.getKeys(words2, sink) : spec.keys.every((key2) => (key2.flags & 256) !== 0 || findBySpec(key2, words2, sink));
}
function findBySpec(spec, words2, sink) {
  let first = beginOf(spec, words2);
  if (first === 0) return !0;
  if (spec.find.type === "keynum") return findCounted(spec.find, spec.flags, first, words2, sink);
  if (spec.find.type !== "range") return !0;
  let { lastKey, step: step2, limit } = spec.find, last = first + lastKey;
  return lastKey < 0 && (last = limit <= 1 ? words2.count + lastKey : first + Math.floor((words2.count - first) / limit + lastKey)), emit(first, last, step2, spec.flags, words2, sink);
}
function beginOf(spec, words2) {
  let { begin: begin2 } = spec;
  if (begin2.type === "index") return begin2.index;
  if (begin2.type === "unknown") return 0;
  let forward = begin2.startFrom > 0, start = forward ? begin2.startFrom : words2.count + begin2.startFrom, wanted = begin2.keyword.toLowerCase();
  for (let i = start; i > 0 && i < words2.count; i += forward ? 1 : -1)
    if (words2.is(i, wanted)) return i + 1;
  return 0;
}
function findCounted(find, flags, begin2, words2, sink) {
  let countAt = begin2 + find.keyNumIndex;
  if (countAt >= words2.count) return !1;
  let count2 = words2.integer(countAt);
  if (!(count2 > 0)) return !1;
  let first = begin2 + find.firstKey;
  return emit(first, first + (count2 - 1) * find.step, find.step, flags, words2, sink);
}
function emit(first, last, step2, flags, words2, sink) {
  if (first >= words2.count || last >= words2.count || last < first) return !1;
  for (let i = first; i <= last; i += step2) sink(i, flags);
  return !0;
}
function setKeys(words2, sink) {
  let reads = some(words2, 3, ["get", "ifeq", "ifne", "ifdeq", "ifdne"]);
  return sink(1, reads ? 50 : 36), !0;
}
function delexKeys(words2, sink) {
  return sink(1, words2.count > 2 ? 146 : 136), !0;
}
function bitfieldKeys(words2, sink) {
  let operands = { get: 2, overflow: 1 }, at = 2;
  for (; at < words2.count; ) {
    let skip = after(words2, at, operands);
    if (skip === 0 || at + skip >= words2.count) break;
    at += 1 + skip;
  }
  return sink(1, at >= words2.count ? 17 : 50), !0;
}
function some(words2, from, options) {
  for (let at = from; at < words2.count; at++) if (options.some((option) => words2.is(at, option))) return !0;
  return !1;
}
function after(words2, at, operands) {
  for (let [option, count2] of Object.entries(operands)) if (words2.is(at, option)) return count2;
  return 0;
}

// src/commands/bitfield.ts
var GET = 0, SET = 1, INCRBY = 2, WRAP = 0, SATURATE = 1, FAIL = 2, SIGNED = 105, UNSIGNED = 117, HASH = 35, SMALL_OPERAND_MAX = 2 ** 50, NARROW_BITS_MAX = 32, BITFIELD = command({
  name: "bitfield",
  group: "bitmap",
  since: "3.2.0",
  summary: "Reads, writes and increments integers of any width within a string",
  complexity: "O(1) for each operation",
  arity: -2,
  flags: 5,
  keys: [key("RW ACCESS UPDATE VARIABLE_FLAGS", 1)],
  syntax: `key
    operation=[GET (encoding offset:integer) | write=([OVERFLOW (WRAP | SAT
      | FAIL)] write_operation=(SET (encoding offset:integer value:integer)
      | INCRBY (encoding offset:integer increment:integer)))]+`,
  getKeys: bitfieldKeys,
  run: runBitfield
});
function runBitfield(c) {
  let operations = parseOperations(c);
  operations !== null && runOperations(c, operations);
}
var BITFIELD_RO = command({
  name: "bitfield_ro",
  group: "bitmap",
  since: "6.0.0",
  summary: "Reads integers of any width within a string",
  complexity: "O(1) for each operation",
  arity: -2,
  flags: 4098,
  keys: [key("RO ACCESS", 1)],
  syntax: "key [GET (encoding offset:integer)++]",
  run: runBitfieldRo
});
function runBitfieldRo(c) {
  let operations = parseOperations(c);
  operations !== null && (operations.some(({ code }) => code !== GET) ? c.reply.error(BITFIELD_RO_WRITES) : runOperations(c, operations));
}
function parseOperations(c) {
  let { args } = c, operations = [], overflow = WRAP, i = 2;
  for (; i < args.count; ) {
    let left = args.count - i - 1;
    if (args.is(i, "overflow") && left >= 1) {
      if (overflow = overflowArgument(c, i + 1), overflow < 0) return null;
      i += 2;
      continue;
    }
    let code = codeArgument(c, i), words2 = code === GET ? 2 : 3;
    if (code < 0 || left < words2)
      return c.reply.error(SYNTAX), null;
    let operation = parseOperation(c, i, code, overflow);
    if (operation === null) return null;
    operations.push(operation), i += words2 + 1;
  }
  return operations;
}
function codeArgument({ args }, i) {
  return args.is(i, "get") ? GET : args.is(i, "set") ? SET : args.is(i, "incrby") ? INCRBY : -1;
}
function overflowArgument({ args, reply }, i) {
  return args.is(i, "wrap") ? WRAP : args.is(i, "sat") ? SATURATE : args.is(i, "fail") ? FAIL : (reply.error(INVALID_OVERFLOW_TYPE), -1);
}
function parseOperation(c, i, code, overflow) {
  let { args, reply } = c, kind = args.length(i + 1) > 0 ? args.bytes[args.at(i + 1)] : 0, signed = kind === SIGNED, bits = parseInt53(args.bytes, args.at(i + 1) + 1, args.length(i + 1) - 1);
  if (!signed && kind !== UNSIGNED || !(bits >= 1 && bits <= (signed ? 64 : 63)))
    return reply.error(INVALID_BITFIELD_TYPE), null;
  let offset = offsetArgument(c, i + 2, bits);
  if (Number.isNaN(offset)) return null;
  let small = code === GET ? 0 : args.int(i + 3), operand = Math.abs(small) <= SMALL_OPERAND_MAX ? small : args.int64(i + 3);
  return operand === null ? (reply.error(NOT_AN_INTEGER), null) : { code, signed, bits, offset, operand, overflow };
}
function offsetArgument(c, i, bits) {
  let { args } = c, at = args.at(i), hash2 = args.length(i) > 0 && args.bytes[at] === HASH ? 1 : 0, number = parseInt53(args.bytes, at + hash2, args.length(i) - hash2);
  return bitOffset(c, hash2 === 1 ? number * bits : number);
}
function runOperations(c, operations) {
  let { keyspace, reply } = c, { strings } = keyspace, end = 0;
  for (let { code, offset, bits } of operations) code !== GET && (end = Math.max(end, offset + bits));
  let ref = end === 0 ? c.lookup(1) : c.lookupWrite(1);
  if (ref !== 0 && !isString(c, ref)) return;
  let before = ref === 0 ? 0 : strings.byteLength(ref), after2 = Math.max(before, Math.ceil(end / 8));
  end > 0 ? growString(c, 1, ref, after2, after2) : ref !== 0 && strings.locate(ref), reply.array(operations.length);
  let changes = 0;
  for (let operation of operations) runOperation(c, operation, after2, after2 > before) && changes++;
  changes === 0 && after2 === before || (c.changed(1, EVENT_STRING, "setbit"), keyspace.dirty += Math.max(0, changes - 1));
}
function runOperation(c, operation, length, grown2) {
  let { operand, bits } = operation;
  return typeof operand == "number" && bits <= NARROW_BITS_MAX ? runNarrow(c, operation, operand, length, grown2) : runWide(c, operation, BigInt(operand), length, grown2);
}
function runNarrow(c, operation, operand, length, grown2) {
  let { code, signed, bits, offset, overflow } = operation, { reply } = c, { bytes, at } = c.keyspace.strings, range = 2 ** bits, max = (signed ? range / 2 : range) - 1, stored = readBits(bytes, at, length, offset, bits), old = stored > max ? stored - range : stored;
  if (code === GET)
    return reply.integer(old), !1;
  let value = code === SET ? operand : old + operand;
  if (value > max || value < max + 1 - range) {
    if (overflow === FAIL)
      return reply.null(), !1;
    let above = value > max || code === SET && !signed;
    overflow === SATURATE ? value = above ? max : max + 1 - range : value = wrap(value, range, max);
  }
  return reply.integer(code === SET ? old : value), value !== old && writeBits(bytes, at, offset, bits, value < 0 ? value + range : value), grown2 || value !== old;
}
function wrap(value, range, max) {
  let rest = (value % range + range) % range;
  return rest > max ? rest - range : rest;
}
function runWide(c, operation, operand, length, grown2) {
  let { code, signed, bits, offset, overflow } = operation, { reply } = c, { bytes, at } = c.keyspace.strings, cut = signed ? BigInt.asIntN : BigInt.asUintN, max = signed ? (1n << BigInt(bits - 1)) - 1n : (1n << BigInt(bits)) - 1n, min = signed ? -max - 1n : 0n, narrow = bits <= NARROW_BITS_MAX, stored = narrow ? BigInt(readBits(bytes, at, length, offset, bits)) : readWideBits(bytes, at, length, offset, bits), old = cut(bits, stored);
  if (code === GET)
    return reply.bigInteger(old), !1;
  let wanted = code === INCRBY ? old + operand : signed ? operand : BigInt.asUintN(64, operand), value = wanted;
  if (wanted > max || wanted < min) {
    if (overflow === FAIL)
      return reply.null(), !1;
    overflow === SATURATE ? value = wanted > max ? max : min : value = cut(bits, wanted);
  }
  reply.bigInteger(code === SET ? old : value);
  let next = BigInt.asUintN(bits, value);
  return narrow ? writeBits(bytes, at, offset, bits, Number(next)) : writeWideBits(bytes, at, offset, bits, next), grown2 || value !== old;
}
var BITFIELD_COMMANDS = [BITFIELD, BITFIELD_RO];

// src/types/bit_combine.ts
function copiedSource(bytes, at, length) {
  let words2 = new Uint32Array(Math.ceil(length / 4));
  return new Uint8Array(words2.buffer).set(bytes.subarray(at, at + length)), { words: words2, at: 0, length };
}
function combineBits(operation, sources, target, at, length) {
  let size = Math.min(2048, Math.ceil(length / 4)), result = new Uint32Array(size), piece = new Uint32Array(size), more = operation === 7 ? new Uint32Array(size) : piece, bytes = new Uint8Array(result.buffer);
  for (let done = 0; done < length; done += size * 4) {
    combineBlock(operation, sources, done / 4, result, piece, more);
    let count2 = Math.min(size * 4, length - done);
    target.set(count2 === bytes.length ? bytes : bytes.subarray(0, count2), at + done);
  }
}
function combineBlock(operation, sources, from, result, piece, more) {
  let setAside = operation === 4 || operation === 5 || operation === 6 ? 1 : 0;
  load(sources[setAside], from, result), operation === 7 && more.fill(0);
  for (let i = setAside + 1; i < sources.length; i++)
    load(sources[i], from, piece), operation === 0 ? and(result, piece) : operation === 2 ? xor(result, piece) : operation === 7 ? count(result, more, piece) : or(result, piece);
  setAside === 1 && load(sources[0], from, piece), operation === 3 ? not(result) : operation === 7 ? without(result, more) : operation === 6 ? and(result, piece) : operation === 5 ? without(result, piece) : operation === 4 && absent(result, piece);
}
function load(source, from, block) {
  let bytes = source.length - from * 4;
  if (bytes >= block.length * 4) {
    block.set(source.words.subarray(source.at + from, source.at + from + block.length));
    return;
  }
  let whole = bytes > 0 ? bytes >>> 2 : 0;
  block.set(source.words.subarray(source.at + from, source.at + from + whole)), block.fill(0, whole);
  let rest = bytes > 0 ? bytes & 3 : 0;
  rest > 0 && (block[whole] = source.words[source.at + from + whole] & (1 << 8 * rest) - 1);
}
function and(a, b) {
  for (let i = 0; i < a.length; i++) a[i] &= b[i];
}
function or(a, b) {
  for (let i = 0; i < a.length; i++) a[i] |= b[i];
}
function xor(a, b) {
  for (let i = 0; i < a.length; i++) a[i] ^= b[i];
}
function not(a) {
  for (let i = 0; i < a.length; i++) a[i] = ~a[i];
}
function without(a, b) {
  for (let i = 0; i < a.length; i++) a[i] &= ~b[i];
}
function absent(a, b) {
  for (let i = 0; i < a.length; i++) a[i] = b[i] & ~a[i];
}
function count(once, more, piece) {
  for (let i = 0; i < once.length; i++)
    more[i] |= once[i] & piece[i], once[i] |= piece[i];
}

// src/commands/bitop.ts
var OPERATIONS = [
  ["and", 0],
  ["or", 1],
  ["xor", 2],
  ["not", 3],
  ["diff", 4],
  ["diff1", 5],
  ["andor", 6],
  ["one", 7]
], NO_OPERATION = -1, TARGET = 2, FIRST_SOURCE = 3, NOTHING = { words: new Uint32Array(0), at: 0, length: 0 }, BITOP = command({
  name: "bitop",
  group: "bitmap",
  since: "2.6.0",
  summary: "Combines strings bit by bit into a destination",
  complexity: "O(N) in the bytes of the longest value",
  arity: -4,
  flags: 5,
  keys: [key("OW UPDATE", 2), keyRange("RO ACCESS", 3, -1)],
  syntax: "operation destkey:key key+",
  run: runBitop
});
function runBitop(c) {
  let operation = operationArgument(c);
  if (operation === NO_OPERATION) return;
  let sources = [];
  for (let i = FIRST_SOURCE; i < c.args.count; i++) {
    let ref = c.lookup(i);
    if (ref !== 0 && !isString(c, ref)) return;
    sources.push(ref === 0 ? NOTHING : sourceOf(c, ref));
  }
  let length = sources.reduce((longest, source) => Math.max(longest, source.length), 0);
  length > 0 ? storeCombined(c, operation, sources, length) : deleteTarget(c), c.reply.integer(length);
}
function operationArgument(c) {
  let { args, reply } = c, found = OPERATIONS.find(([name2]) => args.is(1, name2));
  if (found === void 0)
    return reply.error(SYNTAX), NO_OPERATION;
  let [name, operation] = found, count2 = args.count - FIRST_SOURCE;
  return operation === 3 && count2 !== 1 ? (reply.error(BITOP_NOT_OF_MANY), NO_OPERATION) : (operation === 4 || operation === 5 || operation === 6) && count2 < 2 ? (reply.error(bitopOfOne(name.toUpperCase())), NO_OPERATION) : operation;
}
function sourceOf(c, ref) {
  let { strings } = c.keyspace, words2 = strings.locateWords(ref), { bytes, at, length } = strings;
  return strings.isInt(ref) || at % 4 !== 0 ? copiedSource(bytes, at, length) : { words: words2, at: at / 4, length };
}
function storeCombined(c, operation, sources, length) {
  let { args, keyspace } = c, { strings } = keyspace, clock = keyspace.freshClock(), next = strings.createZeros(args.bytes, args.at(TARGET), args.length(TARGET), clock, length);
  combineBits(operation, sources, strings.bytes, strings.at, length), addOrReplace(c, TARGET, c.lookupWrite(TARGET), next), c.changed(TARGET, EVENT_STRING, "set");
}
function deleteTarget(c) {
  let ref = c.lookupWrite(TARGET);
  ref !== 0 && deleteKey(c, TARGET, ref);
}
var BITOP_COMMANDS = [BITOP];

// src/session/client.ts
var Client = class {
  lane;
  slot;
  generation;
  /** CLIENT ID. */
  id;
  dbIndex = 0;
  resp3 = !1;
  authenticated;
  user = "default";
  name = "";
  libName = "";
  libVersion = "";
  replyMode = 0;
  noEvict = !1;
  noTouch = !1;
  monitor = !1;
  /** Close as soon as the current reply is out; further commands of this client are dropped. */
  closing = !1;
  /** Queue of MULTI, or null outside of one. */
  queue = null;
  queuedBytes = 0;
  /** Flags of all queued commands together. */
  queuedFlags = 0;
  /** A command was refused while queueing: EXEC will abort. */
  queueFailed = !1;
  /** A watched key changed: EXEC will answer null. */
  watchFailed = !1;
  watched = [];
  /** The blocking command in progress. */
  wait = null;
  /** Commands that arrived while the client may not run any (CLIENT PAUSE, blocked); null when it may. */
  held = null;
  heldBytes = 0;
  /** Its socket is not read because too much is held. */
  unread = !1;
  /** Called when the connection is gone. */
  onClose = null;
  /** Name of the last command, for CLIENT LIST, where the native side cannot know it ('config|get'). */
  lastCommand = "";
  constructor(lane, slot, generation, id, authenticated) {
    this.lane = lane, this.slot = slot, this.generation = generation, this.id = id, this.authenticated = authenticated;
  }
  /** Puts what the client chose for itself back to the defaults, as RESET does; its library keeps its name. */
  resetOptions() {
    this.name = "", this.replyMode = 0, this.noEvict = !1, this.noTouch = !1;
  }
  /** Whether every command of this client must take the careful path. */
  get needsAttention() {
    return this.queue !== null || !this.authenticated || this.replyMode !== 0 || this.noTouch || this.closing || this.held !== null;
  }
};

// src/commands/client_filter.ts
var FLAGS = "OSMPxbtRBdcuAUreTN", TYPES = /* @__PURE__ */ new Map([
  ["normal", !0],
  ["pubsub", !1],
  ["slave", !1],
  ["replica", !1],
  ["master", !1],
  ["primary", !1]
]), MAKERS = {
  type: byType,
  user: byUser,
  addr: byText((view) => view.row.addr),
  laddr: byText((view) => view.row.laddr),
  ip: byText((view) => view.row.addr.slice(0, view.row.addr.lastIndexOf(":"))),
  name: byText((view) => view.name),
  "lib-name": byText((view) => view.libName),
  "lib-ver": byText((view) => view.libVersion),
  flags: byFlags,
  db: byDatabase,
  idle: byIdleTime
};
function filterOf(c, manyIds) {
  let { args } = c, filter = { tests: [], ids: null, skipsSelf: null };
  for (let i = 2; i < args.count; ) {
    let end = i + 1 < args.count ? addFilter(c, filter, i, manyIds) : SYNTAX;
    if (typeof end == "string")
      return c.reply.error(end), null;
    i = end;
  }
  return filter;
}
function addFilter(c, filter, i, manyIds) {
  let { args } = c, option = args.text(i).toLowerCase(), isTurned = option.startsWith("not-"), name = isTurned ? option.slice(4) : option;
  if (name === "id") return addIds(c, filter, i, manyIds, isTurned);
  if (option === "skipme") return addSkipme(c, filter, i);
  let maker = option === "maxage" ? byAge : Object.hasOwn(MAKERS, name) ? MAKERS[name] : void 0;
  if (maker === void 0) return SYNTAX;
  let test = maker(c, i + 1);
  return typeof test == "string" ? test : (filter.tests.push(isTurned ? (view) => !test(view) : test), i + 2);
}
function addIds({ args }, filter, i, many, isTurned) {
  let ids = [], at = i + 1;
  do {
    let id = args.int64(at);
    if (id === null) return many ? INVALID_CLIENT_ID : CLIENT_ID_NOT_POSITIVE;
    if (id < 1n && !many) return CLIENT_ID_NOT_POSITIVE;
    ids.push(id), at++;
  } while (many && at < args.count && !isOption(args.text(at)));
  let wanted = new Set(ids);
  return isTurned ? filter.tests.push((view) => !wanted.has(BigInt(view.row.id))) : (filter.ids = ids, filter.tests.push((view) => wanted.has(BigInt(view.row.id)))), at;
}
function isOption(word2) {
  let name = word2.toLowerCase().replace(/^not-/, "");
  return name === "id" || name === "skipme" || name === "maxage" || Object.hasOwn(MAKERS, name);
}
function addSkipme({ args }, filter, i) {
  if (args.is(i + 1, "yes")) filter.skipsSelf = !0;
  else if (args.is(i + 1, "no")) filter.skipsSelf = !1;
  else return SYNTAX;
  return i + 2;
}
function byText(field) {
  return ({ args }, i) => {
    let text2 = args.text(i);
    return (view) => field(view) === text2;
  };
}
function byType({ args }, i) {
  let isNormal = TYPES.get(args.text(i).toLowerCase());
  return isNormal === void 0 ? unknownClientType(args.text(i)) : () => isNormal;
}
function byUser({ args }, i) {
  let user = args.text(i);
  return user === DEFAULT_USER ? (view) => view.user === user : noSuchUser(user);
}
function byFlags({ args }, i) {
  let flags = [...args.text(i)], unknown = flags.filter((flag) => !FLAGS.includes(flag));
  return unknown.length > 0 ? unknownClientFlags(unknown.join("")) : (view) => flags.every((flag) => view.flags.includes(flag));
}
function byDatabase({ args }, i) {
  let index = args.int(i);
  return Number.isNaN(index) ? NOT_AN_INTEGER : (view) => view.db === index;
}
function byIdleTime({ args }, i) {
  let seconds = args.int64(i);
  return seconds === null ? NOT_AN_INTEGER : seconds < 1n ? NOT_POSITIVE : (view) => BigInt(view.row.idleSec) >= seconds;
}
function byAge({ args }, i) {
  let seconds = args.int64(i);
  return seconds === null ? MAXAGE_NOT_AN_INTEGER : seconds < 1n ? MAXAGE_NOT_POSITIVE : (view) => BigInt(view.row.ageSec) >= seconds;
}

// src/commands/client_view.ts
var RECORD_BYTES = 128, OBJECT_BYTES = 400;
function allViews(c) {
  let rows = c.server.clients.rows().filter((row) => !row.closed), selfId = c.server.currentRow().id;
  return rows.sort((a, b) => a.id - b.id).map((row) => viewOf(c, row, selfId));
}
function ownView(c) {
  let row = c.server.currentRow();
  return viewOf(c, row, row.id);
}
function viewOf(c, row, selfId) {
  let { clients } = c.server, client = clients.find(row), state = row.known ? clients.lanes[row.lane].state(row.slot) : 0;
  return {
    row,
    client,
    isSelf: row.id === selfId,
    db: state >>> 16,
    resp: (state & 2) !== 0 ? 3 : 2,
    user: client?.user ?? DEFAULT_USER,
    name: client?.name ?? "",
    libName: client?.libName ?? "",
    libVersion: client?.libVersion ?? "",
    flags: flagsOf2(row, client)
  };
}
function flagsOf2(row, client) {
  let flags = "";
  return client !== void 0 && (client.monitor && (flags += "O"), client.queue !== null && (flags += "x"), client.held !== null && (flags += "b"), client.watchFailed && (flags += "d"), client.closing && (flags += "c")), row.unix && (flags += "U"), client?.noEvict && (flags += "e"), client?.noTouch && (flags += "T"), flags === "" ? "N" : flags;
}
function lineOf(c, view) {
  let { row, client } = view, argumentBytes = argumentBytesOf(c, view), multiBytes = client?.queuedBytes ?? 0, heldBytes = client?.heldBytes ?? 0, totalBytes = RECORD_BYTES + (client === void 0 ? 0 : OBJECT_BYTES) + row.queryBytes + row.queryFreeBytes + row.outBytes + argumentBytes + multiBytes + heldBytes;
  return [
    ["id", row.id],
    ["addr", row.addr],
    ["laddr", row.laddr],
    ["fd", row.fd],
    ["name", view.name],
    ["age", row.ageSec],
    ["idle", row.idleSec],
    ["flags", view.flags],
    ["db", view.db],
    ["sub", 0],
    ["psub", 0],
    ["ssub", 0],
    ["multi", client?.queue?.length ?? -1],
    ["qbuf", row.queryBytes + heldBytes],
    ["qbuf-free", row.queryFreeBytes],
    ["argv-mem", argumentBytes],
    ["multi-mem", multiBytes],
    // Replies have no buffer of their own connection: what a socket does not take at once is in oll and omem.
    ["rbs", 0],
    ["rbp", 0],
    ["obl", 0],
    ["oll", row.outBlocks],
    ["omem", row.outBytes],
    ["tot-mem", totalBytes],
    ["events", `${client?.unread ? "" : "r"}${row.outBytes > 0 ? "w" : ""}`],
    ["cmd", commandOf(c, view)],
    ["user", view.user],
    ["redir", -1],
    ["resp", view.resp],
    ["lib-name", view.libName],
    ["lib-ver", view.libVersion]
  ].map(([name, value]) => `${name}=${value}`).join(" ");
}
function argumentBytesOf(c, { client, isSelf }) {
  return isSelf ? c.args.totalBytes : client?.wait?.argumentBytes ?? client?.held?.[0]?.bytes.length ?? 0;
}
function commandOf(c, { client, isSelf, row }) {
  let { specs } = c.table;
  if (isSelf && !c.inTransaction) return specs[c.commandId].name;
  let id = client?.wait?.commandId ?? client?.held?.[0]?.id ?? row.lastCommand;
  if (id < 0) return "NULL";
  let { name } = specs[id], subcommand = specs[c.server.clients.lanes[row.lane].subcommand(row.slot)].name;
  return subcommand.startsWith(`${name}|`) ? subcommand : name;
}

// src/commands/client_list.ts
var CLIENT_INFO = command({
  name: "client|info",
  group: "connection",
  since: "6.2.0",
  summary: "One line about this connection",
  complexity: "O(1)",
  arity: 2,
  flags: 416,
  tips: ["nondeterministic_output"],
  help: ["INFO", "    One line about this connection."],
  run: runClientInfo
});
function runClientInfo(c) {
  c.reply.verbatim("txt", `${lineOf(c, ownView(c))}
`);
}
var CLIENT_LIST = command({
  name: "client|list",
  group: "connection",
  since: "2.4.0",
  summary: "One line about every connection",
  complexity: "O(N) in the number of connections",
  arity: -2,
  flags: 424,
  tips: ["nondeterministic_output"],
  syntax: "[TYPE (NORMAL | MASTER | REPLICA | PUBSUB)]^5.0.0 [id=ID (client-id:integer+)]^6.2.0",
  history: [
    ["2.8.12", "Field id."],
    ["5.0.0", "Filter TYPE."],
    ["6.0.0", "Field user."],
    ["6.2.0", "Filter ID; fields argv-mem, tot-mem, laddr and redir."],
    ["7.0.0", "Fields resp, multi-mem, rbs and rbp."],
    ["7.0.3", "Field ssub."],
    ["7.2.0", "Fields lib-name and lib-ver."]
  ],
  help: [
    "LIST [options ...]",
    "    One line about every connection. Options:",
    "    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)",
    "      only those of this type",
    "    * ID <client-id> [<client-id> ...]",
    "      only those with these ids"
  ],
  run: runClientList
});
function runClientList(c) {
  let filter = filterOf(c, !0);
  if (filter === null) return;
  let views = allViews(c).filter((view) => !(filter.skipsSelf && view.isSelf) && filter.tests.every((test) => test(view))), shown = filter.ids === null ? views : inOrder(views, filter.ids);
  c.reply.verbatim("txt", shown.map((view) => `${lineOf(c, view)}
`).join(""));
}
function inOrder(views, ids) {
  let byId = new Map(views.map((view) => [BigInt(view.row.id), view]));
  return ids.map((id) => byId.get(id)).filter((view) => view !== void 0);
}
var CLIENT_KILL = command({
  name: "client|kill",
  group: "connection",
  since: "2.4.0",
  summary: "Closes connections by address or by filters",
  complexity: "O(N) in the number of connections",
  arity: -3,
  flags: 424,
  syntax: `filter=("ip:port"!2.8.12 | new-format=([ID client-id:integer]^2.8.12
      | [normal_master_slave_pubsub=TYPE (NORMAL | MASTER^3.2.0 | SLAVE | REPLICA^5.0.0
      | PUBSUB)]^2.8.12 | [USER username] | [ADDR "ip:port"] | [LADDR "ip:port"]^6.2.0
      | [SKIPME "yes/no"] | [MAXAGE maxage:integer]^7.4.0)+)`,
  history: [
    ["2.8.12", "Filters as pairs of option and value."],
    ["2.8.12", "Option ID."],
    ["3.2.0", "Type master."],
    ["5.0.0", "Type replica; slave still means the same."],
    ["6.2.0", "Option LADDR."],
    ["7.4.0", "Option MAXAGE."]
  ],
  help: [
    "KILL <ip:port>",
    "    Close the connection from this address.",
    "KILL <option> <value> [<option> <value> [...]]",
    "    Close the connections that match every option:",
    "    * ADDR (<ip:port>|<unixsocket>:0)",
    "      made from this address",
    "    * LADDR (<ip:port>|<unixsocket>:0)",
    "      made to this address of the server",
    "    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)",
    "      of this type",
    "    * USER <username>",
    "      logged in as this user",
    "    * ID <client-id>",
    "      with this id",
    "    * MAXAGE <seconds>",
    "      at least this old",
    "    * SKIPME (YES|NO)",
    "      leaving out this connection (default: yes)"
  ],
  run: runClientKill
});
function runClientKill(c) {
  c.args.count === 3 ? killAddress(c) : killFiltered(c);
}
function killAddress(c) {
  let address = c.args.text(2), views = allViews(c).filter(({ row }) => row.addr === address);
  if (views.length === 0) {
    c.reply.error(NO_SUCH_CLIENT);
    return;
  }
  c.reply.ok();
  for (let view of views) close(c, view);
}
function killFiltered(c) {
  let filter = filterOf(c, !1);
  if (filter === null) return;
  let skipsSelf = filter.skipsSelf ?? !0, views = allViews(c).filter((view) => !(skipsSelf && view.isSelf) && filter.tests.every((test) => test(view)));
  c.reply.integer(views.length);
  for (let view of views) close(c, view);
}
function close(c, view) {
  view.isSelf ? c.server.closeAfterReply() : c.server.closeConnection(view.row);
}

// src/commands/integers.ts
var INT_MAX = 2147483647, INT_MIN = -2147483648;
function int32Or(c, i, text2) {
  let value = c.args.int64(i);
  return value === null ? refuse(c, text2 ?? NOT_AN_INTEGER) : value > INT_MAX || value < INT_MIN ? refuse(c, text2 ?? outOfRange(INT_MIN, INT_MAX)) : Number(value);
}
function databaseOr(c, i, text2) {
  let index = int32Or(c, i, text2);
  return index < 0 || index >= c.keyspace.databaseCount ? refuse(c, DB_OUT_OF_RANGE) : index;
}
function timeoutMsOr(c, i) {
  let timeoutMs = c.args.int64(i);
  return timeoutMs === null ? refuse(c, TIMEOUT_NOT_AN_INTEGER) : timeoutMs < 0n ? refuse(c, TIMEOUT_NEGATIVE) : timeoutMs > Number.MAX_SAFE_INTEGER ? Number.POSITIVE_INFINITY : Number(timeoutMs);
}
function refuse(c, text2) {
  return c.reply.error(text2), Number.NaN;
}

// src/commands/client_steer.ts
var CLIENT_PAUSE = command({
  name: "client|pause",
  group: "connection",
  since: "2.9.50",
  summary: "Holds back the commands of all clients, or only their writes, for a while",
  complexity: "O(1)",
  arity: -3,
  flags: 424,
  syntax: "timeout:integer mode=[WRITE | ALL]^6.2.0",
  history: [["6.2.0", "Modes WRITE and ALL."]],
  help: ["PAUSE <timeout> [WRITE|ALL]", "    Hold back writes, or all commands, for <timeout> milliseconds."],
  run: runClientPause
});
function runClientPause(c) {
  let { args, reply } = c;
  if (args.count > 4) {
    reply.error(subcommandSyntax(args.text(1), "client"));
    return;
  }
  let onlyWrites = args.count === 4 && args.is(3, "write");
  if (args.count === 4 && !onlyWrites && !args.is(3, "all")) {
    reply.error(PAUSE_MODE);
    return;
  }
  let forMs = timeoutMsOr(c, 2);
  Number.isNaN(forMs) || (c.server.pause.begin(onlyWrites ? 1 : 2, forMs), reply.ok());
}
var CLIENT_UNPAUSE = command({
  name: "client|unpause",
  group: "connection",
  since: "6.2.0",
  summary: "Ends CLIENT PAUSE",
  complexity: "O(N) in the clients held back",
  arity: 2,
  flags: 424,
  help: ["UNPAUSE", "    Let the commands go on that PAUSE holds back."],
  run: runClientUnpause
});
function runClientUnpause(c) {
  c.server.pause.end(), c.reply.ok();
}
var CLIENT_UNBLOCK = command({
  name: "client|unblock",
  group: "connection",
  since: "5.0.0",
  summary: "Ends the wait of a blocked client as if its time were up, or with an error",
  complexity: "O(log N) in the number of connections",
  arity: -3,
  flags: 424,
  syntax: "client-id:integer [TIMEOUT | ERROR]",
  help: ["UNBLOCK <clientid> [TIMEOUT|ERROR]", "    End the wait of a blocked client."],
  run: runClientUnblock
});
function runClientUnblock(c) {
  let { args, reply, server } = c;
  if (args.count > 4) {
    reply.error(subcommandSyntax(args.text(1), "client"));
    return;
  }
  let withError = args.count > 3 && args.is(3, "error");
  if (args.count > 3 && !withError && !args.is(3, "timeout")) {
    reply.error(UNBLOCK_REASON);
    return;
  }
  let id = args.int64(2);
  if (id === null) {
    reply.error(NOT_AN_INTEGER);
    return;
  }
  let client = blockedClient(c, id);
  client === void 0 ? reply.integer(0) : withError ? reply.flag(server.waiting.unblock(client, (to) => to.error(UNBLOCKED))) : reply.flag(server.waiting.timeOut(client));
}
function blockedClient({ server }, id) {
  for (let client of server.clients.known())
    if (client.wait !== null && BigInt(client.id) === id) return client;
}

// src/commands/client_tracking.ts
var CLIENT_CACHING = command({
  name: "client|caching",
  group: "connection",
  since: "6.0.0",
  summary: "Says whether the keys of the next command are tracked, in modes OPTIN and OPTOUT",
  complexity: "O(1)",
  arity: 3,
  flags: 416,
  syntax: "mode=(YES | NO)",
  help: ["CACHING (YES|NO)", "    Whether to track the keys of the next command, with OPTIN or OPTOUT."],
  run: runClientCaching
});
function runClientCaching(c) {
  c.reply.error(CACHING_WITHOUT_TRACKING);
}
var CLIENT_GETREDIR = command({
  name: "client|getredir",
  group: "connection",
  since: "6.0.0",
  summary: "Id of the client that receives the invalidations of this one; 0 none, -1 no tracking",
  complexity: "O(1)",
  arity: 2,
  flags: 416,
  help: ["GETREDIR", "    Id of the client to which tracking of this one is redirected."],
  run: runClientGetredir
});
function runClientGetredir(c) {
  c.reply.integer(-1);
}
var CLIENT_TRACKING = command({
  name: "client|tracking",
  group: "connection",
  since: "6.0.0",
  summary: "Turns on or off the tracking of keys for caches on the client side",
  complexity: "O(1) besides the prefixes given",
  arity: -3,
  flags: 416,
  syntax: `status=(ON | OFF) [REDIRECT client-id:integer] [PREFIX prefix++] [BCAST] [OPTIN] [OPTOUT]
    [NOLOOP]`,
  help: [
    "TRACKING (ON|OFF) [REDIRECT <id>] [BCAST] [PREFIX <prefix> [...]]",
    "         [OPTIN] [OPTOUT] [NOLOOP]",
    "    Tell this client when keys that it may have cached change."
  ],
  run: runClientTracking
});
function runClientTracking(c) {
  let { args, reply } = c, options = {
    redirect: 0n,
    hasPrefix: !1,
    bcast: !1,
    optin: !1,
    optout: !1
  }, refusal = readOptions(c, options);
  if (refusal === "" && args.is(2, "off")) {
    reply.ok();
    return;
  }
  refusal === "" && (refusal = args.is(2, "on") ? conflictOf(options) : SYNTAX), reply.error(refusal === "" ? TRACKING_UNAVAILABLE : refusal);
}
function readOptions(c, options) {
  let { args } = c;
  for (let i = 3; i < args.count; i++) {
    let hasValue = i + 1 < args.count;
    if (args.is(i, "bcast"))
      options.bcast = !0;
    else if (args.is(i, "optin"))
      options.optin = !0;
    else if (args.is(i, "optout"))
      options.optout = !0;
    else if (args.is(i, "prefix") && hasValue)
      options.hasPrefix = !0, i++;
    else if (args.is(i, "redirect") && hasValue) {
      let refusal = readRedirection(c, ++i, options);
      if (refusal !== "") return refusal;
    } else if (!args.is(i, "noloop"))
      return SYNTAX;
  }
  return "";
}
function readRedirection(c, i, options) {
  if (options.redirect !== 0n) return ONE_REDIRECTION;
  let id = c.args.int64(i);
  return id === null ? NOT_AN_INTEGER : (options.redirect = id, allViews(c).some(({ row }) => BigInt(row.id) === id) ? "" : NO_REDIRECTION_TARGET);
}
function conflictOf({ hasPrefix, bcast, optin, optout }) {
  return hasPrefix && !bcast ? PREFIX_WITHOUT_BCAST : bcast && (optin || optout) ? OPT_WITH_BCAST : optin && optout ? OPTIN_WITH_OPTOUT : "";
}
var CLIENT_TRACKINGINFO = command({
  name: "client|trackinginfo",
  group: "connection",
  since: "6.2.0",
  summary: "How tracking is set for the connection",
  complexity: "O(1)",
  arity: 2,
  flags: 416,
  help: ["TRACKINGINFO", "    How tracking is set for this connection."],
  run: runClientTrackinginfo
});
function runClientTrackinginfo({ reply }) {
  reply.map(3), reply.bulkText("flags"), reply.set(1), reply.bulkText("off"), reply.bulkText("redirect"), reply.integer(-1), reply.bulkText("prefixes"), reply.array(0);
}

// src/session/transaction.ts
function begin(client) {
  client.queue = [];
}
function enqueue(client, command2, flags) {
  client.queue.push(command2), client.queuedBytes += command2.bytes.length + (command2.pairs.length >> 1) * 8, client.queuedFlags |= flags;
}
function discard(client, watches) {
  client.queue = null, client.queuedBytes = 0, client.queuedFlags = 0, client.queueFailed = !1, forget(client, watches);
}
function forget(client, watches) {
  watches.unwatch(client), client.watchFailed = !1;
}

// src/commands/connection.ts
var PING = command({
  name: "ping",
  group: "connection",
  since: "1.0.0",
  summary: "Answers PONG, or the argument",
  complexity: "O(1)",
  arity: -1,
  flags: 4096,
  tips: ["request_policy:all_shards", "response_policy:all_succeeded"],
  syntax: "[message]",
  run: runPing
});
function runPing(c) {
  let { args, reply } = c;
  args.count === 1 ? reply.status("PONG") : args.count === 2 ? reply.bulk(args.bytes, args.at(1), args.length(1)) : reply.error(wrongArity("ping"));
}
var ECHO = command({
  name: "echo",
  group: "connection",
  since: "1.0.0",
  summary: "Returns its argument",
  complexity: "O(1)",
  arity: 2,
  flags: 4480,
  syntax: "message",
  run: runEcho
});
function runEcho({ args, reply }) {
  reply.bulk(args.bytes, args.at(1), args.length(1));
}
var SELECT = command({
  name: "select",
  group: "connection",
  since: "1.0.0",
  summary: "Chooses the database of the connection",
  complexity: "O(1)",
  arity: 2,
  flags: 4480,
  syntax: "index:integer",
  run: runSelect
});
function runSelect(c) {
  let index = databaseOr(c, 1);
  Number.isNaN(index) || (c.server.select(index), c.reply.ok());
}
var AUTH = command({
  name: "auth",
  group: "connection",
  since: "1.0.0",
  summary: "Proves who the client is",
  complexity: "O(N) in the passwords of the user",
  arity: -2,
  flags: 1061280,
  syntax: "[username]^6.0.0 password",
  history: [["6.0.0", "Takes a username."]],
  run: runAuth
});
function runAuth(c) {
  let { args, reply } = c;
  args.count > 3 ? reply.error(SYNTAX) : args.count === 2 && passwordOf(c) === "" ? reply.error(NO_PASSWORD_SET) : authenticate(c, args.count === 2 ? 0 : 1, args.count - 1) ? reply.ok() : reply.error(WRONG_PASSWORD);
}
function authenticate(c, userAt, passwordAt) {
  let user = userAt > 0 ? c.args.text(userAt) : DEFAULT_USER, password = passwordOf(c);
  return user !== DEFAULT_USER || password !== "" && !isPassword(c.args.view(passwordAt), password) ? (noteFailedLogin(c, user), !1) : (isAuthenticated(c) || c.server.authenticate(!0), !0);
}
function noteFailedLogin(c, username) {
  let refusal = { reason: "auth", context: c.inTransaction ? "multi" : "toplevel", object: c.args.text(0), username };
  c.server.aclLog.add(refusal, lineOf(c, ownView(c)), c.keyspace.nowMs, c.config.number("acllog-max-len"));
}
function passwordOf({ config }) {
  return config.value("requirepass") ?? "";
}
function isAuthenticated({ server }) {
  return server.knownClient()?.authenticated ?? !0;
}
var HELLO = command({
  name: "hello",
  group: "connection",
  since: "6.0.0",
  summary: "Chooses the protocol version, logs in if asked, and describes the server",
  complexity: "O(1)",
  arity: -1,
  flags: 1061280,
  syntax: "arguments=[protover:integer [AUTH (username password)] [SETNAME clientname]]",
  history: [["6.2.0", "Works without arguments."]],
  run: runHello
});
function runHello(c) {
  let { args, reply, server } = c, version = args.count > 1 ? args.int64(1) : 0n;
  if (version === null) {
    reply.error(PROTOCOL_NOT_AN_INTEGER);
    return;
  }
  if (args.count > 1 && version !== 2n && version !== 3n) {
    reply.error(UNKNOWN_PROTOCOL);
    return;
  }
  let refusal = helloOptions(c);
  if (refusal !== "") {
    reply.error(refusal);
    return;
  }
  version !== 0n && server.speak(version === 3n), reply.map(7), reply.bulkText("server"), reply.bulkText("redis"), reply.bulkText("version"), reply.bulkText(REDIS_VERSION), reply.bulkText("proto"), reply.integer(reply.resp3 ? 3 : 2), reply.bulkText("id"), reply.integer(server.currentRow().id), reply.bulkText("mode"), reply.bulkText("standalone"), reply.bulkText("role"), reply.bulkText("master"), reply.bulkText("modules"), reply.array(0);
}
function helloOptions(c) {
  let { args } = c;
  for (let i = 2; i < args.count; i++) {
    let more = args.count - 1 - i;
    if (args.is(i, "auth") && more >= 2) {
      if (!authenticate(c, i + 1, i + 2)) return WRONG_PASSWORD;
      i += 2;
    } else if (args.is(i, "setname") && more >= 1) {
      if (!setClientName(c, i + 1)) return UNPRINTABLE_CLIENT_NAME;
      i++;
    } else
      return helloOption(args.text(i));
  }
  return isAuthenticated(c) ? "" : HELLO_WITHOUT_AUTH;
}
function setClientName(c, i) {
  let name = c.args.text(i);
  return isPrintable(name) ? (c.client.name = name, !0) : !1;
}
function isPrintable(text2) {
  return /^[!-~]*$/.test(text2);
}
var RESET = command({
  name: "reset",
  group: "connection",
  since: "6.2.0",
  summary: "Puts the connection back to how it started",
  complexity: "O(1)",
  arity: 1,
  flags: 1061280,
  run: runReset
});
function runReset(c) {
  let { server } = c, client = server.knownClient();
  client !== void 0 && (discard(client, server.watches), server.monitors.remove(client), client.replyMode === 1 && server.unmute(), client.resetOptions(), client.authenticated && passwordOf(c) !== "" && server.authenticate(!1)), server.select(0), server.speak(!1), c.reply.status("RESET");
}
var QUIT = command({
  name: "quit",
  group: "connection",
  since: "1.0.0",
  summary: "Answers OK and closes the connection",
  complexity: "O(1)",
  arity: -1,
  flags: 1061280,
  run: runQuit
});
function runQuit(c) {
  c.reply.ok(), c.server.closeAfterReply();
}
var CONNECTION_COMMANDS = [AUTH, ECHO, HELLO, PING, QUIT, RESET, SELECT];

// src/commands/client.ts
var CLIENT_ID = command({
  name: "client|id",
  group: "connection",
  since: "5.0.0",
  summary: "Id of the connection",
  complexity: "O(1)",
  arity: 2,
  flags: 416,
  help: ["ID", "    Id of this connection."],
  run: runClientId
});
function runClientId(c) {
  c.reply.integer(c.server.knownClient()?.id ?? c.server.currentRow().id);
}
var CLIENT_GETNAME = command({
  name: "client|getname",
  group: "connection",
  since: "2.6.9",
  summary: "Name of the connection; null if it has none",
  complexity: "O(1)",
  arity: 2,
  flags: 416,
  help: ["GETNAME", "    Name of this connection."],
  run: runClientGetname
});
function runClientGetname(c) {
  let name = c.server.knownClient()?.name ?? "";
  name === "" ? c.reply.null() : c.reply.bulkText(name);
}
var CLIENT_SETNAME = command({
  name: "client|setname",
  group: "connection",
  since: "2.6.9",
  summary: "Names the connection",
  complexity: "O(1)",
  arity: 3,
  flags: 416,
  syntax: "connection-name",
  help: ["SETNAME <name>", "    Name this connection <name>."],
  run: runClientSetname
});
function runClientSetname(c) {
  setClientName(c, 2) ? c.reply.ok() : c.reply.error(UNPRINTABLE_CLIENT_NAME);
}
var CLIENT_SETINFO = command({
  name: "client|setinfo",
  group: "connection",
  since: "7.2.0",
  summary: "Stores name or version of the client library for CLIENT LIST",
  complexity: "O(1)",
  arity: 4,
  flags: 416,
  tips: ["request_policy:all_nodes", "response_policy:all_succeeded"],
  syntax: "attr=(LIB-NAME libname | LIB-VER libver)",
  help: [
    "SETINFO <option> <value>",
    "    Describe the client library. Options:",
    "    * LIB-NAME: its name",
    "    * LIB-VER: its version"
  ],
  run: runClientSetinfo
});
function runClientSetinfo(c) {
  let { args, reply } = c, isName = args.is(2, "lib-name"), text2 = args.text(3);
  !isName && !args.is(2, "lib-ver") ? reply.error(unrecognizedOption(args.text(2))) : isPrintable(text2) ? (isName ? c.client.libName = text2 : c.client.libVersion = text2, reply.ok()) : reply.error(unprintableAttribute(args.text(2)));
}
var CLIENT_REPLY = command({
  name: "client|reply",
  group: "connection",
  since: "3.2.0",
  summary: "Turns the replies of the connection on or off, or leaves out the next one",
  complexity: "O(1)",
  arity: 3,
  flags: 416,
  syntax: "(ON | OFF | SKIP)",
  help: ["REPLY (ON|OFF|SKIP)", "    Whether this connection receives replies."],
  run: runClientReply
});
function runClientReply(c) {
  let { args, client, reply } = c;
  args.is(2, "on") ? (client.replyMode = 0, c.server.unmute(), reply.ok()) : args.is(2, "off") ? client.replyMode = 1 : args.is(2, "skip") ? client.replyMode !== 1 && (client.replyMode = 2) : reply.error(SYNTAX), c.clientChanged();
}
var CLIENT_NO_EVICT = command({
  name: "client|no-evict",
  group: "connection",
  since: "7.0.0",
  summary: "Protects the connection from being closed to free memory",
  complexity: "O(1)",
  arity: 3,
  flags: 424,
  syntax: "enabled=(ON | OFF)",
  help: ["NO-EVICT (ON|OFF)", "    Keep this connection when clients are closed to free memory."],
  run: runClientNoEvict
});
function runClientNoEvict(c) {
  let on = switchOr(c);
  on !== null && (c.client.noEvict = on, c.reply.ok());
}
var CLIENT_NO_TOUCH = command({
  name: "client|no-touch",
  group: "connection",
  since: "7.2.0",
  summary: "Keeps the commands of the connection from marking keys as used",
  complexity: "O(1)",
  arity: 3,
  flags: 416,
  syntax: "enabled=(ON | OFF)",
  help: ["NO-TOUCH (ON|OFF)", "    Keep the commands of this connection from marking keys as used."],
  run: runClientNoTouch
});
function runClientNoTouch(c) {
  let on = switchOr(c);
  on !== null && (c.client.noTouch = on, c.clientChanged(), c.reply.ok());
}
function switchOr({ args, reply }) {
  return args.is(2, "on") ? !0 : args.is(2, "off") ? !1 : (reply.error(SYNTAX), null);
}
var CLIENT = container(
  {
    name: "client",
    group: "connection",
    since: "2.4.0",
    summary: "Looks at connections and steers them",
    helpSince: "5.0.0"
  },
  [
    CLIENT_CACHING,
    CLIENT_GETNAME,
    CLIENT_GETREDIR,
    CLIENT_ID,
    CLIENT_INFO,
    CLIENT_KILL,
    CLIENT_LIST,
    CLIENT_NO_EVICT,
    CLIENT_NO_TOUCH,
    CLIENT_PAUSE,
    CLIENT_REPLY,
    CLIENT_SETINFO,
    CLIENT_SETNAME,
    CLIENT_TRACKING,
    CLIENT_TRACKINGINFO,
    CLIENT_UNBLOCK,
    CLIENT_UNPAUSE
  ]
), CLIENT_COMMANDS = [CLIENT];

// src/commands/cluster.ts
var ASKING = command({
  name: "asking",
  group: "cluster",
  since: "3.0.0",
  summary: "Lets the next command reach a slot that is being imported",
  complexity: "O(1)",
  arity: 1,
  flags: 4096,
  categories: AT_CONNECTION,
  run: refuse2
}), READONLY2 = command({
  name: "readonly",
  group: "cluster",
  since: "3.0.0",
  summary: "Allows reads from a replica of a cluster on this connection",
  complexity: "O(1)",
  arity: 1,
  flags: 4480,
  categories: AT_CONNECTION,
  run: refuse2
}), READWRITE = command({
  name: "readwrite",
  group: "cluster",
  since: "3.0.0",
  summary: "Ends what READONLY began",
  complexity: "O(1)",
  arity: 1,
  flags: 4480,
  categories: AT_CONNECTION,
  run: refuse2
});
function refuse2(c) {
  c.reply.error(CLUSTER_DISABLED);
}
var CLUSTER_COMMANDS = [ASKING, READONLY2, READWRITE];

// src/base/glob.ts
function globMatch(pattern, patternOff, patternLen, text2, textOff, textLen, ignoreCase) {
  if (textLen === 0) return patternLen === 0;
  let patternEnd = patternOff + patternLen, textEnd = textOff + textLen, p = patternOff, t = textOff, afterStar = -1, starText = 0;
  for (; ; ) {
    if (p < patternEnd && pattern[p] === 42) {
      do
        p++;
      while (p < patternEnd && pattern[p] === 42);
      if (p === patternEnd) return !0;
      afterStar = p, starText = t;
    }
    let next = p < patternEnd ? matchOne(pattern, p, patternEnd, text2[t], ignoreCase) : -1;
    if (next >= 0) {
      if (p = next, ++t === textEnd) return onlyStars(pattern, p, patternEnd);
    } else {
      if (afterStar < 0 || ++starText === textEnd) return !1;
      p = afterStar, t = starText;
    }
  }
}
function globMatchString(pattern, text2, ignoreCase) {
  let p = Buffer.from(pattern, "latin1"), t = Buffer.from(text2, "latin1");
  return globMatch(p, 0, p.length, t, 0, t.length, ignoreCase);
}
function onlyStars(pattern, p, end) {
  for (; p < end && pattern[p] === 42; ) p++;
  return p === end;
}
function matchOne(pattern, p, end, byte, ignoreCase) {
  let first = pattern[p];
  return first === 63 ? p + 1 : first === 91 ? matchSet(pattern, p + 1, end, byte, ignoreCase) : (first === 92 && p + 1 < end && p++, equal(pattern[p], byte, ignoreCase) ? p + 1 : -1);
}
function matchSet(pattern, p, end, byte, ignoreCase) {
  let negated = p < end && pattern[p] === 94;
  negated && p++;
  let found = !1;
  for (; p < end && pattern[p] !== 93; )
    pattern[p] === 92 && p + 1 < end ? (pattern[p + 1] === byte && (found = !0), p += 2) : p + 2 < end && pattern[p + 1] === 45 ? (inRange(byte, pattern[p], pattern[p + 2], ignoreCase) && (found = !0), p += 3) : (equal(pattern[p], byte, ignoreCase) && (found = !0), p++);
  return found === negated ? -1 : p < end ? p + 1 : end;
}
function inRange(byte, one, other, ignoreCase) {
  let low = one << 24 >> 24, high = other << 24 >> 24, value = byte << 24 >> 24;
  if (low > high) {
    let swap = low;
    low = high, high = swap;
  }
  return ignoreCase && (low = toLower(low), high = toLower(high), value = toLower(value)), value >= low && value <= high;
}
function equal(a, b, ignoreCase) {
  return a === b || ignoreCase && toLower(a) === toLower(b);
}
function toLower(byte) {
  return byte >= 65 && byte <= 90 ? byte + 32 : byte;
}

// src/commands/syntax.ts
var TYPES2 = ["string", "integer", "double", "key", "pattern", "unix-time"], LEXEME = /\s*(?:([[\]()|])|(\+\+|\+)|([@^!])([\w.-]+)|([a-z][\w-]*=)|("[^"]*"|[^\s[\]()|+^!@]+))/y;
function parseSyntax(line, keySpecs) {
  let parser = new Parser(line, keySpecs), parts = parser.sequence();
  return parser.end(), parts;
}
var Parser = class {
  #line;
  #keySpecs;
  #position = 0;
  #keysSeen = 0;
  constructor(line, keySpecs) {
    this.#line = line, this.#keySpecs = keySpecs;
  }
  /** Arguments up to a closing bracket, a `|` or the end. */
  sequence() {
    let parts = [];
    for (let next = this.#peek(); next !== "" && !")]|".includes(next); next = this.#peek())
      parts.push(this.#argument());
    return parts;
  }
  end() {
    this.#peek() !== "" && this.#fail("something left over");
  }
  #argument() {
    let label = this.#match(5)?.slice(0, -1), argument = this.#bare(label);
    return label !== void 0 && (argument.name = label), this.#suffixes(argument), argument;
  }
  #bare(label) {
    let next = this.#peek();
    if (next === "(" || next === "[") return this.#bracket(label);
    let word2 = this.#match(6) ?? this.#fail("an argument expected");
    if (/^[a-z]|^".+"/.test(word2)) return this.#value(word2);
    let token = word2 === '""' ? "" : word2, argument = this.#introduced() ?? { ...blank(token.toLowerCase()), type: "pure-token" };
    return argument.token = token, argument;
  }
  /** The name or group that follows a token, if one does. */
  #introduced() {
    if (this.#peek() === "(") return this.#bracket(void 0);
    LEXEME.lastIndex = this.#position;
    let word2 = LEXEME.exec(this.#line)?.[6];
    return word2 === void 0 || !/^[a-z]|^".+"/.test(word2) ? null : (this.#position = LEXEME.lastIndex, this.#value(word2));
  }
  #value(word2) {
    if (word2.startsWith('"')) return blank(word2.slice(1, -1));
    let [name = "", given] = word2.split(":"), type3 = given ?? (name === "key" || name === "pattern" ? name : "string");
    TYPES2.includes(type3) || this.#fail(`no such type: ${type3}`);
    let argument = { ...blank(name), type: type3 };
    return type3 === "key" && (argument.keySpec = Math.min(this.#keysSeen++, this.#keySpecs - 1)), argument;
  }
  #bracket(label) {
    let optional = this.#match(1) === "[", choices = [this.sequence()];
    for (; this.#peek() === "|"; )
      this.#match(1), choices.push(this.sequence());
    this.#match(1) !== (optional ? "]" : ")") && this.#fail("bracket not closed"), choices.some((parts) => parts.length === 0) && this.#fail("an argument expected");
    let argument = this.#composite(choices, optional && label === void 0);
    return optional && (argument.optional = !0), argument;
  }
  #composite(choices, unwrap) {
    if (choices.length > 1)
      return joined(
        "oneof",
        choices.map((parts2) => parts2.length === 1 ? parts2[0] : joined("block", parts2))
      );
    let parts = choices[0];
    return unwrap && parts.length === 1 ? parts[0] : joined("block", parts);
  }
  #suffixes(argument) {
    for (; ; ) {
      let repeat = this.#match(2), mark = repeat ?? this.#match(3);
      if (mark === void 0) return;
      repeat !== void 0 && (argument.multiple = !0), mark === "++" && (argument.multipleToken = !0), mark === "@" && (argument.keySpec = this.#operand === "-" ? -1 : Number(this.#operand)), mark === "^" && (argument.since = this.#operand), mark === "!" && (argument.deprecatedSince = this.#operand);
    }
  }
  #operand = "";
  /** The next bracket or bar without taking it; '' at the end, ' ' before anything else. */
  #peek() {
    LEXEME.lastIndex = this.#position;
    let found = LEXEME.exec(this.#line);
    return found === null ? this.#line.slice(this.#position).trim() === "" ? "" : this.#fail("not understood") : found[1] ?? " ";
  }
  /** Takes the next lexeme if it is of this group of LEXEME. */
  #match(group) {
    LEXEME.lastIndex = this.#position;
    let found = LEXEME.exec(this.#line), text2 = found?.[group];
    if (text2 !== void 0)
      return this.#position = LEXEME.lastIndex, this.#operand = found?.[4] ?? "", text2;
  }
  #fail(reason) {
    throw new Error(`syntax line '${this.#line}' at ${this.#position}: ${reason}`);
  }
};
function joined(type3, parts) {
  return { ...blank(parts.map((part) => part.name).join("_")), type: type3, parts };
}
function blank(name) {
  return {
    name,
    type: "string",
    token: null,
    keySpec: -1,
    since: "",
    deprecatedSince: "",
    optional: !1,
    multiple: !1,
    multipleToken: !1,
    parts: []
  };
}

// src/commands/command_reply.ts
function replyInfo(reply, spec) {
  reply.array(10), reply.bulkText(spec.name), reply.integer(spec.arity), replyStatuses(reply, flagNames(spec.flags)), reply.integer(spec.range.first), reply.integer(spec.range.last), reply.integer(spec.range.step), replyStatuses(reply, categoryNames(spec.categories));
  let tips = spec.docs.tips ?? [];
  reply.set(tips.length);
  for (let tip of tips) reply.bulkText(tip);
  reply.set(spec.keys.length);
  for (let key2 of spec.keys) replyKeySpec(reply, key2);
  spec.subcommands.length === 0 ? reply.set(0) : reply.array(spec.subcommands.length);
  for (let subcommand of spec.subcommands) replyInfo(reply, subcommand);
}
function replyDocs(reply, spec) {
  let { docs } = spec, text2 = (name, value) => [name, () => reply.bulkText(value)], fields = [text2("summary", docs.summary), text2("since", docs.since), text2("group", docs.group)];
  spec.complexity !== "" && fields.push(text2("complexity", spec.complexity));
  let { docFlags, history, syntax } = docs;
  docFlags !== void 0 && fields.push(["doc_flags", () => replyStatuses(reply, docFlags)]), docs.deprecatedSince !== void 0 && fields.push(text2("deprecated_since", docs.deprecatedSince)), docs.replacedBy !== void 0 && fields.push(text2("replaced_by", docs.replacedBy)), history !== void 0 && fields.push(["history", () => replyHistory(reply, history)]), syntax !== void 0 && fields.push(["arguments", () => replyArguments(reply, parseSyntax(syntax, spec.keys.length))]), spec.subcommands.length > 0 && fields.push(["subcommands", () => replySubcommands(reply, spec)]), reply.bulkText(spec.name), replyFields(reply, fields);
}
function replyStatuses(reply, texts2) {
  reply.set(texts2.length);
  for (let text2 of texts2) reply.status(text2);
}
function replyFields(reply, fields) {
  reply.map(fields.length);
  for (let [name, write] of fields)
    reply.bulkText(name), write();
}
function replyKeySpec(reply, { flags, begin: begin2, find }) {
  replyFields(reply, [
    ["flags", () => replyStatuses(reply, keyFlagNames(flags))],
    ["begin_search", () => replyTyped(reply, begin2.type, beginFields(begin2))],
    ["find_keys", () => replyTyped(reply, find.type, findFields(find))]
  ]);
}
function replyTyped(reply, type3, spec) {
  replyFields(reply, [
    ["type", () => reply.bulkText(type3)],
    ["spec", () => replyRecord(reply, spec)]
  ]);
}
function replyRecord(reply, record) {
  let fields = Object.entries(record).map(([name, value]) => [name, () => typeof value == "number" ? reply.integer(value) : reply.bulkText(value)]);
  replyFields(reply, fields);
}
function beginFields(begin2) {
  return begin2.type === "index" ? { index: begin2.index } : begin2.type === "keyword" ? { keyword: begin2.keyword, startfrom: begin2.startFrom } : {};
}
function findFields(find) {
  return find.type === "range" ? { lastkey: find.lastKey, keystep: find.step, limit: find.limit } : find.type === "keynum" ? { keynumidx: find.keyNumIndex, firstkey: find.firstKey, keystep: find.step } : {};
}
function replyHistory(reply, history) {
  reply.set(history.length);
  for (let [version, change] of history)
    reply.array(2), reply.bulkText(version), reply.bulkText(change);
}
function replyArguments(reply, parts) {
  reply.array(parts.length);
  for (let part of parts) replyArgument(reply, part);
}
function replyArgument(reply, part) {
  let text2 = (name, value) => [name, () => reply.bulkText(value)], fields = [text2("name", part.name), text2("type", part.type)];
  part.keySpec >= 0 && fields.push(["key_spec_index", () => reply.integer(part.keySpec)]), part.token !== null && fields.push(text2("token", part.token)), part.since !== "" && fields.push(text2("since", part.since)), part.deprecatedSince !== "" && fields.push(text2("deprecated_since", part.deprecatedSince));
  let flags = [];
  part.optional && flags.push("optional"), part.multiple && flags.push("multiple"), part.multipleToken && flags.push("multiple_token"), flags.length > 0 && fields.push(["flags", () => replyStatuses(reply, flags)]), part.parts.length > 0 && fields.push(["arguments", () => replyArguments(reply, part.parts)]), replyFields(reply, fields);
}
function replySubcommands(reply, spec) {
  reply.map(spec.subcommands.length);
  for (let subcommand of spec.subcommands) replyDocs(reply, subcommand);
}

// src/commands/command.ts
var COMMAND_COUNT = command({
  name: "command|count",
  group: "server",
  since: "2.8.13",
  summary: "Number of commands",
  complexity: "O(1)",
  arity: 2,
  flags: 384,
  categories: AT_CONNECTION,
  help: ["COUNT", "    Number of commands of this server."],
  run: runCommandCount
});
function runCommandCount(c) {
  c.reply.integer(c.table.commands().length);
}
var COMMAND_LIST = command({
  name: "command|list",
  group: "server",
  since: "7.0.0",
  summary: "Names of all commands, or of those that a filter lets through",
  complexity: "O(N) in the number of commands",
  arity: -2,
  flags: 384,
  categories: AT_CONNECTION,
  tips: ["nondeterministic_output_order"],
  syntax: "[filterby=FILTERBY (MODULE module-name | ACLCAT category | PATTERN pattern)]",
  help: [
    "LIST [FILTERBY (MODULE <module-name>|ACLCAT <category>|PATTERN <pattern>)]",
    "    Names of the commands of this server."
  ],
  run: runCommandList
});
function runCommandList(c) {
  let { args } = c;
  if (args.count === 2) {
    replyNames(c, c.table.everything());
    return;
  }
  let filter = args.count === 5 && args.is(2, "filterby") ? filterOf2(c) : null;
  filter === null ? c.reply.error(SYNTAX) : replyNames(c, c.table.everything().filter(filter));
}
function filterOf2({ args }) {
  if (args.is(3, "module")) return () => !1;
  if (args.is(3, "aclcat")) {
    let category = categoryBit(args.text(4));
    return (spec) => (spec.categories & category) !== 0;
  }
  if (!args.is(3, "pattern")) return null;
  let pattern = args.view(4);
  return (spec) => {
    let name = fromLatin1(spec.name);
    return globMatch(pattern, 0, pattern.length, name, 0, name.length, !0);
  };
}
function replyNames(c, specs) {
  c.reply.array(specs.length);
  for (let spec of specs) c.reply.bulkText(spec.name);
}
var COMMAND_INFO = command({
  name: "command|info",
  group: "server",
  since: "2.8.13",
  summary: "Details of the named commands, or of all",
  complexity: "O(N) in the number of names",
  arity: -2,
  flags: 384,
  categories: AT_CONNECTION,
  tips: ["nondeterministic_output_order"],
  syntax: "[command-name+]",
  history: [["7.0.0", "Without names: all commands."]],
  help: ["INFO [<command-name> ...]", "    Details of the named commands, or of all."],
  run: runCommandInfo
});
function runCommandInfo(c) {
  if (c.args.count === 2) {
    runCommand(c);
    return;
  }
  c.reply.array(c.args.count - 2);
  for (let i = 2; i < c.args.count; i++) {
    let id = c.table.lookup(c.args.text(i));
    id < 0 ? c.reply.null() : replyInfo(c.reply, c.table.specs[id]);
  }
}
var COMMAND_DOCS = command({
  name: "command|docs",
  group: "server",
  since: "7.0.0",
  summary: "Documentation of the named commands, or of all",
  complexity: "O(N) in the number of names",
  arity: -2,
  flags: 384,
  categories: AT_CONNECTION,
  tips: ["nondeterministic_output_order"],
  syntax: "[command-name+]",
  help: ["DOCS [<command-name> ...]", "    Documentation of the named commands, or of all."],
  run: runCommandDocs
});
function runCommandDocs(c) {
  let { args, table } = c, named = Array.from({ length: args.count - 2 }, (_, i) => table.lookup(args.text(i + 2))), specs = args.count === 2 ? table.commands() : named.filter((id) => id >= 0).map((id) => table.specs[id]);
  c.reply.map(specs.length);
  for (let spec of specs) replyDocs(c.reply, spec);
}
var COMMAND_GETKEYS = command({
  name: "command|getkeys",
  group: "server",
  since: "2.8.13",
  summary: "Keys among the words of a whole command",
  complexity: "O(N) in the number of arguments",
  arity: -4,
  flags: 384,
  categories: AT_CONNECTION,
  help: ["GETKEYS <full-command>", "    Keys among the words of a whole command."],
  run: runCommandGetkeys
});
function runCommandGetkeys(c) {
  let keys = keysOfRest(c);
  if (keys !== null) {
    c.reply.array(keys.length);
    for (let [index] of keys) replyWord(c, index);
  }
}
var COMMAND_GETKEYSANDFLAGS = command({
  name: "command|getkeysandflags",
  group: "server",
  since: "7.0.0",
  summary: "Keys among the words of a whole command, and what it does with each",
  complexity: "O(N) in the number of arguments",
  arity: -4,
  flags: 384,
  categories: AT_CONNECTION,
  help: [
    "GETKEYSANDFLAGS <full-command>",
    "    Keys among the words of a whole command, and what it does with each."
  ],
  run: runCommandGetkeysandflags
});
function runCommandGetkeysandflags(c) {
  let keys = keysOfRest(c);
  if (keys !== null) {
    c.reply.array(keys.length);
    for (let [index, flags] of keys)
      c.reply.array(2), replyWord(c, index), replyStatuses(c.reply, keyFlagNames(flags));
  }
}
var REST = 2;
function replyWord({ args, reply }, index) {
  reply.bulk(args.bytes, args.at(REST + index), args.length(REST + index));
}
function keysOfRest(c) {
  let spec = commandOfRest(c), words2 = new ArgsFrom(c.args, REST);
  if (spec === null) return refuse3(c, INVALID_COMMAND);
  if (!hasKeys(spec)) return refuse3(c, COMMAND_WITHOUT_KEYS);
  if (!fits(spec.arity, words2.count)) return refuse3(c, INVALID_ARGUMENT_COUNT);
  let keys = [];
  return findKeys(spec, words2, (index, flags) => keys.push([index, flags])) && keys.length > 0 ? keys : (spec.flags & 32768) !== 0 ? [] : refuse3(c, INVALID_ARGUMENTS);
}
function commandOfRest({ args, table }) {
  let id = table.find(args.bytes, args.at(REST), args.length(REST));
  return id >= 0 && table.isContainer(id) && args.count > REST + 1 && (id = table.findSubcommand(id, args.bytes, args.at(REST + 1), args.length(REST + 1))), id < 0 ? null : table.specs[id];
}
function refuse3(c, text2) {
  return c.reply.error(text2), null;
}
function fits(arity, words2) {
  return arity > 0 ? words2 === arity : words2 >= -arity;
}
var ArgsFrom = class {
  count;
  #args;
  #first;
  constructor(args, first) {
    this.count = args.count - first, this.#args = args, this.#first = first;
  }
  is(index, lower) {
    return this.#args.is(this.#first + index, lower);
  }
  integer(index) {
    return this.#args.int(this.#first + index);
  }
}, COMMAND = container(
  {
    name: "command",
    group: "server",
    since: "2.8.13",
    summary: "Describes all commands",
    complexity: "O(N) in the number of commands",
    flags: 384,
    categories: AT_CONNECTION,
    tips: ["nondeterministic_output_order"],
    arity: -1,
    help: ["(no subcommand)", "    Details of all commands."],
    run: runCommand,
    helpSince: "5.0.0"
  },
  [COMMAND_COUNT, COMMAND_LIST, COMMAND_INFO, COMMAND_DOCS, COMMAND_GETKEYS, COMMAND_GETKEYSANDFLAGS]
);
function runCommand(c) {
  let specs = c.table.commands();
  c.reply.array(specs.length);
  for (let spec of specs) replyInfo(c.reply, spec);
}

// src/base/errno.ts
var texts = {
  EACCES: "Permission denied",
  EADDRINUSE: "Address already in use",
  EADDRNOTAVAIL: "Cannot assign requested address",
  EDQUOT: "Disk quota exceeded",
  EEXIST: "File exists",
  EFAULT: "Bad address",
  EFBIG: "File too large",
  EINVAL: "Invalid argument",
  EIO: "Input/output error",
  EISDIR: "Is a directory",
  ELOOP: "Too many levels of symbolic links",
  EMFILE: "Too many open files",
  ENAMETOOLONG: "File name too long",
  ENFILE: "Too many open files in system",
  ENOENT: "No such file or directory",
  ENOSPC: "No space left on device",
  ENOTDIR: "Not a directory",
  ENOTEMPTY: "Directory not empty",
  ENXIO: "No such device or address",
  EPERM: "Operation not permitted",
  EROFS: "Read-only file system",
  ETXTBSY: "Text file busy"
};
function errorText(error) {
  let { code = "", message = String(error) } = error;
  return texts[code] ?? message;
}

// src/commands/config_command.ts
var CONFIG_GET = command({
  name: "config|get",
  group: "server",
  since: "2.0.0",
  summary: "Parameters whose names match glob patterns, with their values",
  complexity: "O(N) in the number of parameters",
  arity: -3,
  flags: 424,
  syntax: "(parameter)+",
  history: [["7.0.0", "Takes several patterns."]],
  help: ["GET <pattern>", "    Parameters whose names match the glob-like <pattern>, with their values."],
  run: runConfigGet
});
function runConfigGet(c) {
  let { args, reply } = c, patterns = [];
  for (let i = 2; i < args.count; i++) patterns.push(args.text(i));
  let found = c.config.get(patterns);
  reply.map(found.length);
  for (let [name, text2] of found)
    reply.bulkText(name), reply.bulkText(text2);
}
var CONFIG_SET = command({
  name: "config|set",
  group: "server",
  since: "2.0.0",
  summary: "Changes parameters, all of them or none",
  complexity: "O(N) in the number of parameters",
  arity: -4,
  flags: 424,
  tips: ["request_policy:all_nodes", "response_policy:all_succeeded"],
  syntax: "(parameter value)+",
  history: [["7.0.0", "Takes several parameters."]],
  help: ["SET <directive> <value>", "    Change the parameter <directive> to <value>."],
  run: runConfigSet
});
function runConfigSet(c) {
  let { args } = c;
  if (args.count % 2 === 1) {
    c.reply.error(SYNTAX);
    return;
  }
  let pairs = [];
  for (let i = 2; i < args.count; i += 2) pairs.push([args.text(i), args.text(i + 1)]);
  let mayChangeProtected = c.server.admin.mayChangeProtectedSettings(), error = c.config.set(pairs, { mayChangeProtected, loading: !1 });
  error === null ? c.reply.ok() : c.reply.error(error);
}
var CONFIG_RESETSTAT = command({
  name: "config|resetstat",
  group: "server",
  since: "2.0.0",
  summary: "Puts the counters of INFO back to zero",
  complexity: "O(1)",
  arity: 2,
  flags: 424,
  help: ["RESETSTAT", "    Put the counters that INFO reports back to zero."],
  run: (c) => {
    c.server.admin.resetStatistics(), c.reply.ok();
  }
}), CONFIG_REWRITE = command({
  name: "config|rewrite",
  group: "server",
  since: "2.8.0",
  summary: "Writes the configuration in force into the configuration file",
  complexity: "O(1)",
  arity: 2,
  flags: 424,
  help: ["REWRITE", "    Write the configuration in force into its file."],
  run: runConfigRewrite
});
function runConfigRewrite(c) {
  if (c.config.path === null) {
    c.reply.error(NO_CONFIG_FILE);
    return;
  }
  let { admin } = c.server;
  try {
    admin.rewriteConfig(!1), admin.log.warning("CONFIG REWRITE executed with success."), c.reply.ok();
  } catch (error) {
    admin.log.warning(`CONFIG REWRITE failed: ${errorText(error)}`), c.reply.error(configRewriteFailed(errorText(error)));
  }
}
var CONFIG = container(
  {
    name: "config",
    group: "server",
    since: "2.0.0",
    summary: "Reads and changes the configuration",
    helpSince: "5.0.0"
  },
  [CONFIG_GET, CONFIG_SET, CONFIG_RESETSTAT, CONFIG_REWRITE]
), CONFIG_COMMANDS = [CONFIG];

// src/commands/database.ts
var FLUSHALL = command({
  name: "flushall",
  group: "server",
  since: "1.0.0",
  summary: "Deletes every key of every database",
  complexity: "O(N) in the keys of all databases",
  arity: -1,
  flags: 1,
  categories: AT_KEYSPACE | AT_DANGEROUS,
  tips: ["request_policy:all_shards", "response_policy:all_succeeded"],
  syntax: "async=[ASYNC^4.0.0 | SYNC^6.2.0]",
  history: [
    ["4.0.0", "Mode ASYNC."],
    ["6.2.0", "Mode SYNC."]
  ],
  run: runFlushall
});
function runFlushall(c) {
  let inSlices = slicesOr(c);
  if (inSlices === null) return;
  let { keyspace } = c, current = c.db.index;
  for (let index = 0; index < keyspace.databaseCount; index++)
    keyspace.dirty += keyspace.flush(index, inSlices);
  c.db = keyspace.db(current), c.reply.ok();
}
var FLUSHDB = command({
  name: "flushdb",
  group: "server",
  since: "1.0.0",
  summary: "Deletes every key of the database",
  complexity: "O(N) in the keys of the database",
  arity: -1,
  flags: 1,
  categories: AT_KEYSPACE | AT_DANGEROUS,
  tips: ["request_policy:all_shards", "response_policy:all_succeeded"],
  syntax: "async=[ASYNC^4.0.0 | SYNC^6.2.0]",
  history: [
    ["4.0.0", "Mode ASYNC."],
    ["6.2.0", "Mode SYNC."]
  ],
  run: runFlushdb
});
function runFlushdb(c) {
  let inSlices = slicesOr(c);
  if (inSlices === null) return;
  let { keyspace } = c, { index } = c.db;
  keyspace.dirty += keyspace.flush(index, inSlices), c.db = keyspace.db(index), c.reply.ok();
}
function slicesOr(c) {
  let { args } = c;
  return args.count === 1 ? c.config.boolean("lazyfree-lazy-user-flush") : args.count === 2 && args.is(1, "async") ? !0 : args.count === 2 && args.is(1, "sync") ? !1 : (c.reply.error(SYNTAX), null);
}
var SWAPDB = command({
  name: "swapdb",
  group: "server",
  since: "4.0.0",
  summary: "Exchanges two databases",
  complexity: "O(N) in the clients that watch or wait for keys of the two databases",
  arity: 3,
  flags: 4097,
  categories: AT_KEYSPACE | AT_DANGEROUS,
  syntax: "index1:integer index2:integer",
  run: runSwapdb
});
function runSwapdb(c) {
  let { keyspace } = c;
  if (Number.isNaN(int32Or(c, 1, INVALID_FIRST_DB)) || Number.isNaN(int32Or(c, 2, INVALID_SECOND_DB))) return;
  let first = databaseOr(c, 1);
  if (Number.isNaN(first)) return;
  let second = databaseOr(c, 2);
  if (Number.isNaN(second)) return;
  let { index } = c.db;
  first !== second && keyspace.swap(first, second), c.db = keyspace.db(index), keyspace.dirty++, c.reply.ok();
}
var DATABASE_COMMANDS = [FLUSHALL, FLUSHDB, SWAPDB];

// src/base/float_text.ts
var decimal = /^([+-]?)(?=\.?\d)(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?$/i, hexadecimal = /^([+-]?)0x(?=\.?[\da-f])([\da-f]*)(?:\.([\da-f]*))?(?:p([+-]?\d+))?$/i, infinity = /^([+-]?)inf(?:inity)?$/i;
function isDecimalText(text2) {
  return decimal.test(text2);
}
function readFloatText(text2) {
  let ten = decimal.exec(text2);
  if (ten !== null) {
    let fraction = ten[3] ?? "", exponent = boundedExponent(ten[4]) - fraction.length;
    return { negative: ten[1] === "-", mantissa: BigInt(ten[2] + fraction), base: 10, exponent };
  }
  let two2 = hexadecimal.exec(text2);
  if (two2 !== null) return readHexadecimal(two2[1] === "-", two2[2], two2[3] ?? "", boundedExponent(two2[4]));
  let endless = infinity.exec(text2);
  return endless === null ? null : { negative: endless[1] === "-", mantissa: null };
}
function boundedExponent(text2) {
  let value = Number(text2 ?? 0);
  return Math.max(-1e12, Math.min(1e12, value));
}
function readHexadecimal(negative, whole, fraction, power) {
  let digits = (whole + fraction).replace(/^0+/, ""), exponent = power - 4 * fraction.length, kept2 = digits;
  if (digits.length > 40) {
    let sticky = /[^0]/.test(digits.slice(40)) ? "1" : "0";
    kept2 = digits.slice(0, 40) + sticky, exponent += 4 * (digits.length - kept2.length);
  }
  return { negative, mantissa: BigInt(`0x${kept2 || "0"}`), base: 2, exponent };
}
function bitLength(n) {
  let hex = n.toString(16);
  return 4 * hex.length - Math.clz32(Number.parseInt(hex[0], 16)) + 28;
}
function roundBinary(mantissa, exponent, bits, exponentMin2) {
  let surplus = bitLength(mantissa) - bits, drop = Math.max(surplus, exponentMin2 - exponent);
  return drop <= 0 ? { mantissa, exponent } : drop > bits + surplus + 1 ? { mantissa: 0n, exponent: exponentMin2 } : { mantissa: shiftRightToEven(mantissa, BigInt(drop)), exponent: exponent + drop };
}
function shiftRightToEven(n, shift) {
  let quotient = n >> shift, rest = n - (quotient << shift), half = 1n << shift - 1n;
  return rest > half || rest === half && (quotient & 1n) === 1n ? quotient + 1n : quotient;
}

// src/base/double.ts
var textBytesMax = 1 << 20, powersOfTen = Array.from({ length: 16 }, (_, exponent) => +`1e${exponent}`);
function formatDouble(x) {
  return Number.isFinite(x) ? formatFinite(x) : Number.isNaN(x) ? "nan" : x > 0 ? "inf" : "-inf";
}
function formatFinite(x) {
  if (Number.isSafeInteger(x)) return Object.is(x, -0) ? "-0" : String(x);
  let text2 = Math.abs(x).toExponential(16), exponent = Number(text2.slice(19)), digits = text2[0] + text2.slice(2, 18), even = isTieRoundedUp(x, digits) ? `${digits.slice(0, 16)}2` : digits;
  return (x < 0 ? "-" : "") + layOut(even.replace(/0+$/, ""), exponent);
}
function layOut(digits, exponent) {
  if (exponent < -4 || exponent >= 17) {
    let size = Math.abs(exponent), tail = `e${exponent < 0 ? "-" : "+"}${size < 10 ? "0" : ""}${size}`;
    return digits.length === 1 ? digits + tail : `${digits[0]}.${digits.slice(1)}${tail}`;
  }
  if (exponent < 0) return `0.${"0".repeat(-exponent - 1)}${digits}`;
  let whole = exponent + 1;
  return digits.length <= whole ? digits.padEnd(whole, "0") : `${digits.slice(0, whole)}.${digits.slice(whole)}`;
}
function isTieRoundedUp(x, digits) {
  if (digits[16] !== "3" || Number.isInteger(x) || !Number.isInteger(x * 2 ** 25)) return !1;
  let exact = Math.abs(x).toExponential(50);
  return /^250+e/.test(exact.slice(17));
}
function parseDouble(u8, off, len) {
  let plain = parsePlain(u8, off, len);
  return Number.isNaN(plain) ? convert(textOf2(u8, off, len), !1) : plain;
}
function parseDoubleLoosely(u8, off, len) {
  let plain = parsePlain(u8, off, len);
  if (!Number.isNaN(plain)) return plain;
  let text2 = textOf2(u8, off, len).split("\0", 1)[0];
  return text2 === "" ? 0 : convert(text2.replace(/^[ \t-\r]+/, ""), !0);
}
function parsePlain(u8, off, len) {
  let end = off + len, negative = len > 1 && u8[off] === 45, value = 0, digits = 0, point = -1;
  for (let at = negative ? off + 1 : off; at < end; at++) {
    let digit = u8[at] - 48;
    if (digit >= 0 && digit <= 9) {
      if (++digits > 15) return NaN;
      value = value * 10 + digit;
    } else if (digit === -2 && point < 0) point = at;
    else return NaN;
  }
  return digits === 0 ? NaN : (point >= 0 && (value /= powersOfTen[end - point - 1]), negative ? -value : value);
}
function textOf2(u8, off, len) {
  return len > textBytesMax ? "-" : toLatin1(u8, off, len);
}
function convert(text2, loosely) {
  if (isDecimalText(text2)) {
    let value2 = Number(text2);
    return loosely || isInRange(value2, text2) ? value2 : NaN;
  }
  let parts = readFloatText(text2);
  if (parts === null) return NaN;
  let sign = parts.negative ? -1 : 1;
  if (parts.mantissa === null) return sign * (1 / 0);
  if (parts.mantissa === 0n) return sign * 0;
  let { mantissa, exponent } = roundBinary(parts.mantissa, parts.exponent, 53, -1074), value = Number(mantissa) * 2 ** exponent;
  return loosely || value !== 0 && value !== 1 / 0 ? sign * value : NaN;
}
function isInRange(value, text2) {
  return value === 0 ? !/^[^e]*[1-9]/i.test(text2) : Number.isFinite(value);
}

// src/base/quoted.ts
var escapes = { n: `
`, r: "\r", t: "	", b: "\b", a: "\x07" }, escapeLetters = {
  "\n": "n",
  "\r": "r",
  "	": "t",
  "\b": "b",
  "\x07": "a",
  '"': '"',
  "\\": "\\"
};
function isSpace(char) {
  return char === " " || char !== void 0 && char >= "	" && char <= "\r";
}
function trimLine(line) {
  let from = 0, end = line.length;
  for (; from < end && ` 	\r
`.includes(line[from]); ) from++;
  for (; end > from && ` 	\r
`.includes(line[end - 1]); ) end--;
  return line.slice(from, end);
}
function splitQuoted(line) {
  let words2 = [], end = line.indexOf("\0") < 0 ? line.length : line.indexOf("\0"), at = 0;
  for (; ; ) {
    for (; at < end && isSpace(line[at]); ) at++;
    if (at === end) return words2;
    let word2 = "";
    for (; at < end && !isSpace(line[at]); ) {
      let char = line[at];
      if (char !== '"' && char !== "'") {
        word2 += char, at++;
        continue;
      }
      let quoted = char === '"' ? readDouble(line, at + 1, end) : readSingle(line, at + 1, end);
      if (quoted === null || (word2 += quoted.text, at = quoted.after, at < end && !isSpace(line[at]))) return null;
    }
    words2.push(word2);
  }
}
function readDouble(line, at, end) {
  let text2 = "";
  for (; at < end; at++) {
    let char = line[at];
    if (char === '"') return { text: text2, after: at + 1 };
    if (char !== "\\" || at + 1 === end) {
      text2 += char;
      continue;
    }
    let hex = /^x([\da-f]{2})/i.exec(line.slice(at + 1, Math.min(end, at + 4)));
    if (hex !== null)
      text2 += String.fromCharCode(Number.parseInt(hex[1], 16)), at += 3;
    else {
      let letter = line[++at];
      text2 += escapes[letter] ?? letter;
    }
  }
  return null;
}
function readSingle(line, at, end) {
  let text2 = "";
  for (; at < end; at++) {
    let char = line[at];
    if (char === "'") return { text: text2, after: at + 1 };
    char === "\\" && line[at + 1] === "'" && at + 1 < end ? (text2 += "'", at++) : text2 += char;
  }
  return null;
}
function quote(text2) {
  let quoted = '"';
  for (let char of text2) {
    let letter = escapeLetters[char];
    letter !== void 0 ? quoted += `\\${letter}` : char >= " " && char <= "~" ? quoted += char : quoted += `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`;
  }
  return `${quoted}"`;
}

// src/config/reasons.ts
var WRONG_ARGUMENT_COUNT = "wrong number of arguments", BAD_DIRECTIVE = "Bad directive or wrong number of arguments", UNBALANCED_QUOTES = "Unbalanced quotes in configuration line";
var IMMUTABLE = "can't set immutable config", PROTECTED = "can't set protected config", DUPLICATE = "duplicate parameter", NOT_A_BOOL = "argument must be 'yes' or 'no'", NOT_AN_INTEGER2 = "argument couldn't be parsed into an integer", NOT_OCTAL = "argument couldn't be parsed as an octal number", NOT_MEMORY = "argument must be a memory value", NOT_MEMORY_OR_PERCENT = "argument must be a memory or percent value", BAD_SAVE = "Invalid save parameters", SAVE_AND_NOSAVE = "shutdown options SAVE and NOSAVE can't be used simultaneously", BUFFER_LIMIT_COUNT = "Wrong number of arguments in buffer limit configuration.", BUFFER_LIMIT_CLASS = "Invalid client class specified in buffer limit configuration.", BUFFER_LIMIT_NUMBER = "Error in hard, soft or soft_seconds setting in buffer limit configuration.", BAD_OOM_SCORES = "Invalid oom-score-adj-values, elements must be between -2000 and 2000.", BAD_PERCENTILES = "Invalid latency-tracking-info-percentiles parameters", PERCENTILES_RANGE = "latency-tracking-info-percentiles parameters should sit between [0.0,100.0]", BAD_EVENT_CLASS = "Invalid event class character. Use 'Ag$lshzxeKEtmdn'.", TOO_MANY_ADDRESSES = "Too many bind addresses specified.", BAD_MASTER_PORT = "Invalid master port", BAD_TITLE = "template format is invalid or contains unknown variables", HOSTNAME_TOO_LONG = "Hostnames must be less than 256 characters", BAD_HOSTNAME = "Hostnames may only contain alphanumeric characters, hyphens or dots", UNABLE_TO_LISTEN = "Unable to listen on this port. Check server logs.", UNABLE_TO_BIND = "Failed to bind to specified addresses.";
function tooManyClients(possible) {
  return `The operating system is not able to handle the specified number of clients, try with ${possible}`;
}
function notOneOf(words2) {
  return `argument(s) must be one of the following: ${words2.join(", ")}`;
}
function notBetween(min, max) {
  return `argument must be between ${min} and ${max} inclusive`;
}
function percentTooBig(max) {
  return `percentage argument must be less or equal to ${max}`;
}
function notAFilename(directive2, what) {
  return `${directive2} can't be a path, just a ${what}`;
}
function emptyFilename(directive2) {
  return `${directive2} can't be empty`;
}

// src/config/kind.ts
var Refused = class {
  reason;
  constructor(reason) {
    this.reason = reason;
  }
}, IMMUTABLE2 = 1, HIDDEN = 2, PROTECTED2 = 4, DENY_LOADING = 8, SENSITIVE = 16, VOLATILE = 32;
function oneLine(words2, now, initial) {
  return [{ words: words2, forced: now.text !== initial.text }];
}
function directive(kind, value, flags = 0, alias = "") {
  return { kind, initial: { value, text: kind.print(value) }, alias, flags };
}
var yes = { value: !0, text: "yes" }, no = { value: !1, text: "no" }, BoolKind = class {
  manyWords = !1;
  parse([word2 = ""]) {
    let lower = word2.toLowerCase();
    return lower === "yes" ? yes : lower === "no" ? no : new Refused(NOT_A_BOOL);
  }
  print(value) {
    return value ? "yes" : "no";
  }
  rewrite(now, initial) {
    return oneLine(now.text, now, initial);
  }
}, boolKind = new BoolKind();
function bool(initial, flags = 0, alias = "") {
  return directive(boolKind, initial, flags, alias);
}
var TextKind = class {
  manyWords = !1;
  #check;
  #emptyMeansUnset;
  /** `check` returns the reason against a text, or null. */
  constructor(emptyMeansUnset, check) {
    this.#emptyMeansUnset = emptyMeansUnset, this.#check = check;
  }
  parse([word2 = ""]) {
    let reason = this.#check(word2);
    return reason === null ? { value: word2, text: word2 } : new Refused(reason);
  }
  print(value) {
    return value;
  }
  rewrite(now, initial) {
    return now.text === "" && this.#emptyMeansUnset ? [] : oneLine(quote(now.text), now, initial);
  }
}, acceptAll = () => null, textKind = new TextKind(!1, acceptAll), optionalTextKind = new TextKind(!0, acceptAll);
function text(initial, flags = 0, alias = "") {
  return directive(textKind, initial, flags, alias);
}
function optionalText(flags = 0, alias = "") {
  return directive(optionalTextKind, "", flags, alias);
}
function checkedText(initial, check, flags = 0) {
  return directive(new TextKind(initial === "", check), initial, flags);
}
function isFilename(name, what = "filename") {
  return (text2) => /[/\\]|^\.\.?$/.test(text2) || [...text2].some((char) => char < " " || char === "\x7F") ? notAFilename(name, what) : null;
}
function isGivenFilename(name, what) {
  let check = isFilename(name, what);
  return (text2) => text2 === "" ? emptyFilename(name) : check(text2);
}
function isHostname(text2) {
  return text2.length >= 256 ? HOSTNAME_TOO_LONG : /^[a-zA-Z0-9.-]*$/.test(text2) ? null : BAD_HOSTNAME;
}
var WordKind = class {
  manyWords = !1;
  #words;
  #synonyms;
  constructor(words2, synonyms) {
    this.#words = words2, this.#synonyms = synonyms;
  }
  parse([word2 = ""]) {
    let lower = word2.toLowerCase(), found = this.#words.find((candidate) => candidate.toLowerCase() === lower);
    if (found === void 0) return new Refused(notOneOf(this.#words));
    let value = this.#synonyms[found] ?? found;
    return { value, text: value };
  }
  print(value) {
    return value;
  }
  rewrite(now, initial) {
    return oneLine(now.text, now, initial);
  }
};
function word(initial, words2, flags = 0, synonyms = {}) {
  return directive(new WordKind(words2, synonyms), initial, flags);
}
var WordsKind = class {
  manyWords = !0;
  #words;
  #check;
  constructor(words2, check) {
    this.#words = words2, this.#check = check;
  }
  parse(words2) {
    let given = new Set(words2.map((word2) => word2.toLowerCase())), value = this.#words.filter((word2) => given.delete(word2) && word2 !== this.#words[0]);
    if (given.size > 0 || words2.length === 0) return new Refused(notOneOf(this.#words));
    let reason = this.#check(value);
    return reason === null ? { value, text: this.print(value) } : new Refused(reason);
  }
  print(value) {
    return value.length === 0 ? this.#words[0] : value.join(" ");
  }
  rewrite(now, initial) {
    return oneLine(now.text, now, initial);
  }
};
function words(all, check = acceptAll, flags = 0) {
  return directive(new WordsKind(all, check), [], flags);
}

// src/config/number_kinds.ts
var INT_MIN2 = -2147483648, INT_MAX2 = 2147483647, UINT_MAX = 4294967295, LONG_MAX = 9223372036854775807n, ULONG_MAX = 18446744073709551615n, units = /* @__PURE__ */ new Map([
  ["", 1n],
  ["b", 1n],
  ["k", 1000n],
  ["kb", 1n << 10n],
  ["m", 1000000n],
  ["mb", 1n << 20n],
  ["g", 1000000000n],
  ["gb", 1n << 30n]
]), memoryDigitsMax = 127;
function parseMemory(text2) {
  let match = /^(\d*)([a-z]*)$/i.exec(text2), unit = match === null ? void 0 : units.get(match[2].toLowerCase());
  if (match === null || unit === void 0 || match[1].length > memoryDigitsMax) return null;
  let digits = BigInt(match[1]);
  return BigInt.asUintN(64, (digits > ULONG_MAX ? ULONG_MAX : digits) * unit);
}
function formatMemory(bytes) {
  for (let name of ["gb", "mb", "kb"]) {
    let unit = units.get(name);
    if (bytes !== 0n && bytes % unit === 0n) return `${bytes / unit}${name}`;
  }
  return bytes.toString();
}
function parseLoosely(text2, base) {
  if (text2 === "") return 0n;
  let match = (base === 10 ? /^[ \t-\r]*([-+]?)(\d+)$/ : /^[ \t-\r]*([-+]?)([0-7]+)$/).exec(text2);
  if (match === null) return null;
  let magnitude = BigInt(base === 10 ? match[2] : `0o${match[2]}`), value = match[1] === "-" ? -magnitude : magnitude;
  return value > LONG_MAX ? LONG_MAX : value < -LONG_MAX - 1n ? -LONG_MAX - 1n : value;
}
var NumberKind = class {
  manyWords = !1;
  base = 10;
  #min;
  #max;
  #adjust;
  constructor(min, max, adjust) {
    this.#min = min, this.#max = max, this.#adjust = adjust;
  }
  parse([word2 = ""]) {
    let n = this.read(word2);
    if (n instanceof Refused) return n;
    if (n < this.#min || n > this.#max)
      return new Refused(notBetween(this.show(BigInt(this.#min)), this.show(BigInt(this.#max))));
    let adjusted = this.#adjust(n);
    return { value: Number(adjusted), text: this.show(adjusted) };
  }
  print(value) {
    return Number.isSafeInteger(value) ? value.toString(this.base) : this.show(BigInt(value));
  }
  rewrite(now, initial) {
    return oneLine(this.shorten(now.text), now, initial);
  }
  show(n) {
    return n.toString(this.base);
  }
  shorten(text2) {
    return text2;
  }
}, IntegerKind = class extends NumberKind {
  read(word2) {
    return parseInt64(fromLatin1(word2), 0, word2.length) ?? new Refused(NOT_AN_INTEGER2);
  }
}, MemoryKind = class extends NumberKind {
  read(word2) {
    return parseMemory(word2) ?? new Refused(NOT_MEMORY);
  }
  shorten(text2) {
    return formatMemory(BigInt(text2));
  }
}, OctalKind = class extends NumberKind {
  base = 8;
  read(word2) {
    return parseLoosely(word2, 8) ?? new Refused(NOT_OCTAL);
  }
}, MemoryOrPercentKind = class {
  manyWords = !1;
  parse([word2 = ""]) {
    let percent = /^(0|[1-9]\d{0,17})%$/.exec(word2), bytes = percent === null ? parseMemory(word2) : BigInt(percent[1]);
    if (bytes === null) return new Refused(NOT_MEMORY_OR_PERCENT);
    if (percent === null)
      return bytes > LONG_MAX ? new Refused(notBetween("-100", LONG_MAX.toString())) : { value: Number(bytes), text: bytes.toString() };
    if (bytes > 100n) return new Refused(percentTooBig(100));
    let value = -Number(bytes) + 0;
    return { value, text: this.print(value) };
  }
  print(value) {
    return value < 0 ? `${-value}%` : String(value);
  }
  rewrite(now, initial) {
    let words2 = now.value < 0 ? now.text : formatMemory(BigInt(now.text));
    return oneLine(words2, now, initial);
  }
}, asGiven = (n) => n;
function integer(initial, min, max, flags = 0, alias = "", adjust = asGiven) {
  return directive(new IntegerKind(min, max, adjust), initial, flags, alias);
}
function memory(initial, min, max, flags = 0, alias = "", adjust = asGiven) {
  return directive(new MemoryKind(min, max, adjust), initial, flags, alias);
}
function memoryOrPercent(initial, flags = 0) {
  return directive(new MemoryOrPercentKind(), initial, flags);
}
function octal(initial, min, max, flags = 0) {
  return directive(new OctalKind(min, max, asGiven), initial, flags);
}

// src/commands/debug_tool.ts
function looseInt(c, i) {
  return Number.parseInt(c.args.text(i), 10) || 0;
}

// src/commands/debug_control.ts
var PACKED_BYTES_MAX = 2n ** 32n;
function runSleep(c) {
  let { args } = c, seconds = parseDoubleLoosely(args.bytes, args.at(2), args.length(2));
  seconds > 0 && c.keyspace.clock.sleep(seconds * 1e3), c.reply.ok();
}
function runSetActiveExpire(c) {
  c.server.admin.expiry.enabled = looseInt(c, 2) !== 0, c.reply.ok();
}
function runReload(c) {
  c.keyspace.keyCount === 0 ? c.reply.ok() : c.reply.error(RELOAD_UNAVAILABLE);
}
function runPackedThreshold(c) {
  let bytes = parseMemory(c.args.text(2));
  bytes === null || bytes > PACKED_BYTES_MAX ? c.reply.error(PACKED_THRESHOLD) : c.reply.ok();
}
function runReplybuffer(c) {
  let { args } = c;
  args.is(2, "resizing") ? c.reply.ok() : args.is(2, "peak-reset-time") ? (args.is(3, "never") || args.is(3, "reset") || !Number.isNaN(int32Or(c, 3))) && c.reply.ok() : c.reply.error(unknownSubcommandOrArity(args.text(1), "DEBUG"));
}
function runRewriteAll(c) {
  try {
    if (c.config.path === null) throw Object.assign(new Error("no configuration file"), { code: "EFAULT" });
    c.server.admin.rewriteConfig(!0), c.reply.ok();
  } catch (error) {
    c.reply.error(REWRITE_ALL_FAILED + errorText(error));
  }
}
function crashTool(name, help, reason) {
  return {
    name,
    words: [0, 0],
    help: [name.toUpperCase(), `    ${help}`],
    run: (c) => c.server.admin.crash(reason)
  };
}
var CONTROL_TOOLS = [
  crashTool("assert", "Crash as a failed assertion does.", "assertion failed: asked for by DEBUG ASSERT"),
  {
    name: "change-repl-id",
    words: [0, 0],
    help: ["CHANGE-REPL-ID", "    Take new replication ids."],
    run: (c) => {
      c.server.admin.changeReplicationId(), c.reply.ok();
    }
  },
  {
    name: "client-eviction",
    words: [0, 0],
    help: ["CLIENT-EVICTION", "    Clients by the memory they take (there is no eviction of clients yet)."],
    run: (c) => c.reply.error(CLIENT_EVICTION_DISABLED)
  },
  {
    name: "config-rewrite-force-all",
    words: [0, 0],
    help: [
      "CONFIG-REWRITE-FORCE-ALL",
      "    CONFIG REWRITE with all settings, also those that have their defaults."
    ],
    run: runRewriteAll
  },
  {
    name: "error",
    words: [1, 1],
    help: ["ERROR <string>", "    Reply with this error."],
    run: (c) => c.reply.error(c.args.text(2))
  },
  {
    name: "leak",
    words: [1, 1],
    help: ["LEAK <string>", "    Allocate as much memory as the string has and never free it."],
    run: (c) => {
      c.keyspace.arena.alloc(Math.max(1, c.args.length(2))), c.reply.ok();
    }
  },
  {
    name: "log",
    words: [1, 1],
    help: ["LOG <message>", "    Write <message> into the log."],
    run: (c) => {
      c.server.admin.log.warning(`DEBUG LOG: ${c.args.text(2)}`), c.reply.ok();
    }
  },
  crashTool("oom", "Crash as if there was no memory.", "out of memory: asked for by DEBUG OOM"),
  crashTool("panic", "Crash as for an internal error.", "panic: asked for by DEBUG PANIC"),
  {
    name: "pause-cron",
    words: [1, 1],
    help: ["PAUSE-CRON <0|1>", "    Stop (1) or resume (0) the periodic work."],
    run: (c) => {
      c.server.admin.pauseCron(looseInt(c, 2) !== 0), c.reply.ok();
    }
  },
  {
    name: "quicklist-packed-threshold",
    words: [1, 1],
    help: ["QUICKLIST-PACKED-THRESHOLD <size>", "    Accepted for tests; 0 is the default."],
    run: runPackedThreshold
  },
  {
    name: "reload",
    words: [0, Number.POSITIVE_INFINITY],
    help: ["RELOAD [option ...]", "    Save and load all data (only possible while there are none)."],
    run: runReload
  },
  {
    name: "replybuffer",
    words: [2, 2],
    help: [
      "REPLYBUFFER PEAK-RESET-TIME <NEVER|RESET|time>",
      "REPLYBUFFER RESIZING <0|1>",
      "    Accepted for tests."
    ],
    run: runReplybuffer
  },
  crashTool(
    "segfault",
    "Crash as for a bad access to memory.",
    "segmentation fault: asked for by DEBUG SEGFAULT"
  ),
  {
    name: "set-active-expire",
    words: [1, 1],
    help: [
      "SET-ACTIVE-EXPIRE <0|1>",
      "    0: expired keys stay until somebody asks for them. 1: they go by themselves."
    ],
    run: runSetActiveExpire
  },
  {
    name: "sleep",
    words: [1, 1],
    help: ["SLEEP <seconds>", "    Do nothing for <seconds>, which may have decimals."],
    run: runSleep
  }
];

// src/commands/debug_digest.ts
import { createHash as createHash2 } from "node:crypto";
var DIGEST_BYTES = 20, EXPIRES = Buffer.from("!!expire!!"), Digest = class {
  #bytes = Buffer.alloc(DIGEST_BYTES);
  /** Changes the digest by these bytes, whatever the order of such changes. */
  xor(bytes) {
    let hash2 = sha1(bytes);
    for (let i = 0; i < DIGEST_BYTES; i++) this.#bytes[i] ^= hash2[i];
  }
  /** Changes the digest by these bytes after everything before them. */
  mix(bytes) {
    this.xor(bytes), sha1(this.#bytes).copy(this.#bytes);
  }
  mixInt32(value) {
    let bytes = Buffer.alloc(4);
    bytes.writeInt32BE(value), this.mix(bytes);
  }
  get bytes() {
    return this.#bytes;
  }
  get hex() {
    return this.#bytes.toString("hex");
  }
};
function sha1(bytes) {
  return createHash2("sha1").update(bytes).digest();
}
function mixValue(digest2, { entries, strings }, ref) {
  digest2.mixInt32(entries.type(ref)), digest2.mix(strings.view(ref)), entries.hasExpiry(ref) && digest2.xor(EXPIRES);
}
function digestOfAll(keyspace) {
  let { entries } = keyspace, all = new Digest();
  for (let index = 0; index < keyspace.databaseCount; index++) {
    let db = keyspace.db(index);
    if (db.size === 0) continue;
    all.mixInt32(index);
    let cursor = 0;
    do
      cursor = db.walk(cursor, (ref) => {
        let one = new Digest(), at = entries.keyAt(ref);
        one.mix(entries.view(ref).subarray(at, at + entries.keyBytes(ref))), mixValue(one, keyspace, ref), all.xor(one.bytes);
      });
    while (cursor !== 0);
  }
  return all.hex;
}
var DIGEST_TOOLS = [
  {
    name: "digest",
    words: [0, 0],
    help: ["DIGEST", "    A hexadecimal number that is the same for the same data."],
    run: ({ keyspace, reply }) => reply.status(digestOfAll(keyspace))
  },
  {
    name: "digest-value",
    words: [0, Number.POSITIVE_INFINITY],
    help: [
      "DIGEST-VALUE <key> [<key> ...]",
      "    For each key a hexadecimal number that is the same for the same value."
    ],
    run: (c) => {
      let { args, keyspace, reply } = c;
      reply.array(args.count - 2);
      for (let i = 2; i < args.count; i++) {
        let digest2 = new Digest(), ref = c.peek(i);
        ref !== 0 && mixValue(digest2, keyspace, ref), reply.status(digest2.hex);
      }
    }
  }
];

// src/commands/debug_protocol.ts
var AFTER_ATTRIBUTE = "Some real reply following the attribute", AFTER_PUSH = "Some real reply following the push reply";
function replyThree(reply) {
  for (let i = 0; i < 3; i++) reply.integer(i);
}
var REPLIES = {
  string: (reply) => reply.bulkText("Hello World"),
  integer: (reply) => reply.integer(12345),
  double: (reply) => reply.doubleText("3.141"),
  bignum: (reply) => reply.bigNumber("1234567999999999999999999999999999999"),
  null: (reply) => reply.null(),
  array: (reply) => {
    reply.array(3), replyThree(reply);
  },
  set: (reply) => {
    reply.set(3), replyThree(reply);
  },
  map: (reply) => {
    reply.map(3);
    for (let i = 0; i < 3; i++)
      reply.integer(i), reply.boolean(i === 1);
  },
  attrib: (reply) => {
    reply.resp3 && (reply.attribute(1), reply.bulkText("key-popularity"), reply.array(2), reply.bulkText("key:123"), reply.integer(90)), reply.bulkText(AFTER_ATTRIBUTE);
  },
  push: (reply) => {
    if (!reply.resp3) {
      reply.error(RESP3_ONLY);
      return;
    }
    reply.push(2), reply.bulkText("server-cpu-usage"), reply.integer(42), reply.bulkText(AFTER_PUSH);
  },
  verbatim: (reply) => reply.verbatim("txt", `This is a verbatim
string`),
  true: (reply) => reply.boolean(!0),
  false: (reply) => reply.boolean(!1)
}, PROTOCOL_TOOL = {
  name: "protocol",
  words: [1, 1],
  help: [
    "PROTOCOL <type>",
    "    A reply of this type: string, integer, double, bignum, null, array, set, map,",
    "    attrib, push, verbatim, true or false."
  ],
  run: ({ args, reply }) => {
    let type3 = args.text(2).toLowerCase();
    Object.hasOwn(REPLIES, type3) ? REPLIES[type3](reply) : reply.error(UNKNOWN_PROTOCOL_TYPE);
  }
};

// src/types/names.ts
var TYPE_NAMES = ["string", "list", "set", "zset", "hash", "", "stream"], ENCODING_NAMES = [
  "raw",
  "int",
  "hashtable",
  "",
  "",
  "",
  "intset",
  "skiplist",
  "embstr",
  "quicklist",
  "stream",
  "listpack"
];

// src/commands/object.ts
var SHARED_REFERENCES = 2147483647, SHARED_INTEGERS = 1e4, OBJECT_ENCODING = command({
  name: "object|encoding",
  group: "generic",
  since: "2.2.3",
  summary: "Name of the encoding in which a value is stored",
  complexity: "O(1)",
  arity: 3,
  flags: 2,
  keys: [key("RO", 2)],
  tips: ["nondeterministic_output"],
  syntax: "key",
  help: ["ENCODING <key>", "    Encoding that stores the value of <key>."],
  run: runObjectEncoding
});
function runObjectEncoding(c) {
  let ref = c.peek(2);
  ref === 0 ? c.reply.null() : c.reply.bulkText(ENCODING_NAMES[c.keyspace.entries.encoding(ref)]);
}
var OBJECT_FREQ = command({
  name: "object|freq",
  group: "generic",
  since: "4.0.0",
  summary: "Logarithmic access frequency of a key, under an LFU policy",
  complexity: "O(1)",
  arity: 3,
  flags: 2,
  keys: [key("RO", 2)],
  tips: ["nondeterministic_output"],
  syntax: "key",
  help: ["FREQ <key>", "    How often <key> was used lately, on a logarithmic scale (LFU policies only)."],
  run: runObjectFreq
});
function runObjectFreq(c) {
  let { keyspace, reply } = c, ref = c.peek(2);
  ref === 0 ? reply.null() : keyspace.lfu ? reply.integer(decayedFrequency(keyspace, keyspace.entries.clock(ref))) : reply.error(FREQUENCY_WITHOUT_LFU);
}
var OBJECT_IDLETIME = command({
  name: "object|idletime",
  group: "generic",
  since: "2.2.3",
  summary: "Seconds since a key was last used, except under an LFU policy",
  complexity: "O(1)",
  arity: 3,
  flags: 2,
  keys: [key("RO", 2)],
  tips: ["nondeterministic_output"],
  syntax: "key",
  help: ["IDLETIME <key>", "    Seconds since <key> was last used."],
  run: runObjectIdletime
});
function runObjectIdletime(c) {
  let { keyspace, reply } = c, ref = c.peek(2);
  ref === 0 ? reply.null() : keyspace.lfu ? reply.error(IDLE_TIME_UNDER_LFU) : reply.integer(idleSeconds(keyspace, keyspace.entries.clock(ref)));
}
var OBJECT_REFCOUNT = command({
  name: "object|refcount",
  group: "generic",
  since: "2.2.3",
  summary: "Number of references to a value",
  complexity: "O(1)",
  arity: 3,
  flags: 2,
  keys: [key("RO", 2)],
  tips: ["nondeterministic_output"],
  syntax: "key",
  help: ["REFCOUNT <key>", "    How many references there are to the value of <key>."],
  run: runObjectRefcount
});
function runObjectRefcount(c) {
  let ref = c.peek(2);
  ref === 0 ? c.reply.null() : c.reply.integer(referenceCount(c, ref));
}
function referenceCount(c, ref) {
  return isSmallInteger(c, ref) ? SHARED_REFERENCES : 1;
}
function isSmallInteger({ keyspace }, ref) {
  let { entries, strings } = keyspace;
  if (entries.type(ref) !== TYPE_STRING || !strings.isInt(ref)) return !1;
  let value = strings.int53(ref);
  return value >= 0 && value < SHARED_INTEGERS;
}
var OBJECT = container(
  {
    name: "object",
    group: "generic",
    since: "2.2.3",
    summary: "Looks at how values are stored",
    helpSince: "6.2.0"
  },
  [OBJECT_ENCODING, OBJECT_FREQ, OBJECT_IDLETIME, OBJECT_REFCOUNT]
), OBJECT_COMMANDS = [OBJECT];

// src/commands/debug_values.ts
function entryOr(c) {
  let { args } = c, ref = c.db.live(args.bytes, args.at(2), args.length(2), c.hashOf(2));
  return ref === 0 && c.reply.error(NO_SUCH_KEY), ref;
}
function runObject(c) {
  let ref = entryOr(c);
  if (ref === 0) return;
  let { keyspace } = c, { entries } = keyspace, clock = entries.clock(ref);
  c.reply.status(
    `Value at:0x${(ref * 8).toString(16)} refcount:${referenceCount(c, ref)} encoding:${ENCODING_NAMES[entries.encoding(ref)]} serializedlength:${serializedBytes(c, ref)} lru:${clock} lru_seconds_idle:${idleSeconds(keyspace, clock)}`
  );
}
function serializedBytes({ keyspace: { strings } }, ref) {
  if (strings.isInt(ref)) {
    let value = strings.int53(ref);
    if (value >= -(2 ** 7) && value < 2 ** 7) return 2;
    if (value >= -(2 ** 15) && value < 2 ** 15) return 3;
    if (value >= -(2 ** 31) && value < 2 ** 31) return 5;
  }
  let length = strings.byteLength(ref);
  return length + (length < 2 ** 6 ? 1 : length < 2 ** 14 ? 2 : 5);
}
function runSdslen(c) {
  let ref = entryOr(c);
  if (ref === 0) return;
  let { arena, entries, strings } = c.keyspace;
  if (entries.type(ref) !== TYPE_STRING || strings.isInt(ref)) {
    c.reply.error(NOT_SDS);
    return;
  }
  let outsideBytes = strings.outsideBytes(ref), valueBytes = outsideBytes === 0 ? 0 : arena.usableBytes(outsideBytes);
  c.reply.status(
    `key_sds_len:${entries.keyBytes(ref)}, key_sds_avail:0, key_zmalloc: ${arena.usableBytes(entries.blockBytes(ref))}, val_sds_len:${strings.byteLength(ref)}, val_sds_avail:${Math.max(0, outsideBytes - strings.byteLength(ref))}, val_zmalloc: ${valueBytes}`
  );
}
function encodingTool(name, encoding, error, help) {
  return {
    name,
    words: [1, 1],
    help,
    run: (c) => {
      let ref = entryOr(c);
      ref !== 0 && c.keyspace.entries.encoding(ref) !== encoding && c.reply.error(error);
    }
  };
}
function runHtstats(c) {
  let index = int32Or(c, 2);
  Number.isNaN(index) || (index < 0 || index >= c.keyspace.databaseCount ? c.reply.error(DATABASE_OUT_OF_RANGE) : c.reply.verbatim("txt", tableText(c.keyspace.db(index))));
}
function tableText(db) {
  let fill = db.fill(), emptiest = Math.min(...fill.map(({ buckets, entries }) => entries / buckets)), fullest = Math.max(...fill.map(({ buckets, entries }) => entries / buckets)), lines = [
    "[Dictionary HT]",
    `table size: ${db.capacity}`,
    `number of elements: ${db.size}`,
    `segments: ${fill.length}`,
    `bytes: ${db.tableBytes}`
  ];
  if (fill.length > 0) {
    lines.push(`elements in a bucket: ${emptiest.toFixed(2)} to ${fullest.toFixed(2)} by segment`);
    let depths = fill.map(({ localDepth }) => localDepth);
    lines.push(`depth of segments: ${Math.min(...depths)} to ${Math.max(...depths)}`);
  }
  return lines.push("[Expires HT]", `number of elements: ${db.volatileCount} (marked in the table above)`, ""), lines.join(`
`);
}
function runPopulate(c) {
  let { args, db, keyspace } = c, count2 = positiveOr(c, 2), sizeBytes = args.count > 4 ? positiveOr(c, 4) : 0;
  if (Number.isNaN(count2) || Number.isNaN(sizeBytes)) return;
  let prefix = args.count > 3 ? args.text(3) : "key";
  for (let i = 0; i < count2; i++) {
    let key2 = Buffer.from(`${prefix}:${i}`, "latin1"), hash2 = keyspace.hash.hash(key2, 0, key2.length);
    if (db.live(key2, 0, key2.length, hash2) !== 0) continue;
    let text2 = Buffer.from(`value:${i}`, "latin1"), value = sizeBytes === 0 ? text2 : Buffer.alloc(sizeBytes);
    value !== text2 && text2.copy(value), db.add(
      hash2,
      keyspace.strings.create(key2, 0, key2.length, keyspace.freshClock(), 0, value, 0, value.length)
    );
  }
  c.reply.ok();
}
function positiveOr(c, i) {
  let value = c.args.int(i);
  return value >= 0 ? value : (c.reply.error(NOT_POSITIVE), Number.NaN);
}
var VALUE_TOOLS = [
  {
    name: "object",
    words: [1, 1],
    help: ["OBJECT <key>", "    How the value of <key> is stored."],
    run: runObject
  },
  {
    name: "sdslen",
    words: [1, 1],
    help: ["SDSLEN <key>", "    Lengths of <key> and its string, and the blocks that hold them."],
    run: runSdslen
  },
  encodingTool("listpack", ENC_LISTPACK, NOT_LISTPACK, [
    "LISTPACK <key>",
    "    The inside of a value with encoding listpack."
  ]),
  {
    ...encodingTool("quicklist", ENC_QUICKLIST, NOT_QUICKLIST, [
      "QUICKLIST <key> [<0|1>]",
      "    The inside of a value with encoding quicklist."
    ]),
    words: [1, 2]
  },
  {
    name: "htstats",
    words: [1, 2],
    help: ["HTSTATS <dbid>", "    Figures of the table of keys of a database."],
    run: runHtstats
  },
  encodingTool("htstats-key", ENC_HASHTABLE, NOT_A_HASH_TABLE, [
    "HTSTATS-KEY <key>",
    "    Figures of the table in the value of <key>."
  ]),
  {
    name: "populate",
    words: [1, 3],
    help: [
      "POPULATE <count> [<prefix>] [<size>]",
      "    Add <count> strings of <size> bytes under the keys <prefix>:0, <prefix>:1 \u2026",
      "    (default prefix: key) where there are none yet."
    ],
    run: runPopulate
  }
];

// src/commands/debug.ts
var DEBUG = command({
  name: "debug",
  group: "server",
  since: "1.0.0",
  summary: "Tools for tests and for finding faults",
  complexity: "That of the subcommand",
  arity: -2,
  flags: 65960,
  docFlags: ["syscmd"],
  run: runDebug
}), HELP = {
  name: "help",
  words: [0, 0],
  help: ["HELP", "    Print this text."],
  run: (c) => replyHelp(c, "debug", HELP_LINES)
}, TOOLS = [...CONTROL_TOOLS, ...DIGEST_TOOLS, ...VALUE_TOOLS, PROTOCOL_TOOL, HELP], BY_NAME = new Map(TOOLS.map((tool) => [tool.name, tool])), HELP_LINES = [...TOOLS].sort((a, b) => a === HELP ? 1 : b === HELP || a.name < b.name ? -1 : 1).flatMap(({ help }) => help);
function runDebug(c) {
  let { args } = c, given = args.text(1), tool = BY_NAME.get(given.toLowerCase()), words2 = args.count - 2;
  tool === void 0 || words2 < tool.words[0] || words2 > tool.words[1] ? c.reply.error(unknownSubcommandOrArity(given, "DEBUG")) : tool.run(c);
}
var DEBUG_COMMANDS = [DEBUG];

// src/commands/deadline.ts
function deadlineOf(c, i, unitMs, fromMs, positive) {
  let count2 = c.args.int(i), small = count2 * unitMs + fromMs;
  if (Number.isSafeInteger(small) && (count2 > 0 || !positive)) return small;
  let time = c.args.int64(i);
  if (time === null)
    return c.reply.error(NOT_AN_INTEGER), null;
  let timeMs = time * BigInt(unitMs), deadlineMs = timeMs + BigInt(fromMs);
  return (positive ? time <= 0n : timeMs < int64Min) || timeMs > int64Max || deadlineMs > int64Max ? (c.reply.error(invalidExpire(c.table.specs[c.commandId].name)), null) : deadlineMs;
}

// src/commands/expire.ts
var SECOND_MS = 1e3, NX = 1, XX = 2, GT = 4, LT = 8, CONDITIONS = [
  ["nx", NX],
  ["xx", XX],
  ["gt", GT],
  ["lt", LT]
], EXPIRE = command({
  name: "expire",
  group: "generic",
  since: "1.0.0",
  summary: "Lets a key expire after so many seconds",
  complexity: "O(1)",
  arity: -3,
  flags: 4097,
  keys: [key("RW UPDATE", 1)],
  syntax: "key seconds:integer condition=[NX | XX | GT | LT]^7.0.0",
  history: [["7.0.0", "Options NX, XX, GT and LT."]],
  run: runExpire
});
function runExpire(c) {
  expire(c, SECOND_MS, c.keyspace.nowMs);
}
var PEXPIRE = command({
  name: "pexpire",
  group: "generic",
  since: "2.6.0",
  summary: "Lets a key expire after so many milliseconds",
  complexity: "O(1)",
  arity: -3,
  flags: 4097,
  keys: [key("RW UPDATE", 1)],
  syntax: "key milliseconds:integer condition=[NX | XX | GT | LT]^7.0.0",
  history: [["7.0.0", "Options NX, XX, GT and LT."]],
  run: runPexpire
});
function runPexpire(c) {
  expire(c, 1, c.keyspace.nowMs);
}
var EXPIREAT = command({
  name: "expireat",
  group: "generic",
  since: "1.2.0",
  summary: "Lets a key expire at a Unix time in seconds",
  complexity: "O(1)",
  arity: -3,
  flags: 4097,
  keys: [key("RW UPDATE", 1)],
  syntax: "key unix-time-seconds:unix-time condition=[NX | XX | GT | LT]^7.0.0",
  history: [["7.0.0", "Options NX, XX, GT and LT."]],
  run: runExpireat
});
function runExpireat(c) {
  expire(c, SECOND_MS, 0);
}
var PEXPIREAT = command({
  name: "pexpireat",
  group: "generic",
  since: "2.6.0",
  summary: "Lets a key expire at a Unix time in milliseconds",
  complexity: "O(1)",
  arity: -3,
  flags: 4097,
  keys: [key("RW UPDATE", 1)],
  syntax: "key unix-time-milliseconds:unix-time condition=[NX | XX | GT | LT]^7.0.0",
  history: [["7.0.0", "Options NX, XX, GT and LT."]],
  run: runPexpireat
});
function runPexpireat(c) {
  expire(c, 1, 0);
}
function expire(c, unitMs, fromMs) {
  let { db, keyspace, reply } = c, condition = c.args.count > 3 ? conditionOf(c) : 0;
  if (condition < 0) return;
  let deadlineMs = deadlineOf(c, 2, unitMs, fromMs, !1);
  if (deadlineMs === null) return;
  let ref = c.lookupWrite(1);
  if (ref === 0 || condition !== 0 && !holds(c, ref, condition, deadlineMs)) {
    reply.integer(0);
    return;
  }
  deadlineMs <= keyspace.nowMs ? (db.removeEntry(ref), c.changed(1, EVENT_GENERIC, "del")) : (typeof deadlineMs == "number" ? db.setExpiry(ref, lowWord(deadlineMs), highWord(deadlineMs)) : db.setExpiry(ref, lowWordOfBigInt(deadlineMs), highWordOfBigInt(deadlineMs)), c.changed(1, EVENT_GENERIC, "expire")), reply.integer(1);
}
function conditionOf({ args, reply }) {
  let condition = 0;
  for (let i = 3; i < args.count; i++) {
    let found = CONDITIONS.find(([name]) => args.is(i, name));
    if (found === void 0)
      return reply.error(unsupportedOption(args.text(i))), -1;
    condition |= found[1];
  }
  return (condition & NX) !== 0 && condition !== NX ? (reply.error(NX_WITH_OTHERS), -1) : (condition & GT) !== 0 && (condition & LT) !== 0 ? (reply.error(GT_WITH_LT), -1) : condition;
}
function holds({ keyspace }, ref, condition, deadlineMs) {
  let { entries } = keyspace;
  if (!entries.hasExpiry(ref)) return (condition & (XX | GT)) === 0;
  if ((condition & NX) !== 0) return !1;
  let currentMs = entries.expiryExact(ref);
  return (condition & GT) !== 0 && deadlineMs <= currentMs ? !1 : (condition & LT) === 0 || deadlineMs < currentMs;
}
var TTL = command({
  name: "ttl",
  group: "generic",
  since: "1.0.0",
  summary: "Seconds until a key expires; -1 if never, -2 if there is no such key",
  complexity: "O(1)",
  arity: 2,
  flags: 4098,
  keys: [key("RO ACCESS", 1)],
  tips: ["nondeterministic_output"],
  syntax: "key",
  history: [["2.8.0", "A missing key is -2, not -1."]],
  run: runTtl
});
function runTtl(c) {
  replyExpiry(c, c.keyspace.nowMs, SECOND_MS);
}
var PTTL = command({
  name: "pttl",
  group: "generic",
  since: "2.6.0",
  summary: "Milliseconds until a key expires; -1 if never, -2 if there is no such key",
  complexity: "O(1)",
  arity: 2,
  flags: 4098,
  keys: [key("RO ACCESS", 1)],
  tips: ["nondeterministic_output"],
  syntax: "key",
  history: [["2.8.0", "A missing key is -2, not -1."]],
  run: runPttl
});
function runPttl(c) {
  replyExpiry(c, c.keyspace.nowMs, 1);
}
var EXPIRETIME = command({
  name: "expiretime",
  group: "generic",
  since: "7.0.0",
  summary: "Unix time in seconds at which a key expires",
  complexity: "O(1)",
  arity: 2,
  flags: 4098,
  keys: [key("RO ACCESS", 1)],
  syntax: "key",
  run: runExpiretime
});
function runExpiretime(c) {
  replyExpiry(c, 0, SECOND_MS);
}
var PEXPIRETIME = command({
  name: "pexpiretime",
  group: "generic",
  since: "7.0.0",
  summary: "Unix time in milliseconds at which a key expires",
  complexity: "O(1)",
  arity: 2,
  flags: 4098,
  keys: [key("RO ACCESS", 1)],
  syntax: "key",
  run: runPexpiretime
});
function runPexpiretime(c) {
  replyExpiry(c, 0, 1);
}
function replyExpiry(c, fromMs, unitMs) {
  let { entries } = c.keyspace, ref = c.peek(1);
  if (ref === 0 || !entries.hasExpiry(ref)) {
    c.reply.integer(ref === 0 ? -2 : -1);
    return;
  }
  let expiryMs = entries.expiry(ref);
  if (Number.isSafeInteger(expiryMs)) {
    let leftMs = Math.max(0, expiryMs - fromMs);
    c.reply.integer(unitMs === 1 ? leftMs : Math.floor((leftMs + unitMs / 2) / unitMs));
  } else {
    let leftMs = entries.expiryExact(ref) - BigInt(fromMs);
    c.reply.bigInteger(unitMs === 1 ? leftMs : (leftMs + BigInt(unitMs / 2)) / BigInt(unitMs));
  }
}
var PERSIST = command({
  name: "persist",
  group: "generic",
  since: "2.2.0",
  summary: "Removes the expiry of a key",
  complexity: "O(1)",
  arity: 2,
  flags: 4097,
  keys: [key("RW UPDATE", 1)],
  syntax: "key",
  run: runPersist
});
function runPersist(c) {
  let ref = c.lookupWrite(1);
  if (ref === 0 || !c.keyspace.entries.hasExpiry(ref)) {
    c.reply.integer(0);
    return;
  }
  c.db.clearExpiry(ref), c.changed(1, EVENT_GENERIC, "persist"), c.reply.integer(1);
}
var EXPIRE_COMMANDS = [
  EXPIRE,
  EXPIREAT,
  EXPIRETIME,
  PERSIST,
  PEXPIRE,
  PEXPIREAT,
  PEXPIRETIME,
  PTTL,
  TTL
];

// src/base/longdouble.ts
var mantissaBits = 64, exponentMin = -16445, exponentEnd = 16384, decimalsOfReplies = 17, longDoubleTextEnd = 5 * 1024, zero = { mantissa: 0n, exponent: 0 }, longDoubleMax = { mantissa: 2n ** 64n - 1n, exponent: exponentEnd - mantissaBits };
function parseLongDouble(text2) {
  if (text2.length >= longDoubleTextEnd) return null;
  let parts = readFloatText(text2);
  if (parts === null) return null;
  if (parts.mantissa === null) return { mantissa: parts.negative ? -1n : 1n, exponent: 1 / 0 };
  if (parts.mantissa === 0n) return zero;
  let magnitude = parts.base === 2 ? round(parts.mantissa, parts.exponent) : roundDecimal(parts);
  return magnitude.mantissa === 0n || !isFiniteLongDouble(magnitude) ? null : parts.negative ? { mantissa: -magnitude.mantissa, exponent: magnitude.exponent } : magnitude;
}
function roundDecimal(parts) {
  if (parts.exponent > exponentEnd) return round(1n, exponentEnd);
  if (parts.exponent < -3 * longDoubleTextEnd) return zero;
  if (parts.exponent >= 0) return round(parts.mantissa * 10n ** BigInt(parts.exponent), 0);
  let divisor = 10n ** BigInt(-parts.exponent), shift = Math.max(0, mantissaBits + 2 + bitLength(divisor) - bitLength(parts.mantissa)), dividend = parts.mantissa << BigInt(shift), quotient = dividend / divisor, sticky = quotient * divisor === dividend ? 0n : 1n;
  return round(quotient << 1n | sticky, -shift - 1);
}
function round(mantissa, exponent) {
  let rounded = roundBinary(mantissa, exponent, mantissaBits, exponentMin);
  return rounded.exponent + bitLength(rounded.mantissa) > exponentEnd ? { mantissa: 1n, exponent: 1 / 0 } : rounded;
}
function addLongDoubles(a, b) {
  if (!isFiniteLongDouble(a) || !isFiniteLongDouble(b)) return addInfinities(a, b);
  if (a.mantissa === 0n) return b;
  if (b.mantissa === 0n) return a;
  let exponent = Math.min(a.exponent, b.exponent), sum = (a.mantissa << BigInt(a.exponent - exponent)) + (b.mantissa << BigInt(b.exponent - exponent));
  if (sum === 0n) return zero;
  if (sum > 0n) return round(sum, exponent);
  let magnitude = round(-sum, exponent);
  return { mantissa: -magnitude.mantissa, exponent: magnitude.exponent };
}
function addInfinities(a, b) {
  return isFiniteLongDouble(a) ? b : isFiniteLongDouble(b) || a.mantissa === b.mantissa ? a : { mantissa: 0n, exponent: NaN };
}
function negateLongDouble(x) {
  return { mantissa: -x.mantissa, exponent: x.exponent };
}
function compareLongDoubles(a, b) {
  let signs = signOf(a.mantissa) - signOf(b.mantissa);
  if (signs !== 0 || a.mantissa === 0n) return signs;
  if (!isFiniteLongDouble(a) || !isFiniteLongDouble(b))
    return a.exponent === b.exponent ? 0 : isFiniteLongDouble(a) ? -signOf(b.mantissa) : signOf(a.mantissa);
  let exponent = Math.min(a.exponent, b.exponent);
  return signOf(
    (a.mantissa << BigInt(a.exponent - exponent)) - (b.mantissa << BigInt(b.exponent - exponent))
  );
}
function signOf(n) {
  return n > 0n ? 1 : n < 0n ? -1 : 0;
}
function isFiniteLongDouble(x) {
  return Number.isFinite(x.exponent);
}
function formatLongDouble(x) {
  let magnitude = x.mantissa < 0n ? -x.mantissa : x.mantissa, text2 = formatMagnitude(magnitude, x.exponent, decimalsOfReplies);
  return x.mantissa < 0n && text2 !== "0" ? `-${text2}` : text2;
}
function formatMagnitude(mantissa, exponent, decimals) {
  if (exponent >= 0) return (mantissa << BigInt(exponent)).toString();
  let digits = shiftRightToEven(mantissa * 10n ** BigInt(decimals), BigInt(-exponent)).toString().padStart(decimals + 1, "0"), whole = digits.slice(0, -decimals), fraction = digits.slice(-decimals).replace(/0+$/, "");
  return fraction === "" ? whole : `${whole}.${fraction}`;
}
function formatDoubleFixed(x, decimals) {
  if (x === 0) return "0";
  let view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, Math.abs(x));
  let bits = view.getBigUint64(0), exponent = Number(bits >> 52n), fraction = bits & 0xfffffffffffffn, mantissa = exponent === 0 ? fraction : fraction | 1n << 52n, text2 = formatMagnitude(mantissa, Math.max(exponent, 1) - 1075, decimals);
  return x < 0 && text2 !== "0" ? `-${text2}` : text2;
}

// src/commands/string_number.ts
var ZERO = { mantissa: 0n, exponent: 0 }, INCR = command({
  name: "incr",
  group: "string",
  since: "1.0.0",
  summary: "Raises the integer held by a key by one; a missing key counts as 0",
  complexity: "O(1)",
  arity: 2,
  flags: 4101,
  keys: [key("RW ACCESS UPDATE", 1)],
  syntax: "key",
  run: runIncr
});
function runIncr(c) {
  add(c, 1);
}
var DECR = command({
  name: "decr",
  group: "string",
  since: "1.0.0",
  summary: "Lowers the integer held by a key by one; a missing key counts as 0",
  complexity: "O(1)",
  arity: 2,
  flags: 4101,
  keys: [key("RW ACCESS UPDATE", 1)],
  syntax: "key",
  run: runDecr
});
function runDecr(c) {
  add(c, -1);
}
var INCRBY2 = command({
  name: "incrby",
  group: "string",
  since: "1.0.0",
  summary: "Raises the integer held by a key by the given amount; a missing key counts as 0",
  complexity: "O(1)",
  arity: 3,
  flags: 4101,
  keys: [key("RW ACCESS UPDATE", 1)],
  syntax: "key increment:integer",
  run: runIncrby
});
function runIncrby(c) {
  let by = c.args.int(2);
  if (!Number.isNaN(by)) {
    add(c, by);
    return;
  }
  let exact = c.args.int64(2);
  exact === null ? c.reply.error(NOT_AN_INTEGER) : addExact(c, c.lookupWrite(1), exact);
}
var DECRBY = command({
  name: "decrby",
  group: "string",
  since: "1.0.0",
  summary: "Lowers the integer held by a key by the given amount; a missing key counts as 0",
  complexity: "O(1)",
  arity: 3,
  flags: 4101,
  keys: [key("RW ACCESS UPDATE", 1)],
  syntax: "key decrement:integer",
  run: runDecrby
});
function runDecrby(c) {
  let by = c.args.int(2);
  if (!Number.isNaN(by)) {
    add(c, -by);
    return;
  }
  let exact = c.args.int64(2);
  exact === null ? c.reply.error(NOT_AN_INTEGER) : exact === int64Min ? c.reply.error(DECREMENT_OVERFLOW) : addExact(c, c.lookupWrite(1), -exact);
}
function add(c, by) {
  let strings = c.keyspace.strings, ref = c.lookupWrite(1);
  if (ref === 0) {
    let next = newInt(c);
    strings.writeInt53(next, by), c.db.add(c.hashOf(1), next);
  } else {
    if (!isString(c, ref)) return;
    let isInt = strings.isInt(ref), sum = (isInt ? strings.int53(ref) : textAsInt(c, ref)) + by;
    if (!Number.isSafeInteger(sum)) {
      addExact(c, ref, BigInt(by));
      return;
    }
    isInt ? strings.writeInt53(ref, sum) : c.db.moved(strings.assignInt53(ref, sum)), by = sum;
  }
  c.changed(1, EVENT_STRING, "incrby"), c.reply.integer(by);
}
function newInt(c) {
  let args = c.args;
  return c.keyspace.strings.createInt(args.bytes, args.at(1), args.length(1), c.keyspace.freshClock(), 0);
}
function textAsInt(c, ref) {
  let strings = c.keyspace.strings;
  return strings.locate(ref), parseInt53(strings.bytes, strings.at, strings.length);
}
function addExact(c, ref, by) {
  if (ref !== 0 && !isString(c, ref)) return;
  let old = ref === 0 ? 0n : integerOf(c, ref);
  if (old === null) {
    c.reply.error(NOT_AN_INTEGER);
    return;
  }
  let sum = old + by;
  if (sum > int64Max || sum < int64Min) {
    c.reply.error(OVERFLOW);
    return;
  }
  writeInteger(c, ref, sum), c.changed(1, EVENT_STRING, "incrby"), c.reply.bigInteger(sum);
}
function integerOf(c, ref) {
  let { strings } = c.keyspace;
  return strings.isInt(ref) ? strings.int64(ref) : (strings.locate(ref), parseInt64(strings.bytes, strings.at, strings.length));
}
function writeInteger(c, ref, value) {
  let { strings } = c.keyspace;
  if (ref === 0) {
    let added = newInt(c);
    return strings.writeInt64(added, value), c.db.add(c.hashOf(1), added), added;
  }
  let next = strings.assignInt64(ref, value);
  return c.db.moved(next), next;
}
var INCRBYFLOAT = command({
  name: "incrbyfloat",
  group: "string",
  since: "2.6.0",
  summary: "Adds a floating-point number to the one held by a key; a missing key counts as 0",
  complexity: "O(1)",
  arity: 3,
  flags: 4101,
  keys: [key("RW ACCESS UPDATE", 1)],
  syntax: "key increment:double",
  run: runIncrbyfloat
});
function runIncrbyfloat(c) {
  let ref = c.lookupWrite(1);
  if (ref !== 0 && !isString(c, ref)) return;
  let old = longDoubleOf(c, ref), by = longDoubleArgument(c, 2);
  if (old === null || by === null) {
    c.reply.error(NOT_A_FLOAT);
    return;
  }
  let sum = addLongDoubles(old, by);
  if (!isFiniteLongDouble(sum)) {
    c.reply.error(NAN_OR_INFINITY);
    return;
  }
  let text2 = formatLongDouble(sum);
  writeText(c, ref, text2), c.changed(1, EVENT_STRING, "incrbyfloat"), c.reply.bulkText(text2);
}
function longDoubleOf(c, ref) {
  if (ref === 0) return ZERO;
  let { strings } = c.keyspace;
  return strings.locate(ref), parseText(strings.bytes, strings.at, strings.length);
}
function longDoubleArgument(c, i) {
  let { args } = c;
  return parseText(args.bytes, args.at(i), args.length(i));
}
function parseText(bytes, at, length) {
  return length < longDoubleTextEnd ? parseLongDouble(toLatin1(bytes, at, length)) : null;
}
function writeText(c, ref, text2) {
  let { args, db, keyspace } = c, { strings } = keyspace, bytes = fromLatin1(text2);
  if (ref !== 0) {
    let moved = strings.assignText(ref, bytes, 0, bytes.length);
    return db.moved(moved), moved;
  }
  let clock = keyspace.freshClock(), next = strings.createText(args.bytes, args.at(1), args.length(1), clock, 0, bytes, 0, bytes.length);
  return db.add(c.hashOf(1), next), next;
}
var STRING_NUMBER_COMMANDS = [DECR, DECRBY, INCR, INCRBY2, INCRBYFLOAT];

// src/commands/string_set_options.ts
var NX2 = 1, XX2 = 2, IFEQ = 4, IFNE = 8, IFDEQ = 16, IFDNE = 32, GET_OLD = 64, KEEPTTL = 128, PERSIST2 = 256, EX = 512, PX = 1024, EXAT = 2048, PXAT = 4096, COMPARISONS = IFEQ | IFNE | IFDEQ | IFDNE, TIMES = EX | PX | EXAT | PXAT, CONDITIONS2 = NX2 | XX2 | COMPARISONS, LIFETIMES = TIMES | KEEPTTL | PERSIST2, WITH_OPERAND = COMPARISONS | TIMES, StringOptions = class {
  flags = 0;
  /** Argument with the operand of a comparison. */
  operandAt = 0;
  /** Argument with the time, for one of TIMES. */
  timeAt = 0;
  /** Words of the time in ms since 1970, once `resolveDeadline` has worked it out. */
  low = 0;
  high = 0;
  has(flags) {
    return (this.flags & flags) !== 0;
  }
};
function optionAt(args, i) {
  return args.is(i, "ex") ? EX : args.is(i, "px") ? PX : args.is(i, "nx") ? NX2 : args.is(i, "xx") ? XX2 : args.is(i, "get") ? GET_OLD : args.is(i, "keepttl") ? KEEPTTL : args.is(i, "exat") ? EXAT : args.is(i, "pxat") ? PXAT : args.is(i, "persist") ? PERSIST2 : comparisonAt(args, i);
}
function comparisonAt(args, i) {
  return args.is(i, "ifeq") ? IFEQ : args.is(i, "ifne") ? IFNE : args.is(i, "ifdeq") ? IFDEQ : args.is(i, "ifdne") ? IFDNE : 0;
}
function parseOptions(c, first, allowed) {
  let { args } = c, options = new StringOptions();
  for (let i = first; i < args.count; i++) {
    let option = optionAt(args, i) & allowed;
    if (option === 0 || excluded(options.flags, option)) return refuse4(c);
    if (options.flags |= option, (option & WITH_OPERAND) !== 0) {
      if (++i === args.count) return refuse4(c);
      (option & TIMES) !== 0 ? options.timeAt = i : options.operandAt = i;
    }
  }
  return options;
}
function excluded(before, option) {
  let group = (option & CONDITIONS2) !== 0 ? CONDITIONS2 : (option & LIFETIMES) !== 0 ? LIFETIMES : 0;
  return (before & group & ~option) !== 0;
}
function refuse4(c) {
  return c.reply.error(SYNTAX), null;
}
function resolveDeadline(c, options) {
  if (!options.has(TIMES)) return !0;
  let unitMs = options.has(EX | EXAT) ? 1e3 : 1, fromMs = options.has(EX | PX) ? c.keyspace.nowMs : 0, deadlineMs = deadlineOf(c, options.timeAt, unitMs, fromMs, !0);
  return deadlineMs === null ? !1 : (typeof deadlineMs == "number" ? (options.low = lowWord(deadlineMs), options.high = highWord(deadlineMs)) : (options.low = lowWordOfBigInt(deadlineMs), options.high = highWordOfBigInt(deadlineMs)), !0);
}
function hasPassed(c, options) {
  return options.has(TIMES) && options.high * 4294967296 + options.low <= c.keyspace.nowMs;
}

// src/commands/increx.ts
var ONE2 = { mantissa: 1n, exponent: 0 }, Options = class {
  byInt = 0;
  byFloat = 0;
  lower = 0;
  upper = 0;
  saturate = !1;
  /** Leaves an expiry that is there alone. */
  enx = !1;
  lifetime = new StringOptions();
}, INCREX = command({
  name: "increx",
  group: "string",
  since: "8.8.0",
  summary: "Adds to the number held by a key within optional bounds and sets or removes its expiry",
  complexity: "O(1)",
  arity: -2,
  flags: 4101,
  keys: [key("RW ACCESS UPDATE", 1)],
  syntax: `key increment=[BYFLOAT float:double | BYINT integer:integer] [LBOUND lowerbound:double]
    [UBOUND upperbound:double] [SATURATE]
    expiration=[EX seconds:integer | PX milliseconds:integer | EXAT unix-time-seconds:unix-time
      | PXAT unix-time-milliseconds:unix-time | PERSIST] [ENX]`,
  run: runIncrex
});
function runIncrex(c) {
  let options = parseOptions2(c);
  options !== null && (options.byFloat > 0 ? addFloat(c, options) : addInteger(c, options));
}
function parseOptions2(c) {
  let { args } = c, options = new Options();
  for (let i = 2; i < args.count; i++) {
    let operand = i + 1 < args.count ? i + 1 : 0;
    if (!parseFlag(c, i, options)) {
      if (operand === 0 || !parseOperand(c, i, operand, options)) return refuse5(c, SYNTAX);
      i = operand;
    }
  }
  let { byFloat, byInt, enx, lifetime } = options;
  return byFloat > 0 && byInt > 0 || enx && lifetime.has(PERSIST2) ? refuse5(c, SYNTAX) : enx && !lifetime.has(TIMES) ? refuse5(c, ENX_WITHOUT_EXPIRATION) : options;
}
function parseFlag({ args }, i, options) {
  let { lifetime } = options;
  return args.is(i, "saturate") && !options.saturate ? options.saturate = !0 : args.is(i, "enx") && !options.enx ? options.enx = !0 : optionAt(args, i) !== PERSIST2 || lifetime.flags !== 0 ? !1 : (lifetime.flags = PERSIST2, !0);
}
function parseOperand({ args }, i, operand, options) {
  let { lifetime } = options, time = optionAt(args, i) & TIMES;
  if (args.is(i, "byint") && options.byInt === 0) options.byInt = operand;
  else if (args.is(i, "byfloat") && options.byFloat === 0) options.byFloat = operand;
  else if (args.is(i, "lbound") && options.lower === 0) options.lower = operand;
  else if (args.is(i, "ubound") && options.upper === 0) options.upper = operand;
  else if (time !== 0 && lifetime.flags === 0)
    lifetime.flags = time, lifetime.timeAt = operand;
  else return !1;
  return !0;
}
function refuse5(c, text2) {
  return c.reply.error(text2), null;
}
function addInteger(c, options) {
  let by = integerArgument(c, options.byInt, "Increment", 1n);
  if (by === null) return;
  let lower = integerArgument(c, options.lower, "LBOUND", int64Min);
  if (lower === null) return;
  let upper = integerArgument(c, options.upper, "UBOUND", int64Max);
  upper !== null && (lower > upper ? refuse5(c, BOUNDS_CROSSED) : resolveDeadline(c, options.lifetime) && addIntegerWithin(c, options, by, lower, upper));
}
function integerArgument(c, i, what, otherwise) {
  return i === 0 ? otherwise : c.args.int64(i) ?? refuse5(c, notAnInteger(what));
}
function addIntegerWithin(c, options, by, lower, upper) {
  let { reply } = c, ref = c.lookupWrite(1);
  if (ref !== 0 && !isString(c, ref)) return;
  let old = ref === 0 ? 0n : integerOf(c, ref);
  if (old === null) {
    reply.error(NOT_AN_INTEGER);
    return;
  }
  let sum = old + by, value = sum < lower ? lower : sum > upper ? upper : sum, refused = value !== sum && !options.saturate;
  refused && (value = old);
  let applied = value - old;
  if (applied > int64Max || applied < int64Min) {
    reply.error(APPLIED_OVERFLOW);
    return;
  }
  refused || store(c, ref, options, "incrby", () => writeInteger(c, ref, value)), reply.array(2), reply.bigInteger(value), reply.bigInteger(applied);
}
function addFloat(c, options) {
  let by = floatArgument(c, options.byFloat, "Increment", ONE2);
  if (by === null) return;
  if (!isFiniteLongDouble(by)) {
    c.reply.error(INFINITE_INCREMENT);
    return;
  }
  let lower = floatArgument(c, options.lower, "LBOUND", negateLongDouble(longDoubleMax));
  if (lower === null) return;
  let upper = floatArgument(c, options.upper, "UBOUND", longDoubleMax);
  upper !== null && (compareLongDoubles(lower, upper) > 0 ? refuse5(c, BOUNDS_CROSSED) : resolveDeadline(c, options.lifetime) && addFloatWithin(c, options, by, lower, upper));
}
function floatArgument(c, i, what, otherwise) {
  return i === 0 ? otherwise : longDoubleArgument(c, i) ?? refuse5(c, notAFloat(what));
}
function addFloatWithin(c, options, by, lower, upper) {
  let { reply } = c, ref = c.lookupWrite(1);
  if (ref !== 0 && !isString(c, ref)) return;
  let old = longDoubleOf(c, ref);
  if (old === null || !isFiniteLongDouble(old)) {
    reply.error(old === null ? NOT_A_FLOAT : INFINITE_VALUE);
    return;
  }
  let value = addLongDoubles(old, by), low = compareLongDoubles(value, lower) < 0, outside = low || compareLongDoubles(value, upper) > 0 || !isFiniteLongDouble(value), refused = outside && !options.saturate;
  refused ? value = old : outside && (value = low ? lower : upper);
  let applied = addLongDoubles(value, negateLongDouble(old));
  if (!isFiniteLongDouble(applied)) {
    reply.error(APPLIED_INFINITY);
    return;
  }
  let text2 = formatLongDouble(value);
  refused || store(c, ref, options, "incrbyfloat", () => writeText(c, ref, text2)), reply.array(2), reply.doubleText(text2), reply.doubleText(formatLongDouble(applied));
}
function store(c, ref, { enx, lifetime }, event, write) {
  let hadExpiry = ref !== 0 && c.keyspace.entries.hasExpiry(ref), setsExpiry = lifetime.has(TIMES) && !(enx && hadExpiry);
  if (setsExpiry && hasPassed(c, lifetime)) {
    ref !== 0 && deleteKey(c, 1, ref);
    return;
  }
  let next = write();
  setsExpiry && c.db.setExpiry(next, lifetime.low, lifetime.high);
  let persists = lifetime.has(PERSIST2) && hadExpiry;
  persists && c.db.clearExpiry(next), c.changed(1, EVENT_STRING, event), setsExpiry && c.event(1, EVENT_GENERIC, "expire"), persists && c.event(1, EVENT_GENERIC, "persist");
}
var INCREX_COMMANDS = [INCREX];

// src/commands/info.ts
var US_PER_SECOND = 1e6, INFO = command({
  name: "info",
  group: "server",
  since: "1.0.0",
  summary: "Facts and counters of the server, by section",
  complexity: "O(1)",
  arity: -1,
  flags: 384,
  categories: AT_DANGEROUS,
  tips: ["nondeterministic_output", "request_policy:all_shards", "response_policy:special"],
  syntax: "[section+]",
  history: [["7.0.0", "Takes several sections."]],
  run: runInfo
});
function runInfo(c) {
  let { args } = c, sections = [];
  for (let i = 1; i < args.count; i++) sections.push(args.text(i));
  c.reply.verbatim("txt", c.server.admin.info(sections));
}
var TIME = command({
  name: "time",
  group: "server",
  since: "2.6.0",
  summary: "Unix time: seconds, and microseconds within the second",
  complexity: "O(1)",
  arity: 1,
  flags: 4480,
  tips: ["nondeterministic_output"],
  run: runTime
});
function runTime({ keyspace, reply }) {
  let us = keyspace.clock.nowUs();
  reply.array(2), reply.bulkInteger(Math.floor(us / US_PER_SECOND)), reply.bulkInteger(us % US_PER_SECOND);
}
var DBSIZE = command({
  name: "dbsize",
  group: "server",
  since: "1.0.0",
  summary: "Number of keys in the database",
  complexity: "O(1)",
  arity: 1,
  flags: 4098,
  categories: AT_KEYSPACE,
  tips: ["request_policy:all_shards", "response_policy:agg_sum"],
  run: (c) => c.reply.integer(c.db.size)
}), ROLE = command({
  name: "role",
  group: "server",
  since: "2.8.12",
  summary: "Role of the server in replication and its peers",
  complexity: "O(1)",
  arity: 1,
  flags: 4512,
  categories: AT_ADMIN | AT_DANGEROUS,
  run: runRole
});
function runRole({ reply }) {
  reply.array(3), reply.bulkText("master"), reply.integer(0), reply.array(0);
}
var LASTSAVE = command({
  name: "lastsave",
  group: "server",
  since: "1.0.0",
  summary: "Unix time in seconds of the last successful snapshot",
  complexity: "O(1)",
  arity: 1,
  flags: 4480,
  categories: AT_ADMIN | AT_DANGEROUS,
  tips: ["nondeterministic_output"],
  run: runLastsave
});
function runLastsave(c) {
  c.reply.integer(Math.floor(c.server.startedMs / 1e3));
}
var INFO_COMMANDS = [DBSIZE, INFO, LASTSAVE, ROLE, TIME];

// src/keyspace/copy.ts
function copyEntry(keyspace, ref, key2, at, bytes) {
  let { entries } = keyspace, next = sameUnder(entries, ref, key2, at, bytes, keyspace.freshClock());
  if (!entries.hasWords(ref)) return next;
  try {
    entries.type(ref) === TYPE_STRING && keyspace.strings.copyValue(ref, next);
  } catch (error) {
    throw entries.free(next), error;
  }
  return next;
}
function renameEntry(db, ref, from, to) {
  let { entries, keyspace } = db, next = sameUnder(entries, ref, to.bytes, to.at, to.length, entries.clock(ref)), replaced = db.find(to.bytes, to.at, to.length, to.hash);
  replaced === 0 ? db.add(to.hash, next) : db.replace(replaced, next), db.find(from.bytes, from.at, from.length, from.hash), db.detach(ref), keyspace.entries.free(ref);
}
function sameUnder(entries, ref, key2, at, bytes, clock) {
  let flags = entries.flags(ref) & (HAS_EXPIRY | HAS_WORDS), inlineBytes = entries.inlineBytes(ref), next = entries.create(key2, at, bytes, entries.kind(ref), clock, flags, inlineBytes);
  return (flags & HAS_EXPIRY) !== 0 && entries.copyExpiry(ref, next), (flags & HAS_WORDS) !== 0 && entries.writeWords(next, entries.wordLow(ref), entries.wordHigh(ref)), copyBytes(
    entries.view(ref),
    entries.inlineAt(ref),
    entries.view(next),
    entries.inlineAt(next),
    inlineBytes
  ), next;
}

// src/commands/keys.ts
var RANDOM_TRIES_MAX = 100, DEL = command({
  name: "del",
  group: "generic",
  since: "1.0.0",
  summary: "Deletes keys",
  complexity: "O(N) in the number of keys; collections add O(M) in their elements",
  arity: -2,
  flags: 1,
  keys: [keyRange("RM DELETE", 1, -1)],
  tips: ["request_policy:multi_shard", "response_policy:agg_sum"],
  syntax: "key+",
  run: runDel
}), UNLINK = command({
  name: "unlink",
  group: "generic",
  since: "4.0.0",
  summary: "Deletes keys and frees large values in the background",
  complexity: "O(1) for each key; memory is given back later",
  arity: -2,
  flags: 4097,
  keys: [keyRange("RM DELETE", 1, -1)],
  tips: ["request_policy:multi_shard", "response_policy:agg_sum"],
  syntax: "key+",
  run: runDel
});
function runDel(c) {
  let { args } = c, deleted = 0;
  for (let i = 1; i < args.count; i++) {
    let ref = c.db.live(args.bytes, args.at(i), args.length(i), c.hashOf(i));
    ref !== 0 && (c.db.removeEntry(ref), c.changed(i, EVENT_GENERIC, "del"), deleted++);
  }
  c.reply.integer(deleted);
}
var EXISTS = command({
  name: "exists",
  group: "generic",
  since: "1.0.0",
  summary: "Counts how many of the named keys exist; a key named twice counts twice",
  complexity: "O(N) in the number of keys",
  arity: -2,
  flags: 4098,
  keys: [keyRange("RO", 1, -1)],
  tips: ["request_policy:multi_shard", "response_policy:agg_sum"],
  syntax: "key+",
  history: [["3.0.3", "Takes several keys."]],
  run: runExists
});
function runExists(c) {
  let count2 = 0;
  for (let i = 1; i < c.args.count; i++) c.peek(i) !== 0 && count2++;
  c.reply.integer(count2);
}
var TOUCH = command({
  name: "touch",
  group: "generic",
  since: "3.2.1",
  summary: "Marks keys as just used and counts those that exist",
  complexity: "O(N) in the number of keys",
  arity: -2,
  flags: 4098,
  keys: [keyRange("RO", 1, -1)],
  tips: ["request_policy:multi_shard", "response_policy:agg_sum"],
  syntax: "key+",
  run: runTouch
});
function runTouch(c) {
  let { keyspace } = c, { touching } = keyspace;
  keyspace.touching = !0;
  let count2 = 0;
  for (let i = 1; i < c.args.count; i++) c.lookup(i) !== 0 && count2++;
  keyspace.touching = touching, c.reply.integer(count2);
}
var TYPE = command({
  name: "type",
  group: "generic",
  since: "1.0.0",
  summary: "Name of the type that a key holds",
  complexity: "O(1)",
  arity: 2,
  flags: 4098,
  keys: [key("RO", 1)],
  syntax: "key",
  run: runType
});
function runType(c) {
  let ref = c.peek(1);
  c.reply.status(ref === 0 ? "none" : TYPE_NAMES[c.keyspace.entries.type(ref)]);
}
var RENAME = command({
  name: "rename",
  group: "generic",
  since: "1.0.0",
  summary: "Gives a value another key, replacing what that key held",
  complexity: "O(1)",
  arity: 3,
  flags: 1,
  keys: [key("RW ACCESS DELETE", 1), key("OW UPDATE", 2)],
  syntax: "key newkey:key",
  run: runRename
});
function runRename(c) {
  rename(c, !0) && c.reply.ok();
}
var RENAMENX = command({
  name: "renamenx",
  group: "generic",
  since: "1.0.0",
  summary: "Gives a value another key unless that key exists",
  complexity: "O(1)",
  arity: 3,
  flags: 4097,
  keys: [key("RW ACCESS DELETE", 1), key("OW INSERT", 2)],
  syntax: "key newkey:key",
  history: [["3.2.0", "The same name twice is no error any more."]],
  run: runRenamenx
});
function runRenamenx(c) {
  rename(c, !1) && c.reply.integer(1);
}
function rename(c, overwrites) {
  let { args, db } = c, ref = c.lookupWrite(1);
  return ref === 0 ? (c.reply.error(NO_SUCH_KEY), !1) : sameKey(args) ? (overwrites || c.reply.integer(0), overwrites) : c.lookupWrite(2) !== 0 && !overwrites ? (c.reply.integer(0), !1) : (renameEntry(db, ref, keyAt(c, 1), keyAt(c, 2)), c.changed(1, EVENT_GENERIC, "rename_from"), c.keyspace.event(db, args.bytes, args.at(2), args.length(2), EVENT_GENERIC, "rename_to"), !0);
}
var COPY = command({
  name: "copy",
  group: "generic",
  since: "6.2.0",
  summary: "Copies a value to another key, in another database if asked",
  complexity: "O(N) in the elements of the value, O(1) for a string",
  arity: -3,
  flags: 5,
  keys: [key("RO ACCESS", 1), key("OW UPDATE", 2)],
  syntax: "source:key destination:key [DB destination-db:integer] [REPLACE]",
  run: runCopy
});
function runCopy(c) {
  let { args, keyspace } = c, options = copyOptions(c);
  if (options === null) return;
  let { to, replaces } = options;
  if (to === c.db && sameKey(args)) {
    c.reply.error(SAME_OBJECT);
    return;
  }
  let ref = c.lookup(1);
  if (ref === 0) {
    c.reply.integer(0);
    return;
  }
  let { bytes, at, length, hash: hash2 } = keyAt(c, 2), old = to.lookupWrite(bytes, at, length, hash2);
  if (old !== 0 && !replaces) {
    c.reply.integer(0);
    return;
  }
  let copy = copyEntry(keyspace, ref, bytes, at, length);
  old === 0 ? to.add(hash2, copy) : to.replace(old, copy), keyspace.changed(to, bytes, at, length, EVENT_GENERIC, "copy_to"), c.reply.integer(1);
}
function copyOptions(c) {
  let to = c.db, replaces = !1;
  for (let i = 3; i < c.args.count; i++)
    if (c.args.is(i, "replace"))
      replaces = !0;
    else if (c.args.is(i, "db") && i + 1 < c.args.count) {
      let index = databaseOr(c, ++i);
      if (Number.isNaN(index)) return null;
      to = c.keyspace.db(index);
    } else
      return c.reply.error(SYNTAX), null;
  return { to, replaces };
}
var MOVE = command({
  name: "move",
  group: "generic",
  since: "1.0.0",
  summary: "Moves a key to another database",
  complexity: "O(1)",
  arity: 3,
  flags: 4097,
  keys: [key("RW ACCESS UPDATE", 1)],
  syntax: "key db:integer",
  run: runMove
});
function runMove(c) {
  let { keyspace, db: from } = c, index = databaseOr(c, 2);
  if (Number.isNaN(index)) return;
  let to = keyspace.db(index);
  if (to === from) {
    c.reply.error(SAME_OBJECT);
    return;
  }
  let { bytes, at, length, hash: hash2 } = keyAt(c, 1), ref = from.lookupWrite(bytes, at, length, hash2);
  if (ref === 0 || to.lookupWrite(bytes, at, length, hash2) !== 0) {
    c.reply.integer(0);
    return;
  }
  from.detach(ref), to.add(hash2, ref), keyspace.changed(from, bytes, at, length, EVENT_GENERIC, "move_from"), keyspace.event(to, bytes, at, length, EVENT_GENERIC, "move_to"), c.reply.integer(1);
}
var RANDOMKEY = command({
  name: "randomkey",
  group: "generic",
  since: "1.0.0",
  summary: "Name of a key picked at random",
  complexity: "O(1)",
  arity: 1,
  flags: 8388610,
  tips: ["request_policy:all_shards", "nondeterministic_output"],
  run: runRandomkey
});
function runRandomkey(c) {
  let { db, keyspace } = c, { entries, random } = keyspace;
  for (let tries = 1; db.size > 0; tries++) {
    let ref = db.randomRef(random);
    if (db.isGone(ref) && !(keyspace.keepExpired && tries >= RANDOM_TRIES_MAX)) {
      db.hitRef(ref, db.hashOf(ref)), db.dropExpired(ref);
      continue;
    }
    c.reply.bulk(entries.view(ref), entries.keyAt(ref), entries.keyBytes(ref));
    return;
  }
  c.reply.null();
}
var KEYS = command({
  name: "keys",
  group: "generic",
  since: "1.0.0",
  summary: "All names of keys that match a glob pattern",
  complexity: "O(N) in the number of keys of the database",
  arity: 2,
  flags: 2,
  categories: AT_KEYSPACE | AT_DANGEROUS,
  tips: ["request_policy:all_shards", "nondeterministic_output_order"],
  syntax: "pattern",
  run: runKeys
});
function runKeys(c) {
  let { args, db } = c, { entries } = c.keyspace, { bytes } = args, patternAt = args.at(1), patternBytes = args.length(1), all = patternBytes === 1 && args.is(1, "*"), found = [], visit = (ref) => {
    if (db.isGone(ref)) return;
    let key2 = entries.view(ref), keyBytes = entries.keyBytes(ref);
    (all || globMatch(bytes, patternAt, patternBytes, key2, entries.keyAt(ref), keyBytes, !1)) && found.push(ref);
  }, cursor = 0;
  do
    cursor = db.walk(cursor, visit);
  while (cursor !== 0);
  c.reply.array(found.length);
  for (let ref of found) c.reply.bulk(entries.view(ref), entries.keyAt(ref), entries.keyBytes(ref));
}
function keyAt(c, i) {
  return { bytes: c.args.bytes, at: c.args.at(i), length: c.args.length(i), hash: c.hashOf(i) };
}
function sameKey(args) {
  return args.length(1) === args.length(2) && equalBytes(args.bytes, args.at(1), args.bytes, args.at(2), args.length(1));
}
var KEY_COMMANDS = [
  COPY,
  DEL,
  EXISTS,
  KEYS,
  MOVE,
  RANDOMKEY,
  RENAME,
  RENAMENX,
  TOUCH,
  TYPE,
  UNLINK
];

// src/commands/latency_doctor.ts
function doctorText({ latencyMonitor, slowlog }, nowSec2) {
  if (!latencyMonitor.enabled)
    return `The latency monitor is off, so there is nothing to report. Choose from how many milliseconds on a delay counts and turn it on with "CONFIG SET latency-monitor-threshold <milliseconds>".
`;
  let events = [...latencyMonitor.events()].sort(([a], [b]) => a < b ? -1 : 1);
  if (events.length === 0)
    return `No delay of ${latencyMonitor.thresholdMs} ms or more has been noted. All is well.
`;
  let rows = events.map(([name, history], i) => {
    let { meanMs, deviationMs } = history.average;
    return `${i + 1}. ${name}: ${history.samples.length} latency spikes (average ${meanMs}ms, mean deviation ${deviationMs}ms, period ${history.periodSec(nowSec2).toFixed(2)} sec). Worst all time event ${history.maxMs}ms.`;
  }), advice = adviceFor(
    new Set(events.map(([name]) => name)),
    latencyMonitor.thresholdMs,
    slowlog.thresholdUs
  ), lines = ["Delays have been noted:", "", ...rows, ""];
  return advice.length > 0 && lines.push("What may be done:", "", ...advice.map((line) => `- ${line}`), ""), lines.join(`
`);
}
function adviceFor(names, thresholdMs, slowUs) {
  let advice = [];
  if (names.has("command")) {
    if (slowUs < 0 || slowUs > thresholdMs * 1e3) {
      let us = thresholdMs * 1e3;
      advice.push(
        slowUs < 0 ? `The slow log is off. "CONFIG SET slowlog-log-slower-than ${us}" lets it name the commands.` : `The slow log begins at ${slowUs} microseconds. "CONFIG SET slowlog-log-slower-than ${us}" lets it name every command that the latency monitor sees.`
      );
    }
    advice.push(
      "SLOWLOG GET shows which commands were slow. Commands that look at every key or every element (KEYS, SMEMBERS, LRANGE 0 -1 and the like) take as long as there are many: use their SCAN forms or ask for less at a time."
    );
  }
  return names.has("fast-command") && advice.push(
    "Commands that do little work were slow, so something else held them up: other programs on these processors, swapping, a virtual machine short of time, or garbage collection of the program that embeds this server."
  ), names.has("expire-cycle") && advice.push(
    "Deleting expired keys took long. Many keys that expire in the same second, or very large values, do that: spread times to live, and split large values."
  ), advice;
}

// src/metrics/latency_monitor.ts
var EventHistory = class {
  /** Oldest first. */
  samples = [];
  /** The longest time since the server started or the event was reset. */
  maxMs = 0;
  add(time, ms) {
    this.maxMs = Math.max(this.maxMs, ms);
    let last = this.samples.at(-1);
    if (last !== void 0 && last.time === time) {
      last.ms = Math.max(last.ms, ms);
      return;
    }
    this.samples.length === 160 && this.samples.shift(), this.samples.push({ time, ms });
  }
  get minMs() {
    return Math.min(...this.samples.map(({ ms }) => ms));
  }
  get currentMaxMs() {
    return Math.max(...this.samples.map(({ ms }) => ms));
  }
  /** Mean of the samples, and mean distance from it, both rounded down to whole ms. */
  get average() {
    let { samples } = this, sum = samples.reduce((total, { ms }) => total + ms, 0), meanMs = Math.floor(sum / samples.length), distances = samples.reduce((total, { ms }) => total + Math.abs(meanMs - ms), 0);
    return { meanMs, deviationMs: Math.floor(distances / samples.length) };
  }
  /** Seconds between two samples on average, from the oldest one until now. */
  periodSec(nowSec2) {
    return Math.max(1, nowSec2 - this.samples[0].time) / this.samples.length;
  }
}, LatencyMonitor = class {
  /** Milliseconds from which on an event is noted; 0 turns the monitor off. */
  thresholdMs = 0;
  #events = /* @__PURE__ */ new Map();
  get enabled() {
    return this.thresholdMs > 0;
  }
  /** Notes an event of `ms` at Unix time `time` (seconds) if it is over the limit. */
  note(event, ms, time) {
    if (this.thresholdMs === 0 || ms < this.thresholdMs) return;
    let history = this.#events.get(event);
    history === void 0 && (history = new EventHistory(), this.#events.set(event, history)), history.add(time, Math.floor(ms));
  }
  history(event) {
    return this.#events.get(event);
  }
  /** Events that were noted, by name. */
  events() {
    return this.#events;
  }
  /** Forgets an event, or all; returns how many were forgotten. */
  reset(event) {
    if (event !== void 0) return this.#events.delete(event) ? 1 : 0;
    let count2 = this.#events.size;
    return this.#events.clear(), count2;
  }
};
function ago(seconds) {
  if (seconds < 60) return `${seconds}s`;
  let minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m`;
  let hours = Math.floor(minutes / 60);
  return hours < 24 ? `${hours}h` : `${Math.floor(hours / 24)}d`;
}

// src/commands/latency_graph.ts
var COLUMNS = 80, ROWS = 4, TOPS = "_o#", STEPS = ROWS * TOPS.length;
function graphText(event, history, nowSec2) {
  let { minMs, currentMaxMs, maxMs, samples } = history, charts = [];
  for (let at = 0; at < samples.length; at += COLUMNS)
    charts.push(chart(samples.slice(at, at + COLUMNS), minMs, currentMaxMs, nowSec2));
  return `${`${event} - high ${currentMaxMs} ms, low ${minMs} ms (all time high ${maxMs} ms)`}
${"-".repeat(COLUMNS)}
${charts.join(`
`)}`;
}
function chart(samples, minMs, maxMs, nowSec2) {
  let range = Math.max(1, maxMs - minMs), heights = samples.map(({ ms }) => Math.min(STEPS - 1, Math.floor((ms - minMs) * STEPS / range))), labels = samples.map(({ time }) => ago(nowSec2 - time)), lines = [];
  for (let row = ROWS - 1; row >= 0; row--)
    lines.push(heights.map((height) => barIn(row, height)).join(""));
  lines.push(" ".repeat(samples.length));
  for (let i = 0; i < Math.max(...labels.map((label) => label.length)); i++)
    lines.push(labels.map((label) => label[i] ?? " ").join(""));
  return lines.map((line) => `${line}
`).join("");
}
function barIn(row, height) {
  let top = Math.floor(height / TOPS.length);
  return row === top ? TOPS[height % TOPS.length] : row < top ? "|" : " ";
}

// src/commands/latency.ts
function nowSec(c) {
  return Math.floor(c.keyspace.clock.nowMs() / 1e3);
}
var LATENCY_DOCTOR = command({
  name: "latency|doctor",
  group: "server",
  since: "2.8.13",
  summary: "Says in words which delays there were and what may be done",
  complexity: "O(1)",
  arity: 2,
  flags: 424,
  tips: ["nondeterministic_output", "request_policy:all_nodes", "response_policy:special"],
  help: ["DOCTOR", "    Which delays there were and what may be done, in words."],
  run: (c) => c.reply.verbatim("txt", doctorText(c.server.admin, nowSec(c)))
}), LATENCY_GRAPH = command({
  name: "latency|graph",
  group: "server",
  since: "2.8.13",
  summary: "Draws the delays of one kind of event in text",
  complexity: "O(1)",
  arity: 3,
  flags: 424,
  tips: ["nondeterministic_output", "request_policy:all_nodes", "response_policy:special"],
  syntax: "event",
  help: ["GRAPH <event>", "    Delays of the class <event>, drawn in text."],
  run: runLatencyGraph
});
function runLatencyGraph(c) {
  let event = c.args.text(2), history = c.server.admin.latencyMonitor.history(event);
  history === void 0 ? c.reply.error(noLatencySamples(event)) : c.reply.verbatim("txt", graphText(event, history, nowSec(c)));
}
var LATENCY_HISTOGRAM = command({
  name: "latency|histogram",
  group: "server",
  since: "7.0.0",
  summary: "How long calls of commands took, as cumulative histograms",
  complexity: "O(N) in the number of commands shown",
  arity: -2,
  flags: 424,
  tips: ["nondeterministic_output", "request_policy:all_nodes", "response_policy:special"],
  syntax: "[command+]",
  help: [
    "HISTOGRAM [COMMAND ...]",
    "    Cumulative histograms of how long the named commands took, or all of them."
  ],
  run: runLatencyHistogram
});
function runLatencyHistogram(c) {
  let { reply, table } = c, { latency } = c.server.admin, shown = idsAskedFor(c).filter((id) => latency.of(id) !== void 0);
  reply.map(shown.length);
  for (let id of shown) {
    let histogram = latency.of(id), steps = histogram.steps();
    reply.bulkText(table.specs[id].name), reply.map(2), reply.bulkText("calls"), reply.integer(histogram.total), reply.bulkText("histogram_usec"), reply.map(steps.length);
    for (let { upToUs, calls } of steps)
      reply.integer(upToUs), reply.integer(calls);
  }
}
function idsAskedFor(c) {
  let { args, table } = c;
  if (args.count === 2) return [...table.specs.keys()];
  let ids = [];
  for (let i = 2; i < args.count; i++) {
    let id = table.lookup(args.text(i));
    id < 0 || (ids.push(id), table.isContainer(id) && ids.push(...table.subcommandIds(id)));
  }
  return ids;
}
var LATENCY_HISTORY = command({
  name: "latency|history",
  group: "server",
  since: "2.8.13",
  summary: "Time and length of the delays of one kind of event",
  complexity: "O(1)",
  arity: 3,
  flags: 424,
  tips: ["nondeterministic_output", "request_policy:all_nodes", "response_policy:special"],
  syntax: "event",
  help: ["HISTORY <event>", "    Time and length of the delays of the class <event>."],
  run: runLatencyHistory
});
function runLatencyHistory(c) {
  let { reply } = c, samples = c.server.admin.latencyMonitor.history(c.args.text(2))?.samples ?? [];
  reply.array(samples.length);
  for (let { time, ms } of samples)
    reply.array(2), reply.integer(time), reply.integer(ms);
}
var LATENCY_LATEST = command({
  name: "latency|latest",
  group: "server",
  since: "2.8.13",
  summary: "Last and longest delay of every kind of event",
  complexity: "O(1)",
  arity: 2,
  flags: 424,
  tips: ["nondeterministic_output", "request_policy:all_nodes", "response_policy:special"],
  help: ["LATEST", "    Last and longest delay of every class of events."],
  run: runLatencyLatest
});
function runLatencyLatest(c) {
  let { reply } = c, events = [...c.server.admin.latencyMonitor.events()];
  reply.array(events.length);
  for (let [name, { samples, maxMs }] of events) {
    let { time, ms } = samples.at(-1);
    reply.array(4), reply.bulkText(name), reply.integer(time), reply.integer(ms), reply.integer(maxMs);
  }
}
var LATENCY_RESET = command({
  name: "latency|reset",
  group: "server",
  since: "2.8.13",
  summary: "Forgets the delays of some or all kinds of events",
  complexity: "O(1)",
  arity: -2,
  flags: 424,
  tips: ["request_policy:all_nodes", "response_policy:all_succeeded"],
  syntax: "[event+]",
  help: ["RESET [<event> ...]", "    Forget the delays of the named classes, or of all."],
  run: runLatencyReset
});
function runLatencyReset(c) {
  let { args } = c, { latencyMonitor } = c.server.admin, forgotten = 0;
  args.count === 2 && (forgotten = latencyMonitor.reset());
  for (let i = 2; i < args.count; i++) forgotten += latencyMonitor.reset(args.text(i));
  c.reply.integer(forgotten);
}
var LATENCY = container(
  {
    name: "latency",
    group: "server",
    since: "2.8.13",
    summary: "Looks at delays of the server",
    helpSince: "2.8.13"
  },
  [LATENCY_DOCTOR, LATENCY_GRAPH, LATENCY_HISTOGRAM, LATENCY_HISTORY, LATENCY_LATEST, LATENCY_RESET]
), LATENCY_COMMANDS = [LATENCY];

// src/commands/lcs.ts
var CELL_BYTES = 4, LCS = command({
  name: "lcs",
  group: "string",
  since: "7.0.0",
  summary: "Longest common subsequence of two strings, its length or where it matches",
  complexity: "O(N*M) in the bytes of the two values",
  arity: -3,
  flags: 2,
  keys: [keyRange("RO ACCESS", 1, 1)],
  syntax: "key1:key key2:key [LEN] [IDX] [MINMATCHLEN len:integer] [WITHMATCHLEN]",
  run: runLcs
});
function runLcs(c) {
  let { config, keyspace, reply } = c, first = c.lookup(1), second = c.lookup(2);
  if (!isStringOrNone(c, first) || !isStringOrNone(c, second)) {
    reply.error(LCS_NOT_STRINGS);
    return;
  }
  let options = parseOptions3(c);
  if (options === null) return;
  let a = first === 0 ? new Uint8Array(0) : keyspace.strings.view(first), b = second === 0 ? new Uint8Array(0) : keyspace.strings.view(second);
  if ((a.length + 1) * (b.length + 1) * CELL_BYTES > config.number("proto-max-bulk-len")) {
    reply.error(LCS_TOO_LARGE);
    return;
  }
  let table = new Table(a, b, !options.length);
  options.length ? reply.integer(table.length) : options.indexes ? replyIndexes(c, table.matches(), table.length, options) : replySubsequence(c, a, table.matches(), table.length);
}
function isStringOrNone(c, ref) {
  return ref === 0 || c.keyspace.entries.type(ref) === TYPE_STRING;
}
function parseOptions3(c) {
  let { args, reply } = c, options = { length: !1, indexes: !1, matchLength: !1, matchLengthMin: 0 };
  for (let i = 3; i < args.count; i++)
    if (args.is(i, "len")) options.length = !0;
    else if (args.is(i, "idx")) options.indexes = !0;
    else if (args.is(i, "withmatchlen")) options.matchLength = !0;
    else if (args.is(i, "minmatchlen") && i + 1 < args.count) {
      let shortest = args.int64(++i);
      if (shortest === null)
        return reply.error(NOT_AN_INTEGER), null;
      options.matchLengthMin = Number(shortest);
    } else
      return reply.error(SYNTAX), null;
  return !options.length || !options.indexes ? options : (reply.error(LCS_LENGTH_AND_INDEXES), null);
}
var Table = class {
  /** Bytes in a longest common subsequence. */
  length;
  #a;
  #b;
  /** One bit of each cell, a row for each byte of `a`; empty unless the way back is wanted. */
  #drops;
  #rowBytes;
  constructor(a, b, wayBack) {
    this.#a = a, this.#b = b, this.#rowBytes = b.length + 7 >>> 3, this.#drops = new Uint8Array(wayBack ? a.length * this.#rowBytes : 0), this.length = this.#compute(wayBack);
  }
  #compute(wayBack) {
    let a = this.#a, b = this.#b, drops = this.#drops, lengths = new Int32Array(b.length + 1);
    for (let i = 0; i < a.length; i++) {
      let byte = a[i], row = i * this.#rowBytes, diagonal = 0, left = 0;
      for (let j = 0; j < b.length; j++) {
        let above = lengths[j + 1];
        b[j] === byte ? left = diagonal + 1 : above > left && (left = above, wayBack && (drops[row + (j >>> 3)] |= 1 << (j & 7))), diagonal = above, lengths[j + 1] = left;
      }
    }
    return lengths[b.length];
  }
  /** The runs of equal bytes of the subsequence, last one first. */
  matches() {
    let found = [], i = this.#a.length, j = this.#b.length, run = null;
    for (; i > 0 && j > 0; )
      this.#a[i - 1] === this.#b[j - 1] ? (i--, j--, run !== null && run.a === i + 1 && run.b === j + 1 ? (run.a = i, run.b = j, run.length++) : (run = { a: i, b: j, length: 1 }, found.push(run))) : (this.#drops[(i - 1) * this.#rowBytes + (j - 1 >>> 3)] >>> (j - 1 & 7) & 1) === 1 ? i-- : j--;
    return found;
  }
};
function replySubsequence(c, a, matches, length) {
  let result = new Uint8Array(length), end = length;
  for (let match of matches)
    end -= match.length, result.set(a.subarray(match.a, match.a + match.length), end);
  c.reply.bulk(result, 0, length);
}
function replyIndexes(c, matches, length, options) {
  let { reply } = c, shown = matches.filter((match) => match.length >= options.matchLengthMin);
  reply.map(2), reply.bulkText("matches"), reply.array(shown.length);
  for (let match of shown)
    reply.array(options.matchLength ? 3 : 2), replySpan(c, match.a, match.length), replySpan(c, match.b, match.length), options.matchLength && reply.integer(match.length);
  reply.bulkText("len"), reply.integer(length);
}
function replySpan(c, first, length) {
  c.reply.array(2), c.reply.integer(first), c.reply.integer(first + length - 1);
}
var LCS_COMMANDS = [LCS];

// src/commands/lolwut.ts
var COLUMNS2 = 64, ROWS2 = 15, CENTER_ROW = 7, CENTER_COLUMN = 24, RADIUS = 6, SPOKES = 8, ASPECT = 2, WATER_ROW = 11, LOLWUT = command({
  name: "lolwut",
  group: "server",
  since: "5.0.0",
  summary: "A picture, and the version of the server",
  arity: -1,
  flags: 4098,
  syntax: "[VERSION version:integer]",
  run: runLolwut
});
function runLolwut(c) {
  let { args } = c, picture = args.count === 1;
  if (args.count >= 3 && args.is(1, "version")) {
    let version = int32Or(c, 2);
    if (Number.isNaN(version)) return;
    picture = version === 5 || version === 6;
  }
  let name = `Redis ver. ${REDIS_VERSION} (${SERVER_NAME} ${MILLRACE_VERSION})
`;
  c.reply.verbatim("txt", picture ? `${wheel(c.keyspace.random)}
${name}` : name);
}
function wheel(random) {
  let canvas = Array.from({ length: ROWS2 }, () => new Array(COLUMNS2).fill(" ")), angle = random.unit() * Math.PI;
  return drawSpokes(canvas, angle), drawRim(canvas), drawWater(canvas, random.unit() * 2 * Math.PI), canvas.map((row) => `${row.join("").trimEnd()}
`).join("");
}
function drawSpokes(canvas, angle) {
  for (let spoke = 0; spoke < SPOKES; spoke++) {
    let direction = angle + spoke * 2 * Math.PI / SPOKES, mark = spokeMark(direction);
    for (let step2 = 0; step2 <= RADIUS; step2 += 0.25) put(canvas, direction, step2, mark);
    put(canvas, direction, RADIUS + 1, "#");
  }
  canvas[CENTER_ROW][CENTER_COLUMN] = "O";
}
function spokeMark(direction) {
  return "-\\|/"[Math.round(direction / Math.PI * 4) & 3];
}
function drawRim(canvas) {
  for (let direction = 0; direction < 2 * Math.PI; direction += 0.04) put(canvas, direction, RADIUS, "o");
}
function drawWater(canvas, phase) {
  for (let row = WATER_ROW; row < ROWS2; row++)
    for (let column = 0; column < COLUMNS2; column++) {
      let height = Math.sin(column / (3 + row - WATER_ROW) + phase * (row - WATER_ROW + 1));
      height > 0.1 && (canvas[row][column] = height > 0.8 ? "=" : "~");
    }
}
function put(canvas, direction, distance2, mark) {
  let row = Math.round(CENTER_ROW + Math.sin(direction) * distance2), column = Math.round(CENTER_COLUMN + Math.cos(direction) * distance2 * ASPECT);
  row >= 0 && row < ROWS2 && column >= 0 && column < COLUMNS2 && (canvas[row][column] = mark);
}
var LOLWUT_COMMANDS = [LOLWUT];

// src/commands/memory_text.ts
function doctorText2(memory2, clients) {
  let { usedBytes, peakBytes, startupBytes, arenaBytes, activeBytes, residentBytes } = memory2;
  if (usedBytes - startupBytes < 5242880)
    return `There is hardly any data yet. Ask again when there is more.
`;
  let found = [], mib = (bytes) => `${(bytes / 1048576).toFixed(1)} MiB`;
  return peakBytes > usedBytes * 1.5 && found.push(
    `Peak: ${mib(peakBytes)} were in use once, ${mib(usedBytes)} are now. Pages that became free go back to the system by themselves; MEMORY PURGE does it at once.`
  ), activeBytes > arenaBytes * 1.4 && activeBytes - arenaBytes > 10485760 && found.push(
    `Fragmentation: ${mib(arenaBytes)} of blocks lie in ${mib(activeBytes)} of spans. This comes from many deletions, or values that changed their sizes; new data of the same sizes will use the room. MEMORY MALLOC-STATS shows where it is.`
  ), residentBytes - activeBytes > 10485760 && found.push(
    `Free pages: ${mib(residentBytes - activeBytes)} wait to be given back. MEMORY PURGE does it at once.`
  ), clients > 0 && memory2.clientBytes / clients > 204800 && found.push(
    `Clients: ${clients} of them hold ${mib(memory2.clientBytes)} of requests and replies. CLIENT LIST names those that do not read their replies (omem); client-output-buffer-limit bounds them.`
  ), found.length === 0 ? `Nothing stands out.
` : `${found.map((line) => `- ${line}`).join(`
`)}
`;
}
var HEADINGS = ["block bytes", "used bytes", "span bytes", "used %"];
function allocatorTable(arena) {
  let rows = arena.classes().filter(({ spanBytes: spanBytes2 }) => spanBytes2 > 0), spanBytes = 0;
  for (let row of rows) spanBytes += row.spanBytes;
  let cells = rows.map(
    (row) => cellsOf(row.blockBytes === 0 ? "large" : String(row.blockBytes), row.usedBytes, row.spanBytes)
  ), table = [HEADINGS, ...cells, cellsOf("all", arena.usedBytes, spanBytes)], widths = HEADINGS.map((_, column) => Math.max(...table.map((row) => row[column].length))), lines = table.map((row) => row.map((cell, column) => cell.padStart(widths[column])).join("  "));
  return lines.push(
    "",
    `mapped: ${arena.mappedBytes} bytes of address space`,
    `free pages not given back yet: ${arena.purgeableBytes} bytes`
  ), `${lines.join(`
`)}
`;
}
function cellsOf(name, usedBytes, spanBytes) {
  let percent = spanBytes === 0 ? "-" : (usedBytes / spanBytes * 100).toFixed(1);
  return [name, String(usedBytes), String(spanBytes), percent];
}

// src/commands/memory.ts
var TABLE_SHARE_BYTES = 8, MEMORY_DOCTOR = command({
  name: "memory|doctor",
  group: "server",
  since: "4.0.0",
  summary: "Says in words what may be wrong with the use of memory",
  complexity: "O(1)",
  arity: 2,
  tips: ["nondeterministic_output", "request_policy:all_shards", "response_policy:special"],
  help: ["DOCTOR", "    What may be wrong with the use of memory, in words."],
  run: (c) => c.reply.verbatim("txt", doctorText2(c.server.admin.memory, c.server.clients.rows().length))
}), MEMORY_MALLOC_STATS = command({
  name: "memory|malloc-stats",
  group: "server",
  since: "4.0.0",
  summary: "Report of the allocator about itself",
  complexity: "Depends on how much memory is allocated",
  arity: 2,
  tips: ["nondeterministic_output", "request_policy:all_shards", "response_policy:special"],
  help: ["MALLOC-STATS", "    Report of the allocator about itself."],
  run: (c) => c.reply.verbatim("txt", allocatorTable(c.keyspace.arena))
}), MEMORY_PURGE = command({
  name: "memory|purge",
  group: "server",
  since: "4.0.0",
  summary: "Gives unused memory back to the system",
  complexity: "Depends on how much memory is allocated",
  arity: 2,
  tips: ["request_policy:all_shards", "response_policy:all_succeeded"],
  help: ["PURGE", "    Give unused memory back to the system."],
  run: (c) => {
    c.keyspace.arena.purge(), c.reply.ok();
  }
}), MEMORY_STATS = command({
  name: "memory|stats",
  group: "server",
  since: "4.0.0",
  summary: "Where the memory goes, in numbers",
  complexity: "O(1)",
  arity: 2,
  tips: ["nondeterministic_output", "request_policy:all_shards", "response_policy:special"],
  help: ["STATS", "    Where the memory goes, in numbers."],
  run: runMemoryStats
});
function runMemoryStats(c) {
  let { reply, keyspace } = c, { memory: memory2 } = c.server.admin, { usedBytes, peakBytes, arenaBytes, activeBytes, residentBytes, rssBytes } = memory2, bytes = (name, value) => [name, () => reply.integer(value)], share = (name, part, whole) => [
    name,
    () => reply.double(whole === 0 ? 0 : part / whole)
  ], keys = keyspace.keyCount;
  replyFigures(c, [
    bytes("peak.allocated", peakBytes),
    bytes("total.allocated", usedBytes),
    bytes("startup.allocated", memory2.startupBytes),
    bytes("replication.backlog", 0),
    bytes("clients.slaves", 0),
    bytes("clients.normal", memory2.clientBytes),
    bytes("cluster.links", 0),
    bytes("aof.buffer", 0),
    bytes("lua.caches", 0),
    bytes("functions.caches", 0),
    ...databaseFigures(c),
    bytes("overhead.total", memory2.overheadBytes),
    bytes("keys.count", keys),
    bytes(
      "keys.bytes-per-key",
      keys === 0 ? 0 : Math.floor(Math.max(0, usedBytes - memory2.startupBytes) / keys)
    ),
    bytes("dataset.bytes", memory2.datasetBytes),
    ["dataset.percentage", () => reply.double(memory2.datasetPercent)],
    ["peak.percentage", () => reply.double(usedBytes / peakBytes * 100)],
    bytes("allocator.allocated", arenaBytes),
    bytes("allocator.active", activeBytes),
    bytes("allocator.resident", residentBytes),
    share("allocator-fragmentation.ratio", activeBytes, arenaBytes),
    bytes("allocator-fragmentation.bytes", activeBytes - arenaBytes),
    share("allocator-rss.ratio", residentBytes, activeBytes),
    bytes("allocator-rss.bytes", residentBytes - activeBytes),
    share("rss-overhead.ratio", rssBytes, residentBytes),
    bytes("rss-overhead.bytes", rssBytes - residentBytes),
    share("fragmentation", rssBytes, usedBytes),
    bytes("fragmentation.bytes", rssBytes - usedBytes)
  ]);
}
function databaseFigures(c) {
  let { reply, keyspace } = c, figures = [];
  for (let i = 0; i < keyspace.databaseCount; i++) {
    let db = keyspace.db(i);
    if (db.size === 0) continue;
    let tables = [
      ["overhead.hashtable.main", () => reply.integer(db.tableBytes)],
      ["overhead.hashtable.expires", () => reply.integer(0)],
      ["overhead.hashtable.slot-to-keys", () => reply.integer(0)]
    ];
    figures.push([`db.${i}`, () => replyFigures(c, tables)]);
  }
  return figures;
}
function replyFigures({ reply }, figures) {
  reply.map(figures.length);
  for (let [name, write] of figures)
    reply.bulkText(name), write();
}
var MEMORY_USAGE = command({
  name: "memory|usage",
  group: "server",
  since: "4.0.0",
  summary: "Bytes that a key and its value take",
  complexity: "O(N) in the number of samples",
  arity: -3,
  flags: 2,
  keys: [key("RO", 2)],
  syntax: "key [SAMPLES count:integer]",
  help: [
    "USAGE <key> [SAMPLES <count>]",
    "    Bytes that <key> and its value take; <count> nested values are looked at",
    "    (default: 5, 0 means all)."
  ],
  run: runMemoryUsage
});
function runMemoryUsage(c) {
  let { args, reply } = c;
  for (let i = 3; i < args.count; i += 2) {
    if (!args.is(i, "samples") || i + 1 === args.count) {
      reply.error(SYNTAX);
      return;
    }
    let samples = int32Or(c, i + 1);
    if (Number.isNaN(samples)) return;
    if (samples < 0) {
      reply.error(SYNTAX);
      return;
    }
  }
  let ref = c.peek(2);
  ref === 0 ? reply.null() : reply.integer(usageBytes(c, ref));
}
function usageBytes({ keyspace: { arena, entries, strings } }, ref) {
  let outsideBytes = strings.outsideBytes(ref), blobBytes = outsideBytes === 0 ? 0 : arena.usableBytes(outsideBytes);
  return TABLE_SHARE_BYTES + arena.usableBytes(entries.blockBytes(ref)) + blobBytes;
}
var MEMORY2 = container(
  {
    name: "memory",
    group: "server",
    since: "4.0.0",
    summary: "Looks at the use of memory",
    helpSince: "4.0.0"
  },
  [MEMORY_DOCTOR, MEMORY_MALLOC_STATS, MEMORY_PURGE, MEMORY_STATS, MEMORY_USAGE]
), MEMORY_COMMANDS = [MEMORY2];

// src/commands/module.ts
var MODULE_LIST = command({
  name: "module|list",
  group: "server",
  since: "4.0.0",
  summary: "Modules that are loaded",
  complexity: "O(N) in the number of modules",
  arity: 2,
  flags: 40,
  tips: ["nondeterministic_output_order"],
  help: ["LIST", "    Modules that are loaded."],
  run: (c) => c.reply.array(0)
}), MODULE_LOAD = command({
  name: "module|load",
  group: "server",
  since: "4.0.0",
  summary: "Loads a module",
  complexity: "O(1)",
  arity: -3,
  flags: 196648,
  syntax: "path [arg+]",
  help: ["LOAD <path> [<arg> ...]", "    Load the module library at <path> with the arguments given."],
  run: refuseToLoad
}), MODULE_LOADEX = command({
  name: "module|loadex",
  group: "server",
  since: "7.0.0",
  summary: "Loads a module with configuration",
  complexity: "O(1)",
  arity: -3,
  flags: 196648,
  syntax: "path [configs=CONFIG (name value)++] [args=ARGS (arg)+]",
  help: [
    "LOADEX <path> [[CONFIG NAME VALUE] [CONFIG NAME VALUE]] [ARGS ...]",
    "    Load the module library at <path> with configuration and arguments."
  ],
  run: refuseToLoad
});
function refuseToLoad(c) {
  c.server.admin.log.warning(
    `Module ${c.args.text(2)} failed to load: modules for Redis are programs for another server and cannot run here`
  ), c.reply.error(MODULE_NOT_LOADED);
}
var MODULE_UNLOAD = command({
  name: "module|unload",
  group: "server",
  since: "4.0.0",
  summary: "Unloads a module",
  complexity: "O(1)",
  arity: 3,
  flags: 196648,
  syntax: "name",
  help: ["UNLOAD <name>", "    Unload the module <name>."],
  run: (c) => c.reply.error(NO_SUCH_MODULE)
}), MODULE = container(
  {
    name: "module",
    group: "server",
    since: "4.0.0",
    summary: "Loadable modules: there are none",
    helpSince: "5.0.0"
  },
  [MODULE_LIST, MODULE_LOAD, MODULE_LOADEX, MODULE_UNLOAD]
), MODULE_COMMANDS = [MODULE];

// src/commands/monitor.ts
var MONITOR = command({
  name: "monitor",
  group: "server",
  since: "1.0.0",
  summary: "Streams every command that the server runs",
  arity: 1,
  flags: 424,
  run: runMonitor
});
function runMonitor(c) {
  let { client } = c;
  if (c.inTransaction) {
    c.reply.error(MONITOR_IN_TRANSACTION);
    return;
  }
  client.monitor || (c.server.monitors.add(client), c.clientChanged(), c.reply.ok());
}
var MONITOR_COMMANDS = [MONITOR];

// src/commands/scan.ts
var COUNT_DEFAULT = 10, BUCKETS_A_KEY = 10, CURSOR_END = 2n ** 64n, SCAN = command({
  name: "scan",
  group: "generic",
  since: "2.8.0",
  summary: "Walks the keys of the database a few at a time",
  complexity: "O(1) for a call, O(N) for the whole database",
  arity: -2,
  flags: 8388610,
  tips: ["nondeterministic_output", "request_policy:special"],
  syntax: "cursor:integer [MATCH pattern] [COUNT count:integer] [TYPE type]^6.0.0",
  history: [["6.0.0", "Option TYPE."]],
  run: runScan
});
function runScan(c) {
  let start = cursorOf(c);
  if (start < 0) {
    c.reply.error(INVALID_CURSOR);
    return;
  }
  let options = optionsOf(c);
  if (options === null) return;
  let { db, reply } = c, seen = [], visit = (ref) => {
    seen.push(ref);
  }, cursor = start, buckets = options.count * BUCKETS_A_KEY;
  do
    cursor = db.scan(cursor, visit);
  while (cursor !== 0 && --buckets > 0 && seen.length < options.count);
  let found = seen.filter((ref) => isWanted(c, ref, options));
  reply.array(2), reply.bulkText(String(cursor)), reply.array(found.length);
  let { entries } = c.keyspace;
  for (let ref of found) reply.bulk(entries.view(ref), entries.keyAt(ref), entries.keyBytes(ref));
}
function cursorOf({ args }) {
  let match = /^[+-]?(\d+)$|^$/.exec(args.text(1));
  if (match === null) return -1;
  let cursor = BigInt(match[1] ?? 0);
  return cursor < CURSOR_END ? Number(BigInt.asUintN(32, cursor)) : -1;
}
function optionsOf(c) {
  let { args } = c, options = { count: COUNT_DEFAULT, pattern: 0, type: -1 };
  for (let i = 2; i < args.count; i += 2) {
    let hasValue = i + 1 < args.count;
    if (hasValue && args.is(i, "count")) {
      let count2 = args.int64(i + 1);
      if (count2 === null || count2 < 1n)
        return c.reply.error(count2 === null ? NOT_AN_INTEGER : SYNTAX), null;
      options.count = Number(count2);
    } else if (hasValue && args.is(i, "match"))
      options.pattern = args.is(i + 1, "*") ? 0 : i + 1;
    else if (hasValue && args.is(i, "type")) {
      let type3 = TYPE_NAMES.indexOf(args.text(i + 1).toLowerCase());
      options.type = type3 < 0 ? -2 : type3;
    } else
      return c.reply.error(SYNTAX), null;
  }
  return options;
}
function isWanted({ args, db, keyspace }, ref, options) {
  let { entries } = keyspace, { pattern, type: type3 } = options, key2 = entries.view(ref), keyAt2 = entries.keyAt(ref), keyBytes = entries.keyBytes(ref);
  return pattern > 0 && !globMatch(args.bytes, args.at(pattern), args.length(pattern), key2, keyAt2, keyBytes, !1) || type3 !== -1 && entries.type(ref) !== type3 ? !1 : db.isGone(ref) ? (db.hitRef(ref, db.hashOf(ref)), db.dropExpired(ref), !1) : !0;
}
var SCAN_COMMANDS = [SCAN];

// src/commands/shutdown.ts
var PORT_MAX = 65535, SHUTDOWN = command({
  name: "shutdown",
  group: "server",
  since: "1.0.0",
  summary: "Ends the server, saving first if so configured",
  complexity: "O(N) in the number of keys when it saves, else O(1)",
  arity: -1,
  flags: 1311144,
  syntax: "[NOSAVE | SAVE] [NOW]^7.0.0 [FORCE]^7.0.0 [ABORT]^7.0.0",
  history: [["7.0.0", "Options NOW, FORCE and ABORT."]],
  run: runShutdown
});
function runShutdown(c) {
  let { args, reply } = c, given = /* @__PURE__ */ new Set();
  for (let i = 1; i < args.count; i++) given.add(args.text(i).toLowerCase());
  for (let option of ["nosave", "save", "now", "force", "abort"]) given.delete(option);
  let has = (option) => hasOption(c, option), isAbort = has("abort");
  if (given.size > 0 || has("save") && has("nosave") || isAbort && args.count > 2) {
    reply.error(SYNTAX);
    return;
  }
  let { admin } = c.server;
  if (isAbort) {
    admin.abortShutdown() ? reply.ok() : reply.error(NO_SHUTDOWN_IN_PROGRESS);
    return;
  }
  let save = has("save") ? "yes" : has("nosave") ? "no" : "as-configured", reason = admin.shutdown({ save, now: has("now"), force: has("force") });
  reason !== null && reply.error(reason);
}
function hasOption({ args }, option) {
  for (let i = 1; i < args.count; i++) if (args.is(i, option)) return !0;
  return !1;
}
var REPLICAOF = command({
  name: "replicaof",
  group: "server",
  since: "5.0.0",
  summary: "Makes the server a replica of another, or a primary",
  complexity: "O(1)",
  arity: 3,
  flags: 131368,
  syntax: "args=(host-port=(host port:integer) | no-one=(NO ONE))",
  run: runReplicaof
}), SLAVEOF = command({
  name: "slaveof",
  group: "server",
  since: "1.0.0",
  summary: "Makes the server a replica of another, or a primary",
  complexity: "O(1)",
  arity: 3,
  flags: 131368,
  syntax: "args=(host-port=(host port:integer) | no-one=(NO ONE))",
  docFlags: ["deprecated"],
  deprecatedSince: "5.0.0",
  replacedBy: "`REPLICAOF`",
  run: runReplicaof
});
function runReplicaof({ args, reply }) {
  if (args.is(1, "no") && args.is(2, "one")) {
    reply.ok();
    return;
  }
  let port = args.int(2);
  reply.error(port >= 0 && port <= PORT_MAX ? REPLICATION_UNAVAILABLE : INVALID_MASTER_PORT);
}
var SHUTDOWN_COMMANDS = [REPLICAOF, SHUTDOWN, SLAVEOF];

// src/commands/slowlog.ts
var DEFAULT_COUNT = 10, SLOWLOG_GET = command({
  name: "slowlog|get",
  group: "server",
  since: "2.2.12",
  summary: "Newest entries of the slow log",
  complexity: "O(N) in the number of entries",
  arity: -2,
  flags: 392,
  tips: ["request_policy:all_nodes", "nondeterministic_output"],
  syntax: "[count:integer]",
  history: [["4.0.0", "Entries show address and name of the client."]],
  help: [
    "GET [<count>]",
    "    The <count> newest entries (default: 10, -1 means all). An entry has:",
    "    id, time stamp, microseconds taken, the words of the command, address of the",
    "    client, name of the client"
  ],
  run: runSlowlogGet
});
function runSlowlogGet(c) {
  let { args, reply } = c;
  if (args.count > 3) {
    reply.error(unknownSubcommandOrArity(args.text(1), "SLOWLOG"));
    return;
  }
  let { slowlog } = c.server.admin, count2 = args.count < 3 ? DEFAULT_COUNT : int32Or(c, 2, NEGATIVE_SLOWLOG_COUNT);
  Number.isNaN(count2) || (count2 < -1 ? reply.error(NEGATIVE_SLOWLOG_COUNT) : replyEntries(reply, slowlog.newest(count2 === -1 ? slowlog.length : count2)));
}
function replyEntries(reply, entries) {
  reply.array(entries.length);
  for (let { id, time, us, args, address, name } of entries) {
    reply.array(6), reply.integer(id), reply.integer(time), reply.integer(us), reply.array(args.length);
    for (let arg of args) reply.bulkText(arg);
    reply.bulkText(address), reply.bulkText(name);
  }
}
var SLOWLOG_LEN = command({
  name: "slowlog|len",
  group: "server",
  since: "2.2.12",
  summary: "Number of entries in the slow log",
  complexity: "O(1)",
  arity: 2,
  flags: 392,
  tips: ["request_policy:all_nodes", "response_policy:agg_sum", "nondeterministic_output"],
  help: ["LEN", "    Number of entries."],
  run: (c) => c.reply.integer(c.server.admin.slowlog.length)
}), SLOWLOG_RESET = command({
  name: "slowlog|reset",
  group: "server",
  since: "2.2.12",
  summary: "Empties the slow log",
  complexity: "O(N) in the number of entries",
  arity: 2,
  flags: 392,
  tips: ["request_policy:all_nodes", "response_policy:all_succeeded"],
  help: ["RESET", "    Remove all entries."],
  run: (c) => {
    c.server.admin.slowlog.reset(), c.reply.ok();
  }
}), SLOWLOG = container(
  {
    name: "slowlog",
    group: "server",
    since: "2.2.12",
    summary: "Looks at commands that took long",
    helpSince: "6.2.0"
  },
  [SLOWLOG_GET, SLOWLOG_LEN, SLOWLOG_RESET]
), SLOWLOG_COMMANDS = [SLOWLOG];

// src/base/xxh3.ts
var secret = Uint8Array.from(
  Buffer.from(
    "b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671fcb79e64eccc0e578825ad07dccff7221b8084674f743248ee03590e6813a264c3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364eac5ac8334d3ebc3c581a0fffa1363eb170ddd51b7f0da49d316552629d4689e2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e",
    "hex"
  )
), secretWords = wordsFrom(0, 48), lastStripeWords = wordsFrom(121, 16), scrambleIndex = 32, stripeBytes = 64, blockBytes = 1024, initialAccumulators = Int32Array.of(
  3266489917,
  0,
  2246822535,
  2654435761,
  668265295,
  3266489917,
  2654435833,
  374761393,
  3266489955,
  2246822519,
  2246822519,
  0,
  374761413,
  668265263,
  2654435761,
  0
);
function wordsFrom(byte, count2) {
  return Int32Array.from({ length: count2 }, (_, i) => read32(secret, byte + 4 * i));
}
function read32(u8, at) {
  return u8[at] | u8[at + 1] << 8 | u8[at + 2] << 16 | u8[at + 3] << 24;
}
function swap32(word2) {
  return word2 << 24 | word2 << 8 & 16711680 | word2 >>> 8 & 65280 | word2 >>> 24;
}
function mulHigh(a, b) {
  let aLow = a & 65535, aHigh = a >>> 16, bLow = b & 65535, bHigh = b >>> 16, one = (Math.imul(aHigh, bLow) >>> 0) + (Math.imul(aLow, bLow) >>> 16), two2 = (Math.imul(aLow, bHigh) >>> 0) + (one & 65535);
  return Math.imul(aHigh, bHigh) + (one >>> 16) + (two2 >>> 16) >>> 0;
}
var Xxh3 = class {
  /** Words of the latest digest, unsigned. */
  lo = 0;
  hi = 0;
  accumulators = new Int32Array(16);
  /** Leaves the digest of `len` bytes at `off` in `lo` and `hi`. */
  hash(u8, off, len) {
    len <= 16 ? this.hashTiny(u8, off, len) : len <= 240 ? this.hashShort(u8, off, len) : this.hashLong(u8, off, len);
  }
  /** The latest digest as 16 lower-case hexadecimal digits. */
  hex() {
    return this.hi.toString(16).padStart(8, "0") + this.lo.toString(16).padStart(8, "0");
  }
  hashTiny(u8, off, len) {
    len > 8 ? this.hash9to16(u8, off, len) : len > 3 ? this.hash4to8(u8, off, len) : len > 0 ? this.hash1to3(u8, off, len) : (this.load(secret, 56, secret, 64), this.avalanche64());
  }
  hash1to3(u8, off, len) {
    let first = u8[off], middle = u8[off + (len >> 1)], last = u8[off + len - 1], combined = first << 16 | middle << 24 | len << 8 | last;
    this.set(combined ^ secretWords[0] ^ secretWords[1], 0), this.avalanche64();
  }
  hash4to8(u8, off, len) {
    this.load(secret, 8, secret, 16), this.set(this.lo ^ read32(u8, off + len - 4), this.hi ^ read32(u8, off));
    let { lo, hi } = this, lo49 = hi << 17 | lo >>> 15, hi49 = lo << 17 | hi >>> 15, lo24 = lo << 24 | hi >>> 8, hi24 = hi << 24 | lo >>> 8;
    this.set(lo ^ lo49 ^ lo24, hi ^ hi49 ^ hi24), this.multiply(513335077, 2679250021), this.set(this.lo ^ (this.hi >>> 3) + len, this.hi), this.multiply(513335077, 2679250021), this.xorShift(28);
  }
  hash9to16(u8, off, len) {
    this.load(secret, 24, secret, 32);
    let aLo = this.lo ^ read32(u8, off), aHi = this.hi ^ read32(u8, off + 4);
    this.load(secret, 40, secret, 48);
    let bLo = this.lo ^ read32(u8, off + len - 8), bHi = this.hi ^ read32(u8, off + len - 4);
    this.set(len, 0), this.add(swap32(aHi), swap32(aLo)), this.add(bLo, bHi), this.addFolded(aLo, aHi, bLo, bHi), this.avalanche();
  }
  hashShort(u8, off, len) {
    if (this.set(len, 0), this.multiply(2246822535, 2654435761), len <= 128) {
      let pairs = len - 1 >> 5;
      for (let i = pairs; i >= 0; i--)
        this.mix16(u8, off + 16 * i, 32 * i), this.mix16(u8, off + len - 16 * (i + 1), 32 * i + 16);
    } else {
      for (let i = 0; i < 8; i++) this.mix16(u8, off + 16 * i, 16 * i);
      this.avalanche();
      for (let i = 8; i < len >> 4; i++) this.mix16(u8, off + 16 * i, 16 * (i - 8) + 3);
      this.mix16(u8, off + len - 16, 119);
    }
    this.avalanche();
  }
  hashLong(u8, off, len) {
    let input = new DataView(u8.buffer, u8.byteOffset + off, len);
    this.accumulators.set(initialAccumulators);
    let lastStripe = len - stripeBytes;
    for (let at = 0; at < lastStripe; at += stripeBytes)
      this.accumulate(input, at, secretWords, (at & blockBytes - 1) >>> 5), (at & blockBytes - 1) === blockBytes - stripeBytes && this.scramble();
    this.accumulate(input, lastStripe, lastStripeWords, 0), this.set(len, 0), this.multiply(2246822535, 2654435761), this.merge(), this.avalanche();
  }
  // One stripe: each 8 bytes are added to the neighbouring accumulator, and, keyed, low word times high word,
  // to their own.
  accumulate(input, at, words2, wordIndex) {
    let accumulators = this.accumulators;
    for (let i = 0; i < 16; i += 2) {
      let lo = input.getInt32(at + 4 * i, !0), hi = input.getInt32(at + 4 * i + 4, !0), keyLo = lo ^ words2[wordIndex + i], keyHi = hi ^ words2[wordIndex + i + 1];
      addInto(accumulators, i ^ 2, lo, hi), addInto(accumulators, i, Math.imul(keyLo, keyHi), mulHigh(keyLo, keyHi));
    }
  }
  scramble() {
    let accumulators = this.accumulators;
    for (let i = 0; i < 16; i += 2)
      this.set(accumulators[i], accumulators[i + 1]), this.xorShift(47), this.set(this.lo ^ secretWords[scrambleIndex + i], this.hi ^ secretWords[scrambleIndex + i + 1]), this.multiply(2654435761, 0), accumulators[i] = this.lo, accumulators[i + 1] = this.hi;
  }
  merge() {
    let a = this.accumulators;
    for (let i = 0; i < 16; i += 4) {
      let key2 = 11 + 4 * i, aLo = a[i] ^ read32(secret, key2), aHi = a[i + 1] ^ read32(secret, key2 + 4), bLo = a[i + 2] ^ read32(secret, key2 + 8), bHi = a[i + 3] ^ read32(secret, key2 + 12);
      this.addFolded(aLo, aHi, bLo, bHi);
    }
  }
  // Adds 16 input bytes, keyed with 16 bytes of the secret and multiplied with each other.
  mix16(u8, at, key2) {
    let aLo = read32(u8, at) ^ read32(secret, key2), aHi = read32(u8, at + 4) ^ read32(secret, key2 + 4), bLo = read32(u8, at + 8) ^ read32(secret, key2 + 8), bHi = read32(u8, at + 12) ^ read32(secret, key2 + 12);
    this.addFolded(aLo, aHi, bLo, bHi);
  }
  // Adds the 128-bit product of a and b, its two halves combined by exclusive or.
  addFolded(aLo, aHi, bLo, bHi) {
    let middle = mulHigh(aLo, bLo) + (Math.imul(aLo, bHi) >>> 0) + (Math.imul(aHi, bLo) >>> 0), upper = mulHigh(aLo, bHi) + mulHigh(aHi, bLo) + (Math.imul(aHi, bHi) >>> 0) + Math.floor(middle / 4294967296), top = mulHigh(aHi, bHi) + Math.floor(upper / 4294967296);
    this.add(Math.imul(aLo, bLo) ^ upper, middle ^ top);
  }
  set(lo, hi) {
    this.lo = lo >>> 0, this.hi = hi >>> 0;
  }
  // Sets the register to the exclusive or of two 64-bit values.
  load(a, aOff, b, bOff) {
    this.set(read32(a, aOff) ^ read32(b, bOff), read32(a, aOff + 4) ^ read32(b, bOff + 4));
  }
  add(lo, hi) {
    let sum = this.lo + (lo >>> 0);
    this.set(sum, this.hi + (hi >>> 0) + (sum > 4294967295 ? 1 : 0));
  }
  multiply(lo, hi) {
    let upper = mulHigh(this.lo, lo) + Math.imul(this.hi, lo) + Math.imul(this.lo, hi);
    this.set(Math.imul(this.lo, lo), upper);
  }
  xorShift(bits) {
    let { lo, hi } = this;
    bits >= 32 ? this.set(lo ^ hi >>> bits - 32, hi) : this.set(lo ^ (lo >>> bits | hi << 32 - bits), hi ^ hi >>> bits);
  }
  avalanche() {
    this.xorShift(37), this.multiply(2654435833, 374761361), this.xorShift(32);
  }
  avalanche64() {
    this.xorShift(33), this.multiply(668265295, 3266489917), this.xorShift(29), this.multiply(2654435833, 374761393), this.xorShift(32);
  }
};
function addInto(accumulators, i, lo, hi) {
  let sum = (accumulators[i] >>> 0) + (lo >>> 0);
  accumulators[i] = sum, accumulators[i + 1] = accumulators[i + 1] + hi + (sum > 4294967295 ? 1 : 0);
}

// src/commands/string_compare.ts
var FAILS = 0, HOLDS = 1, REFUSED = 2, DIGEST_CHARS = 16;
function judge(c, options, old) {
  return options.has(NX2) ? old === 0 ? HOLDS : FAILS : options.has(XX2) ? old !== 0 ? HOLDS : FAILS : options.has(COMPARISONS) ? old === 0 ? options.has(IFNE | IFDNE) ? HOLDS : FAILS : isString(c, old) ? compare(c, options.flags & COMPARISONS, old, options.operandAt) : REFUSED : HOLDS;
}
function compare(c, comparison, ref, operandAt) {
  let { args } = c;
  return (comparison & (IFDEQ | IFDNE)) === 0 ? equalsArgument(c, ref, operandAt) === (comparison === IFEQ) ? HOLDS : FAILS : args.length(operandAt) !== DIGEST_CHARS ? (c.reply.error(INVALID_DIGEST), REFUSED) : equalsWord(args.bytes, args.at(operandAt), DIGEST_CHARS, digestOf2(c, ref)) === (comparison === IFDEQ) ? HOLDS : FAILS;
}
function equalsArgument(c, ref, i) {
  let { args } = c, { strings } = c.keyspace;
  return strings.locate(ref), strings.length !== args.length(i) ? !1 : equalBytes(strings.bytes, strings.at, args.bytes, args.at(i), strings.length);
}
function digestOf2(c, ref) {
  let { strings } = c.keyspace, hash2 = new Xxh3();
  return strings.locate(ref), hash2.hash(strings.bytes, strings.at, strings.length), hash2.hex();
}
var DELEX = command({
  name: "delex",
  group: "string",
  since: "8.4.0",
  summary: "Deletes a key, or only when its string value or the digest of it compares as asked",
  complexity: "O(1) with IFEQ and IFNE, O(N) in the bytes of the value with IFDEQ and IFDNE",
  arity: -2,
  flags: 4097,
  keys: [key("RW DELETE VARIABLE_FLAGS", 1)],
  syntax: "key condition=[IFEQ ifeq-value | IFNE ifne-value | IFDEQ ifdeq-digest | IFDNE ifdne-digest]",
  getKeys: delexKeys,
  run: runDelex
});
function runDelex(c) {
  let { args, reply } = c;
  if (args.count !== 2 && args.count !== 4) {
    reply.error(wrongArity("delex"));
    return;
  }
  let ref = c.lookupWrite(1), verdict = ref === 0 ? FAILS : args.count === 2 ? HOLDS : judgeDelete(c, ref);
  verdict !== REFUSED && (verdict === HOLDS && deleteKey(c, 1, ref), reply.flag(verdict === HOLDS));
}
function judgeDelete(c, ref) {
  if (c.keyspace.entries.type(ref) !== TYPE_STRING)
    return c.reply.error(CONDITION_NEEDS_STRING), REFUSED;
  let comparison = comparisonAt(c.args, 2);
  return comparison !== 0 ? compare(c, comparison, ref, 3) : (c.reply.error(INVALID_CONDITION), REFUSED);
}
var DELIFEQ = command({
  name: "delifeq",
  group: "string",
  since: "9.0.0",
  summary: "Deletes a string key if it holds exactly the given value",
  complexity: "O(1)",
  arity: 3,
  flags: 4097,
  keys: [key("RM DELETE", 1)],
  syntax: "key value",
  run: runDelifeq
});
function runDelifeq(c) {
  let ref = c.lookupWrite(1);
  if (ref !== 0 && !isString(c, ref)) return;
  let equal2 = ref !== 0 && equalsArgument(c, ref, 2);
  equal2 && deleteKey(c, 1, ref), c.reply.flag(equal2);
}
var DIGEST = command({
  name: "digest",
  group: "string",
  since: "8.4.0",
  summary: "Hash of a string value as 16 hexadecimal digits",
  complexity: "O(N) in the bytes of the value",
  arity: 2,
  flags: 4098,
  keys: [key("RO ACCESS", 1)],
  syntax: "key",
  run: runDigest
});
function runDigest(c) {
  let ref = c.lookup(1);
  ref === 0 ? c.reply.null() : isString(c, ref) && c.reply.bulkText(digestOf2(c, ref));
}
var STRING_COMPARE_COMMANDS = [DELEX, DELIFEQ, DIGEST];

// src/commands/string.ts
var SECOND_MS2 = 1e3, TWO_322 = 4294967296, GET2 = command({
  name: "get",
  group: "string",
  since: "1.0.0",
  summary: "Value of a string key",
  complexity: "O(1)",
  arity: 2,
  flags: 4098,
  keys: [key("RO ACCESS", 1)],
  syntax: "key",
  run: runGet
});
function runGet(c) {
  replyString(c, c.lookup(1));
}
var GETDEL = command({
  name: "getdel",
  group: "string",
  since: "6.2.0",
  summary: "Value of a string key, which is deleted",
  complexity: "O(1)",
  arity: 2,
  flags: 4097,
  keys: [key("RW ACCESS DELETE", 1)],
  syntax: "key",
  run: runGetdel
});
function runGetdel(c) {
  let ref = c.lookup(1);
  replyString(c, ref) && ref !== 0 && deleteKey(c, 1, ref);
}
var GETEX = command({
  name: "getex",
  group: "string",
  since: "6.2.0",
  summary: "Value of a string key, whose expiry is set or removed on the way",
  complexity: "O(1)",
  arity: -2,
  flags: 4097,
  keys: [key("RW ACCESS UPDATE", 1)],
  syntax: `key
    expiration=[EX seconds:integer | PX milliseconds:integer | EXAT unix-time-seconds:unix-time
      | PXAT unix-time-milliseconds:unix-time | PERSIST]`,
  run: runGetex
});
function runGetex(c) {
  let options = parseOptions(c, 2, TIMES | PERSIST2);
  if (options === null) return;
  let ref = c.lookup(1);
  if (ref === 0) {
    c.reply.null();
    return;
  }
  !isString(c, ref) || !resolveDeadline(c, options) || (replyString(c, ref), hasPassed(c, options) ? deleteKey(c, 1, ref) : options.has(TIMES) ? (c.db.setExpiry(ref, options.low, options.high), c.changed(1, EVENT_GENERIC, "expire")) : options.has(PERSIST2) && c.keyspace.entries.hasExpiry(ref) && (c.db.clearExpiry(ref), c.changed(1, EVENT_GENERIC, "persist")));
}
var GETSET = command({
  name: "getset",
  group: "string",
  since: "1.0.0",
  summary: "Stores a new string and returns the old one",
  complexity: "O(1)",
  arity: 3,
  flags: 4101,
  keys: [key("RW ACCESS UPDATE", 1)],
  syntax: "key value",
  docFlags: ["deprecated"],
  deprecatedSince: "6.2.0",
  replacedBy: "`SET` with option `GET`",
  run: runGetset
});
function runGetset(c) {
  let ref = c.lookup(1);
  replyString(c, ref) && storeString(c, 1, 2, stillThere(c, ref));
}
var SET2 = command({
  name: "set",
  group: "string",
  since: "1.0.0",
  summary: "Stores a string whatever the key held, on condition and with an expiry if asked",
  complexity: "O(1)",
  arity: -3,
  flags: 5,
  keys: [key("RW ACCESS UPDATE VARIABLE_FLAGS", 1)],
  syntax: `key value
    condition=[NX | XX | IFEQ ifeq-value^8.4.0 | IFNE ifne-value^8.4.0 | IFDEQ ifdeq-digest^8.4.0
      | IFDNE ifdne-digest^8.4.0]^2.6.12 [GET]^6.2.0
    expiration=[EX seconds:integer^2.6.12 | PX milliseconds:integer^2.6.12
      | EXAT unix-time-seconds:unix-time^6.2.0 | PXAT unix-time-milliseconds:unix-time^6.2.0
      | KEEPTTL^6.0.0]`,
  history: [
    ["2.6.12", "Options EX, PX, NX and XX."],
    ["6.0.0", "Option KEEPTTL."],
    ["6.2.0", "Options GET, EXAT and PXAT."],
    ["7.0.0", "NX and GET may be combined."],
    ["8.4.0", "Options IFEQ, IFNE, IFDEQ and IFDNE."]
  ],
  getKeys: setKeys,
  run: runSet
});
function runSet(c) {
  c.args.count === 3 ? (storeString(c, 1, 2, c.lookupWrite(1)), c.reply.ok()) : setWithOptions(c);
}
function setWithOptions(c) {
  let options = parseOptions(c, 3, NX2 | XX2 | COMPARISONS | GET_OLD | TIMES | KEEPTTL);
  if (options === null || !resolveDeadline(c, options)) return;
  let replyOld = options.has(GET_OLD), old = replyOld ? c.lookup(1) : c.lookupWrite(1), verdict = judge(c, options, old);
  if (verdict === REFUSED || replyOld && !replyString(c, old)) return;
  if (verdict === FAILS) {
    replyOld || c.reply.null();
    return;
  }
  let replaced = replyOld ? stillThere(c, old) : old;
  options.has(TIMES) ? storeVolatile(c, 1, 2, replaced, options.low, options.high) : options.has(KEEPTTL) ? storeKeepingExpiry(c, 1, 2, replaced) : storeString(c, 1, 2, replaced), replyOld || c.reply.ok();
}
function stillThere(c, found) {
  return found === 0 ? c.lookupWrite(1) : found;
}
var SETEX = command({
  name: "setex",
  group: "string",
  since: "2.0.0",
  summary: "Stores a string that expires after so many seconds",
  complexity: "O(1)",
  arity: 4,
  flags: 5,
  keys: [key("OW UPDATE", 1)],
  syntax: "key seconds:integer value",
  run: runSetex
});
function runSetex(c) {
  storeFor(c, SECOND_MS2);
}
var PSETEX = command({
  name: "psetex",
  group: "string",
  since: "2.6.0",
  summary: "Stores a string that expires after so many milliseconds",
  complexity: "O(1)",
  arity: 4,
  flags: 5,
  keys: [key("OW UPDATE", 1)],
  syntax: "key milliseconds:integer value",
  run: runPsetex
});
function runPsetex(c) {
  storeFor(c, 1);
}
function storeFor(c, unitMs) {
  let count2 = c.args.int(2), deadlineMs = count2 * unitMs + c.keyspace.nowMs;
  count2 > 0 && Number.isSafeInteger(deadlineMs) ? (storeVolatile(c, 1, 3, c.lookupWrite(1), deadlineMs | 0, Math.floor(deadlineMs / TWO_322)), c.reply.ok()) : storeForLong(c, unitMs);
}
function storeForLong(c, unitMs) {
  let options = new StringOptions();
  options.flags = unitMs === 1 ? PX : EX, options.timeAt = 2, resolveDeadline(c, options) && (storeVolatile(c, 1, 3, c.lookupWrite(1), options.low, options.high), c.reply.ok());
}
var SETNX = command({
  name: "setnx",
  group: "string",
  since: "1.0.0",
  summary: "Stores a string unless the key exists",
  complexity: "O(1)",
  arity: 3,
  flags: 4101,
  keys: [key("OW INSERT", 1)],
  syntax: "key value",
  run: runSetnx
});
function runSetnx(c) {
  let old = c.lookupWrite(1);
  old === 0 && storeString(c, 1, 2, 0), c.reply.flag(old === 0);
}
var STRING_COMMANDS = [
  GET2,
  GETDEL,
  GETEX,
  GETSET,
  PSETEX,
  SET2,
  SETEX,
  SETNX
];

// src/commands/string_multi.ts
var PAIRS_MAX = 2147483647, MGET = command({
  name: "mget",
  group: "string",
  since: "1.0.0",
  summary: "Values of many string keys; null where there is none",
  complexity: "O(N) in the number of keys",
  arity: -2,
  flags: 4098,
  keys: [keyRange("RO ACCESS", 1, -1)],
  tips: ["request_policy:multi_shard"],
  syntax: "key+",
  run: runMget
});
function runMget(c) {
  let reply = c.reply, keyspace = c.keyspace, strings = keyspace.strings, count2 = c.args.count;
  reply.array(count2 - 1);
  for (let i = 1; i < count2; i++) {
    let ref = c.lookup(i);
    ref === 0 || keyspace.entries.type(ref) !== TYPE_STRING ? reply.null() : (strings.locate(ref), reply.bulk(strings.bytes, strings.at, strings.length));
  }
}
var MSET = command({
  name: "mset",
  group: "string",
  since: "1.0.1",
  summary: "Stores many strings at once",
  complexity: "O(N) in the number of keys",
  arity: -3,
  flags: 5,
  keys: [keyRange("OW UPDATE", 1, -1, 2)],
  tips: ["request_policy:multi_shard", "response_policy:all_succeeded"],
  syntax: "(key value)+",
  run: runMset
});
function runMset(c) {
  isPaired(c, "mset") && (storePairs(c), c.reply.ok());
}
var MSETNX = command({
  name: "msetnx",
  group: "string",
  since: "1.0.1",
  summary: "Stores many strings at once unless one of the keys exists",
  complexity: "O(N) in the number of keys",
  arity: -3,
  flags: 5,
  keys: [keyRange("OW INSERT", 1, -1, 2)],
  tips: ["request_policy:multi_shard", "response_policy:agg_min"],
  syntax: "(key value)+",
  run: runMsetnx
});
function runMsetnx(c) {
  if (!isPaired(c, "msetnx")) return;
  let { count: count2 } = c.args;
  for (let i = 1; i < count2; i += 2)
    if (c.lookupWrite(i) !== 0) {
      c.reply.integer(0);
      return;
    }
  storePairs(c), c.reply.integer(1);
}
function isPaired(c, name) {
  return (c.args.count & 1) === 1 ? !0 : (c.reply.error(wrongArity(name)), !1);
}
function storePairs(c) {
  let count2 = c.args.count;
  for (let i = 1; i < count2; i += 2) storeString(c, i, i + 1, c.lookupWrite(i));
}
var MSETEX = command({
  name: "msetex",
  group: "string",
  since: "8.4.0",
  summary: "Stores many strings at once with one condition and one expiry for all",
  complexity: "O(N) in the number of keys",
  arity: -4,
  flags: 5,
  keys: [keyCount("OW UPDATE", 1, 2)],
  tips: ["request_policy:multi_shard", "response_policy:all_succeeded"],
  syntax: `numkeys:integer data=(key value)+ condition=[NX | XX]
    expiration=[EX seconds:integer | PX milliseconds:integer | EXAT unix-time-seconds:unix-time
      | PXAT unix-time-milliseconds:unix-time | KEEPTTL]`,
  run: runMsetex
});
function runMsetex(c) {
  let { args, reply } = c, pairs = args.int(1);
  if (!(pairs >= 1 && pairs <= PAIRS_MAX)) {
    reply.error(INVALID_NUMKEYS);
    return;
  }
  let end = 2 + 2 * pairs;
  if (end > args.count) {
    reply.error(WRONG_PAIR_COUNT);
    return;
  }
  let options = parseOptions(c, end, NX2 | XX2 | TIMES | KEEPTTL);
  if (options === null || !resolveDeadline(c, options)) return;
  let allowed = mayStore(c, options, end);
  if (allowed) for (let i = 2; i < end; i += 2) storePair(c, i, options);
  reply.flag(allowed);
}
function mayStore(c, options, end) {
  if (!options.has(NX2 | XX2)) return !0;
  for (let i = 2; i < end; i += 2) if (c.lookupWrite(i) === 0 !== options.has(NX2)) return !1;
  return !0;
}
function storePair(c, i, options) {
  let old = c.lookupWrite(i);
  options.has(TIMES) ? storeVolatile(c, i, i + 1, old, options.low, options.high) : options.has(KEEPTTL) ? storeKeepingExpiry(c, i, i + 1, old) : storeString(c, i, i + 1, old);
}
var STRING_MULTI_COMMANDS = [MGET, MSET, MSETEX, MSETNX];

// src/commands/transaction.ts
var MULTI = command({
  name: "multi",
  group: "transactions",
  since: "1.2.0",
  summary: "Starts a transaction: commands are queued until EXEC",
  complexity: "O(1)",
  arity: 1,
  flags: 1053088,
  run: runMulti
});
function runMulti(c) {
  if (inMulti(c) !== null) {
    c.reply.error(NESTED_MULTI);
    return;
  }
  begin(c.client), c.clientChanged(), c.reply.ok();
}
var EXEC = command({
  name: "exec",
  group: "transactions",
  since: "1.2.0",
  summary: "Runs the queued commands as one",
  complexity: "That of the queued commands",
  arity: 1,
  flags: 1440,
  run: runExec
});
function runExec(c) {
  let { reply, server } = c, client = inMulti(c);
  if (client === null) {
    reply.error(EXEC_WITHOUT_MULTI);
    return;
  }
  client.queueFailed ? reply.error(EXEC_ABORTED) : client.watchFailed || server.watches.hasExpired(client) ? reply.nullArray() : runQueue(c, client), discard(client, server.watches), server.clientChanged(client);
}
function runQueue(c, client) {
  let { args, commandId, reply, server } = c, own = args.keep(commandId);
  forget(client, server.watches), reply.array(client.queue.length), c.inTransaction = !0;
  for (let queued of client.queue) server.runQueued(queued);
  c.inTransaction = !1, args.load(own), c.commandId = commandId;
}
var DISCARD = command({
  name: "discard",
  group: "transactions",
  since: "2.0.0",
  summary: "Drops the queued commands and leaves the transaction",
  complexity: "O(N) in the commands queued",
  arity: 1,
  flags: 1053088,
  run: runDiscard
});
function runDiscard(c) {
  let client = inMulti(c);
  if (client === null) {
    c.reply.error(DISCARD_WITHOUT_MULTI);
    return;
  }
  discard(client, c.server.watches), c.clientChanged(), c.reply.ok();
}
var WATCH = command({
  name: "watch",
  group: "transactions",
  since: "2.2.0",
  summary: "Watches keys so that EXEC does nothing if one of them changes first",
  complexity: "O(1) for each key",
  arity: -2,
  flags: 1053088,
  keys: [keyRange("RO", 1, -1)],
  syntax: "key+",
  run: runWatch
});
function runWatch(c) {
  let { args, client, db } = c;
  if (client.queue !== null) {
    c.reply.error(WATCH_INSIDE_MULTI);
    return;
  }
  if (!client.watchFailed)
    for (let i = 1; i < args.count; i++)
      c.server.watches.watch(client, db, args.bytes, args.at(i), args.length(i));
  c.reply.ok();
}
var UNWATCH = command({
  name: "unwatch",
  group: "transactions",
  since: "2.2.0",
  summary: "Forgets all watched keys",
  complexity: "O(1)",
  arity: 1,
  flags: 1053088,
  run: runUnwatch
});
function runUnwatch(c) {
  let client = c.server.knownClient();
  client !== void 0 && forget(client, c.server.watches), c.reply.ok();
}
function inMulti(c) {
  let client = c.server.knownClient();
  return client === void 0 || client.queue === null ? null : client;
}
var TRANSACTION_COMMANDS = [DISCARD, EXEC, MULTI, UNWATCH, WATCH];

// src/commands/wait.ts
var WAIT = command({
  name: "wait",
  group: "generic",
  since: "3.0.0",
  summary: "Waits until so many replicas have acknowledged the writes of this connection",
  complexity: "O(1)",
  arity: 3,
  flags: 32,
  categories: AT_CONNECTION,
  tips: ["request_policy:all_shards", "response_policy:agg_min"],
  syntax: "numreplicas:integer timeout:integer",
  run: runWait
});
function runWait(c) {
  let replicas = c.args.int64(1);
  if (replicas === null) {
    c.reply.error(NOT_AN_INTEGER);
    return;
  }
  let timeoutMs = timeoutMsOr(c, 2);
  Number.isNaN(timeoutMs) || waitOr(c, replicas > 0n, timeoutMs, replyNoReplicas);
}
function replyNoReplicas(reply) {
  reply.integer(0);
}
var WAITAOF = command({
  name: "waitaof",
  group: "generic",
  since: "7.2.0",
  summary: "Waits until the writes of this connection are on disk here and on so many replicas",
  complexity: "O(1)",
  arity: 4,
  flags: 64,
  categories: AT_CONNECTION,
  tips: ["request_policy:all_shards", "response_policy:agg_min"],
  syntax: "numlocal:integer numreplicas:integer timeout:integer",
  run: runWaitaof
});
function runWaitaof(c) {
  let { args, reply } = c, local = args.int64(1);
  if (local === null || local < 0n || local > 1n) {
    reply.error(local === null ? NOT_AN_INTEGER : outOfRange(0, 1));
    return;
  }
  let replicas = args.int64(2);
  if (replicas === null || replicas < 0n) {
    reply.error(NOT_POSITIVE);
    return;
  }
  let timeoutMs = timeoutMsOr(c, 3);
  Number.isNaN(timeoutMs) || (local === 1n ? reply.error(WAITAOF_WITHOUT_AOF) : waitOr(c, replicas > 0n, timeoutMs, replyNoFiles));
}
function replyNoFiles(reply) {
  reply.array(2), reply.integer(0), reply.integer(0);
}
function waitOr(c, mustWait, timeoutMs, answer) {
  !mustWait || c.inTransaction ? answer(c.reply) : c.server.waiting.block(c.client, timeoutMs === 0 ? Number.POSITIVE_INFINITY : timeoutMs, answer, nothing);
}
function nothing() {
}
var WAIT_COMMANDS = [WAIT, WAITAOF];

// src/commands/all.ts
var ALL_COMMANDS = [
  COMMAND,
  ...KEY_COMMANDS,
  ...OBJECT_COMMANDS,
  ...SCAN_COMMANDS,
  ...EXPIRE_COMMANDS,
  ...DATABASE_COMMANDS,
  ...STRING_COMMANDS,
  ...STRING_NUMBER_COMMANDS,
  ...INCREX_COMMANDS,
  ...STRING_RANGE_COMMANDS,
  ...STRING_MULTI_COMMANDS,
  ...STRING_COMPARE_COMMANDS,
  ...LCS_COMMANDS,
  ...BITMAP_COMMANDS,
  ...BITOP_COMMANDS,
  ...BITFIELD_COMMANDS,
  ...TRANSACTION_COMMANDS,
  ...CONNECTION_COMMANDS,
  ...CLIENT_COMMANDS,
  ...ACL_COMMANDS,
  ...WAIT_COMMANDS,
  ...CLUSTER_COMMANDS,
  ...CONFIG_COMMANDS,
  ...DEBUG_COMMANDS,
  ...INFO_COMMANDS,
  ...LATENCY_COMMANDS,
  ...LOLWUT_COMMANDS,
  ...MEMORY_COMMANDS,
  ...MODULE_COMMANDS,
  ...MONITOR_COMMANDS,
  ...SHUTDOWN_COMMANDS,
  ...SLOWLOG_COMMANDS
];

// src/arena/guard.ts
var Guard = class {
  #arena;
  #live = /* @__PURE__ */ new Map();
  #quarantine = [];
  #generation = 0;
  constructor(arena) {
    this.#arena = arena;
  }
  get liveBlocks() {
    return this.#live.size;
  }
  alloc(bytes) {
    let ref = this.#arena.allocRaw(bytes + 128) + 8, u8 = this.#arena.u8[ref >>> 23], at = (ref & 8388607) << 3;
    return u8.fill(253, at - 64, at), u8.fill(165, at, at + Math.min(bytes, 4096)), u8.fill(253, at + bytes, at + bytes + 64), this.#live.set(ref, { bytes, generation: ++this.#generation }), ref;
  }
  free(ref, bytes) {
    let block = this.#live.get(ref);
    if (block === void 0) throw new Error(`arena: free of ${ref}, which is not a live block`);
    if (block.bytes !== bytes)
      throw new Error(`arena: block ${ref} has ${block.bytes} bytes, freed with ${bytes}`);
    this.#checkZones(ref, bytes), this.#live.delete(ref);
    let at = (ref & 8388607) << 3;
    this.#arena.u8[ref >>> 23].fill(219, at, at + Math.min(bytes, 4096)), this.#quarantine.push({ ref, bytes }), this.#quarantine.length > 256 && this.#release();
  }
  /** Checks every live block's redzones and every quarantined block's poison. */
  verify() {
    for (let [ref, { bytes }] of this.#live) this.#checkZones(ref, bytes);
    for (let { ref, bytes } of this.#quarantine) this.#checkPoison(ref, bytes);
  }
  #release() {
    let { ref, bytes } = this.#quarantine.shift();
    this.#checkPoison(ref, bytes), this.#arena.freeRaw(ref - 8, bytes + 128);
  }
  #checkZones(ref, bytes) {
    let u8 = this.#arena.u8[ref >>> 23], at = (ref & 8388607) << 3;
    for (let i = 0; i < 64; i++) {
      if (u8[at - 64 + i] !== 253) throw new Error(`arena: underrun of block ${ref} (${bytes} bytes)`);
      if (u8[at + bytes + i] !== 253) throw new Error(`arena: overrun of block ${ref} (${bytes} bytes)`);
    }
  }
  #checkPoison(ref, bytes) {
    let u8 = this.#arena.u8[ref >>> 23], at = (ref & 8388607) << 3;
    for (let i = 0; i < Math.min(bytes, 4096); i++)
      if (u8[at + i] !== 219) throw new Error(`arena: block ${ref} was written after it was freed`);
  }
};

// src/arena/arena.ts
var CHUNK_SHIFT6 = 23, UNIT_MASK6 = 8388607, GRANULE_SHIFT = 13, GRANULE_MASK = GRANULES_PER_CHUNK - 1, HUGE_BYTES_MIN = 16 * 1024 * 1024, FREE = 0, CUT = 1, LIVE = 2, CLASS = 3, NEXT = 4, PREV = 5, GRANULES = 6, HEAD = 7, NONE2 = -1, Arena = class {
  u8 = [];
  u32 = [];
  /** Bytes of live blocks of each class, then of large blocks; [CLASS_COUNT + 1] is their sum. */
  #bytes = new Float64Array(CLASS_COUNT + 2);
  #spans = [];
  /** First span of each class that has room, as a granule number. */
  #roomy = new Int32Array(CLASS_COUNT).fill(NONE2);
  #spanCount = new Int32Array(CLASS_COUNT);
  #granules;
  #guard;
  constructor(options) {
    this.#granules = new Granules(options.source, (chunk, buffer) => {
      this.u8[chunk] = new Uint8Array(buffer), this.u32[chunk] = new Uint32Array(buffer), this.#spans[chunk] ??= new Int32Array(GRANULES_PER_CHUNK * 8);
    }), this.#guard = options.checked ? new Guard(this) : null;
  }
  /** Exact bytes of all live blocks, each counted at its class size. */
  get usedBytes() {
    return this.#bytes[CLASS_COUNT + 1];
  }
  /** Bytes that the arena holds from the system: what is in spans, large blocks and free but touched granules. */
  get committedBytes() {
    let granules = this.#granules.touchedFreeGranules;
    for (let c = 0; c < CLASS_COUNT; c++) granules += this.#spanCount[c] * SPAN_GRANULES[c];
    return granules * 65536 + this.#bytes[CLASS_COUNT];
  }
  get mappedBytes() {
    return this.#granules.mappedChunks * CHUNK_BYTES;
  }
  /** A block of at least `bytes` bytes, content undefined. Throws OutOfMemoryError. */
  alloc(bytes) {
    return this.#guard === null ? this.allocRaw(bytes) : this.#guard.alloc(bytes);
  }
  /** Frees a block; `bytes` is what it was allocated or last resized with. */
  free(ref, bytes) {
    this.#guard === null ? this.freeRaw(ref, bytes) : this.#guard.free(ref, bytes);
  }
  /** Moves a block to another size if need be; keeps its first bytes. */
  resize(ref, oldBytes, newBytes) {
    if (this.#guard === null && this.#fitsInPlace(oldBytes, newBytes)) return ref;
    let to = this.alloc(newBytes), from = (ref & UNIT_MASK6) << 3, bytes = oldBytes < newBytes ? oldBytes : newBytes;
    return this.u8[to >>> CHUNK_SHIFT6].set(
      this.u8[ref >>> CHUNK_SHIFT6].subarray(from, from + bytes),
      (to & UNIT_MASK6) << 3
    ), this.free(ref, oldBytes), to;
  }
  /** How many bytes a block asked for with `bytes` really has. */
  usableBytes(bytes) {
    return bytes <= 262144 ? CLASS_BYTES[classOf(bytes)] : Math.ceil(bytes / 65536) * 65536;
  }
  allocRaw(bytes) {
    if (bytes > 262144) return this.#allocLarge(bytes);
    let sizeClass = classOf(bytes), granule = this.#roomy[sizeClass];
    granule === NONE2 && (granule = this.#addSpan(sizeClass));
    let span = this.#spans[granule >>> 10], at = (granule & GRANULE_MASK) << 3, size = CLASS_BYTES[sizeClass], live = ++span[at + LIVE], ref = span[at + FREE] >>> 0;
    return ref !== 0 ? span[at + FREE] = this.u32[ref >>> CHUNK_SHIFT6][(ref & UNIT_MASK6) << 1] : ref = (granule << GRANULE_SHIFT >>> 0) + (span[at + CUT]++ * size >>> 3), (live + 1) * size > span[at + GRANULES] * 65536 && this.#unlink(granule, sizeClass), this.#bytes[sizeClass] += size, this.#bytes[CLASS_COUNT + 1] += size, ref;
  }
  freeRaw(ref, bytes) {
    if (bytes > 262144) {
      this.#freeLarge(ref, bytes);
      return;
    }
    let sizeClass = classOf(bytes), spans = this.#spans[ref >>> CHUNK_SHIFT6], granule = ref >>> GRANULE_SHIFT, at = (granule & GRANULE_MASK) << 3;
    if (granule = spans[at + HEAD], at = (granule & GRANULE_MASK) << 3, spans[at + CLASS] !== sizeClass) throw new Error(`arena: block ${ref} is not of ${bytes} bytes`);
    let size = CLASS_BYTES[sizeClass], wasFull = (spans[at + LIVE] + 1) * size > spans[at + GRANULES] * 65536;
    this.u32[ref >>> CHUNK_SHIFT6][(ref & UNIT_MASK6) << 1] = spans[at + FREE], spans[at + FREE] = ref | 0;
    let live = --spans[at + LIVE];
    wasFull && this.#link(granule, sizeClass), live === 0 && this.#emptied(granule, sizeClass), this.#bytes[sizeClass] -= size, this.#bytes[CLASS_COUNT + 1] -= size;
  }
  /** Returns pages of free granules to the system, at most `granules` of them; answers how many. */
  purge(granules = Number.MAX_SAFE_INTEGER) {
    return this.#granules.purge(granules);
  }
  get purgeableBytes() {
    return this.#granules.touchedFreeGranules * 65536;
  }
  /** Per class: block size, live bytes, spans. Large blocks come last with size 0. */
  classes() {
    let rows = [];
    for (let c = 0; c < CLASS_COUNT; c++)
      rows.push({
        blockBytes: CLASS_BYTES[c],
        usedBytes: this.#bytes[c],
        spanBytes: this.#spanCount[c] * SPAN_GRANULES[c] * 65536
      });
    let large = this.#bytes[CLASS_COUNT];
    return rows.push({ blockBytes: 0, usedBytes: large, spanBytes: large }), rows;
  }
  /** Checked mode: walks all blocks and throws on a damaged one. */
  verify() {
    this.#guard?.verify();
  }
  /** Checked mode: how many blocks are live. */
  get liveBlocks() {
    return this.#guard?.liveBlocks ?? Number.NaN;
  }
  #fitsInPlace(oldBytes, newBytes) {
    let oldUsable = this.usableBytes(oldBytes), newUsable = this.usableBytes(newBytes);
    return oldUsable === newUsable ? !0 : oldBytes <= HUGE_BYTES_MIN || newBytes <= HUGE_BYTES_MIN || Math.ceil(oldBytes / CHUNK_BYTES) !== Math.ceil(newBytes / CHUNK_BYTES) ? !1 : (this.#bytes[CLASS_COUNT] += newUsable - oldUsable, this.#bytes[CLASS_COUNT + 1] += newUsable - oldUsable, !0);
  }
  #allocLarge(bytes) {
    let whole = this.usableBytes(bytes), ref = bytes > HUGE_BYTES_MIN ? this.#granules.takeHuge(bytes) << CHUNK_SHIFT6 >>> 0 : this.#granules.take(whole / 65536) << GRANULE_SHIFT >>> 0;
    return this.#bytes[CLASS_COUNT] += whole, this.#bytes[CLASS_COUNT + 1] += whole, ref;
  }
  #freeLarge(ref, bytes) {
    let whole = this.usableBytes(bytes);
    bytes > HUGE_BYTES_MIN ? (delete this.u8[ref >>> CHUNK_SHIFT6], delete this.u32[ref >>> CHUNK_SHIFT6], this.#granules.giveHuge(ref >>> CHUNK_SHIFT6, bytes)) : this.#granules.give(ref >>> GRANULE_SHIFT, whole / 65536), this.#bytes[CLASS_COUNT] -= whole, this.#bytes[CLASS_COUNT + 1] -= whole;
  }
  #addSpan(sizeClass) {
    let granules = SPAN_GRANULES[sizeClass], granule = this.#granules.take(granules), span = this.#spans[granule >>> 10], at = (granule & GRANULE_MASK) << 3;
    span[at + FREE] = 0, span[at + CUT] = 0, span[at + LIVE] = 0, span[at + CLASS] = sizeClass, span[at + GRANULES] = granules;
    for (let i = 0; i < granules; i++) span[at + (i << 3) + HEAD] = granule;
    return this.#spanCount[sizeClass]++, this.#link(granule, sizeClass), granule;
  }
  /** A span without live blocks leaves, unless it is the only one of its class with room. */
  #emptied(granule, sizeClass) {
    let span = this.#spans[granule >>> 10], at = (granule & GRANULE_MASK) << 3;
    if (this.#roomy[sizeClass] === granule && span[at + NEXT] === NONE2) {
      span[at + FREE] = 0, span[at + CUT] = 0;
      return;
    }
    this.#unlink(granule, sizeClass), span[at + CLASS] = NONE2, this.#spanCount[sizeClass]--, this.#granules.give(granule, span[at + GRANULES]);
  }
  #link(granule, sizeClass) {
    let span = this.#spans[granule >>> 10], at = (granule & GRANULE_MASK) << 3, next = this.#roomy[sizeClass];
    span[at + NEXT] = next, span[at + PREV] = NONE2, next !== NONE2 && (this.#spans[next >>> 10][((next & GRANULE_MASK) << 3) + PREV] = granule), this.#roomy[sizeClass] = granule;
  }
  #unlink(granule, sizeClass) {
    let span = this.#spans[granule >>> 10], at = (granule & GRANULE_MASK) << 3, next = span[at + NEXT], prev = span[at + PREV];
    prev === NONE2 ? this.#roomy[sizeClass] = next : this.#spans[prev >>> 10][((prev & GRANULE_MASK) << 3) + NEXT] = next, next !== NONE2 && (this.#spans[next >>> 10][((next & GRANULE_MASK) << 3) + PREV] = prev);
  }
};

// src/base/deadlines.ts
var Deadlines = class {
  /** Called when the earliest deadline became an earlier one. */
  onEarlier = null;
  #heap = [];
  #orders = 0;
  get count() {
    return this.#heap.length;
  }
  /** When the earliest deadline is; Infinity if there is none. */
  get nextMs() {
    return this.#heap.length === 0 ? Number.POSITIVE_INFINITY : this.#heap[0].atMs;
  }
  /** Calls `run` once `runDue` is called at `atMs` or later. */
  set(atMs, run) {
    let deadline = { atMs, run, place: this.#heap.length, order: this.#orders++ };
    return this.#heap.push(deadline), this.#rise(deadline), deadline.place === 0 && this.onEarlier?.(), deadline;
  }
  /** Takes a deadline back; nothing happens if it is past. */
  cancel(deadline) {
    let { place } = deadline;
    if (place < 0) return;
    deadline.place = -1;
    let last = this.#heap.pop();
    last !== deadline && (this.#put(last, place), this.#rise(last), this.#sink(last));
  }
  /** Runs everything due at `nowMs`, also what that sets for no later. */
  runDue(nowMs) {
    for (; this.nextMs <= nowMs; ) {
      let deadline = this.#heap[0];
      this.cancel(deadline), deadline.run();
    }
  }
  #rise(deadline) {
    for (; deadline.place > 0; ) {
      let parent = this.#heap[deadline.place - 1 >> 1];
      if (!isBefore(deadline, parent)) return;
      this.#exchange(deadline, parent);
    }
  }
  #sink(deadline) {
    for (; ; ) {
      let left = this.#heap[2 * deadline.place + 1], right = this.#heap[2 * deadline.place + 2];
      if (left === void 0) return;
      let child = right !== void 0 && isBefore(right, left) ? right : left;
      if (!isBefore(child, deadline)) return;
      this.#exchange(deadline, child);
    }
  }
  #exchange(a, b) {
    let { place } = a;
    this.#put(a, b.place), this.#put(b, place);
  }
  #put(deadline, place) {
    this.#heap[place] = deadline, deadline.place = place;
  }
};
function isBefore(a, b) {
  return a.atMs < b.atMs || a.atMs === b.atMs && a.order < b.order;
}

// src/base/keyhash.ts
var KeyHash = class {
  key0;
  key1;
  /** @param key0 low 32 bits of the key, @param key1 high 32 bits of the key. */
  constructor(key0, key1) {
    this.key0 = key0 | 0, this.key1 = key1 | 0;
  }
  /** Hash of `length` bytes at `offset` as an unsigned 32-bit integer. */
  hash(bytes, offset, length) {
    let v0 = this.key0, v1 = this.key1, v2 = 1819895653 ^ v0, v3 = 1952801890 ^ v1, end = offset + (length & -4), at = offset, word2 = 0;
    for (; at < end ? word2 = bytes[at] | bytes[at + 1] << 8 | bytes[at + 2] << 16 | bytes[at + 3] << 24 : word2 = lastWord(bytes, at, length), v3 ^= word2, v0 = v0 + v1 | 0, v1 = v1 << 5 | v1 >>> 27, v1 ^= v0, v0 = v0 << 16 | v0 >>> 16, v2 = v2 + v3 | 0, v3 = v3 << 8 | v3 >>> 24, v3 ^= v2, v0 = v0 + v3 | 0, v3 = v3 << 7 | v3 >>> 25, v3 ^= v0, v2 = v2 + v1 | 0, v1 = v1 << 13 | v1 >>> 19, v1 ^= v2, v2 = v2 << 16 | v2 >>> 16, v0 ^= word2, !(at >= end); )
      at += 4;
    v2 ^= 255;
    for (let round2 = 0; round2 < 3; round2++)
      v0 = v0 + v1 | 0, v1 = v1 << 5 | v1 >>> 27, v1 ^= v0, v0 = v0 << 16 | v0 >>> 16, v2 = v2 + v3 | 0, v3 = v3 << 8 | v3 >>> 24, v3 ^= v2, v0 = v0 + v3 | 0, v3 = v3 << 7 | v3 >>> 25, v3 ^= v0, v2 = v2 + v1 | 0, v1 = v1 << 13 | v1 >>> 19, v1 ^= v2, v2 = v2 << 16 | v2 >>> 16;
    return (v1 ^ v3) >>> 0;
  }
};
function lastWord(bytes, at, length) {
  let word2 = length << 24, rest = length & 3;
  return rest > 2 && (word2 |= bytes[at + 2] << 16), rest > 1 && (word2 |= bytes[at + 1] << 8), rest > 0 && (word2 |= bytes[at]), word2;
}

// src/bridge/lane.ts
var NO_FRAME = -1, Lane = class {
  index;
  ctl;
  req;
  desc;
  out;
  #out32;
  #owner;
  /** Words of desc done; bytes of req done; both monotonic modulo 2^32. */
  descTail;
  reqTail;
  /** Bytes of out written, and of them published. */
  #outHead;
  /** out_tail as last read. */
  #outTail;
  /** Start of the open frame in `out`, or NO_FRAME. */
  #frame = NO_FRAME;
  #published;
  constructor(index, buffers, owner) {
    this.index = index, this.#owner = owner, this.ctl = new Int32Array(buffers.ctl), this.req = new Uint8Array(buffers.req), this.desc = new Int32Array(buffers.desc), this.out = new Uint8Array(buffers.out), this.#out32 = new Int32Array(buffers.out), this.descTail = Atomics.load(this.ctl, 16), this.reqTail = Atomics.load(this.ctl, 32), this.#outHead = Atomics.load(this.ctl, 48), this.#outTail = Atomics.load(this.ctl, 64), this.#published = this.#outHead;
  }
  /** Position up to which records are published. */
  descHead() {
    return Atomics.load(this.ctl, 0);
  }
  /** Publishes what was written and consumed: first the replies, then the tails. */
  publish() {
    this.#published !== this.#outHead && (this.#published = this.#outHead, Atomics.store(this.ctl, 48, this.#outHead)), Atomics.store(this.ctl, 32, this.reqTail), Atomics.store(this.ctl, 16, this.descTail);
  }
  /** Whether frames were written since the last publish. */
  get hasUnpublished() {
    return this.#published !== this.#outHead;
  }
  /**
   * Opens a frame with room for `bytes` bytes at least; returns where its bytes start. `frameLimit` says where its room ends.
   */
  openFrame(kind, slot, generation, bytes) {
    if (this.#frame !== NO_FRAME) throw new Error("lane: a frame is open already");
    let needed = 16 + (bytes + 7 & -8), at = this.#outHead & this.out.length - 1;
    this.out.length - at < needed && (this.#makeRoom(this.out.length - at), this.#out32[at >> 2] = 0, this.#outHead = this.#outHead + (this.out.length - at) | 0, at = 0), this.#makeRoom(needed), this.#frame = at;
    let word2 = at >> 2;
    return this.#out32[word2] = kind, this.#out32[word2 + 2] = slot, this.#out32[word2 + 3] = generation, at + 16;
  }
  /** End of the contiguous free room for the open frame. */
  frameLimit() {
    let free = this.out.length - (this.#outHead - this.#outTail >>> 0);
    return Math.min(this.out.length, this.#frame + free) & -8;
  }
  /** Closes the open frame, whose bytes end at `end`. */
  closeFrame(end) {
    let length = end - this.#frame - 16;
    this.#out32[(this.#frame >> 2) + 1] = length, this.#outHead = this.#outHead + 16 + (length + 7 & -8) | 0, this.#frame = NO_FRAME;
  }
  /** Drops the open frame. */
  cancelFrame() {
    this.#frame = NO_FRAME;
  }
  /** A frame without bytes; `value` stands in its length word. */
  control(kind, slot, generation, value) {
    let at = this.openFrame(kind, slot, generation, 0) - 16;
    this.#out32[(at >> 2) + 1] = value, this.#outHead = this.#outHead + 16 | 0, this.#frame = NO_FRAME;
  }
  /** Waits, if need be, until `bytes` bytes of `out` behind the head are free. */
  #makeRoom(bytes) {
    let { length } = this.out;
    length - (this.#outHead - this.#outTail >>> 0) >= bytes || (this.#outTail = Atomics.load(this.ctl, 64), !(length - (this.#outHead - this.#outTail >>> 0) >= bytes) && (this.#published = this.#outHead, Atomics.store(this.ctl, 48, this.#outHead), this.#owner.reserve(this.index, bytes), this.#outTail = Atomics.load(this.ctl, 64)));
  }
};

// src/commands/args.ts
var Args = class {
  /** The bytes that the pairs point into; kept by whoever runs the command. */
  bytes = new Uint8Array(0);
  /** Pairs: argument i is at pairs[first + 2i], with length pairs[first + 2i + 1]. */
  pairs = new Int32Array(0);
  first = 0;
  count = 0;
  /** Hash of the argument at the command's first key position. */
  hash = 0;
  /** Takes the arguments of a command that was kept. */
  load({ bytes, pairs, hash: hash2 }) {
    this.bytes = bytes, this.pairs = pairs, this.first = 0, this.count = pairs.length >> 1, this.hash = hash2;
  }
  /** A copy of the arguments, to be run as command `id` later. */
  keep(id) {
    let pairs = new Int32Array(this.count * 2), bytes = new Uint8Array(this.totalBytes), at = 0;
    for (let i = 0; i < this.count; i++)
      pairs[2 * i] = at, pairs[2 * i + 1] = this.length(i), bytes.set(this.view(i), at), at += this.length(i);
    return { id, bytes, pairs, hash: this.hash };
  }
  /** Where argument i starts in `bytes`. */
  at(i) {
    return this.pairs[this.first + (i << 1)];
  }
  /** Length of argument i in bytes. */
  length(i) {
    return this.pairs[this.first + (i << 1) + 1];
  }
  /** Bytes of all arguments together. */
  get totalBytes() {
    let bytes = 0;
    for (let i = 0; i < this.count; i++) bytes += this.length(i);
    return bytes;
  }
  /** Whether argument i is this word (given in lower case), in any case. */
  is(i, lower) {
    return equalsWord(this.bytes, this.at(i), this.length(i), lower);
  }
  /** Argument i with one character for each byte. */
  text(i) {
    return toLatin1(this.bytes, this.at(i), this.length(i));
  }
  /** Argument i as an integer within ±2^53, or NaN. */
  int(i) {
    return parseInt53(this.bytes, this.at(i), this.length(i));
  }
  /** Argument i as a signed 64-bit integer, or null. */
  int64(i) {
    return parseInt64(this.bytes, this.at(i), this.length(i));
  }
  /** A view of argument i; it is valid while the command runs. */
  view(i) {
    let at = this.at(i);
    return this.bytes.subarray(at, at + this.length(i));
  }
  /** A copy of argument i. */
  copy(i) {
    let at = this.at(i);
    return this.bytes.slice(at, at + this.length(i));
  }
};

// src/commands/context.ts
var Context = class {
  args = new Args();
  reply;
  keyspace;
  config;
  table;
  server;
  /** The client's database. */
  db;
  /** Id of the running command in the table (of the subcommand, where there is one). */
  commandId = 0;
  /** Set while EXEC runs a queue: blocking commands then answer at once. */
  inTransaction = !1;
  constructor(server, reply, keyspace, config, table) {
    this.server = server, this.reply = reply, this.keyspace = keyspace, this.config = config, this.table = table, this.db = keyspace.db(0);
  }
  /** The client whose command this is; its object is made on first use. Call `clientChanged` after changing it. */
  get client() {
    return this.server.currentClient();
  }
  /** Puts changes of the client into force for its next command. */
  clientChanged() {
    this.server.clientChanged(this.client);
  }
  /** Announces that the command changed the key in argument `i` (once for each change). */
  changed(i, eventClass, event) {
    let { args } = this;
    this.keyspace.changed(this.db, args.bytes, args.at(i), args.length(i), eventClass, event);
  }
  /** Announces an event of argument `i` that follows from a change already announced (such as `expire` after `set`). */
  event(i, eventClass, event) {
    let { args } = this;
    this.keyspace.event(this.db, args.bytes, args.at(i), args.length(i), eventClass, event);
  }
  /** The hash of the key in argument `i`; that of a first key in argument 1 came with the command. */
  hashOf(i) {
    let { args } = this;
    return i === 1 && args.hash !== 0 ? args.hash : this.keyspace.hash.hash(args.bytes, args.at(i), args.length(i));
  }
  /** Live entry of the key in argument `i` for reading, or 0; leaves the hit on it. */
  lookup(i) {
    let { args } = this;
    return this.db.lookup(args.bytes, args.at(i), args.length(i), this.hashOf(i));
  }
  /** Like `lookup`, but leaves the entry's access clock alone. */
  peek(i) {
    let { args } = this;
    return this.db.peek(args.bytes, args.at(i), args.length(i), this.hashOf(i));
  }
  /** Live entry of the key in argument `i` for writing, or 0; leaves the hit on it. */
  lookupWrite(i) {
    let { args } = this;
    return this.db.lookupWrite(args.bytes, args.at(i), args.length(i), this.hashOf(i));
  }
};

// src/commands/name_index.ts
var NameIndex = class {
  #bytes;
  /** Where name i starts in #bytes; it ends where the next one starts. */
  #starts;
  #slots;
  #mask;
  /** Throws if a name is there twice. */
  constructor(names) {
    this.#bytes = Buffer.from(names.join(""), "latin1"), this.#starts = new Int32Array(names.length + 1);
    let capacity = 8;
    for (; capacity < 2 * names.length; ) capacity *= 2;
    this.#mask = capacity - 1, this.#slots = new Int32Array(capacity).fill(-1);
    for (let i = 0; i < names.length; i++) this.#add(i, names[i]);
  }
  /** Number of the name in `bytes`; -1 if there is none. */
  find(bytes, at, length) {
    if (length === 0) return -1;
    let slot = hash(bytes, at, length) & this.#mask;
    for (; ; ) {
      let index = this.#slots[slot];
      if (index === -1 || this.#equals(index, bytes, at, length)) return index;
      slot = slot + 1 & this.#mask;
    }
  }
  #add(index, name) {
    let start = this.#starts[index];
    if (this.#starts[index + 1] = start + name.length, name.length === 0) return;
    if (this.find(this.#bytes, start, name.length) !== -1) throw new Error(`name given twice: ${name}`);
    let slot = hash(this.#bytes, start, name.length) & this.#mask;
    for (; this.#slots[slot] !== -1; ) slot = slot + 1 & this.#mask;
    this.#slots[slot] = index;
  }
  #equals(index, bytes, at, length) {
    let start = this.#starts[index];
    if (this.#starts[index + 1] - start !== length) return !1;
    for (let i = 0; i < length; i++) {
      let byte = bytes[at + i];
      if ((byte >= 65 && byte <= 90 ? byte + 32 : byte) !== this.#bytes[start + i]) return !1;
    }
    return !0;
  }
};
function hash(bytes, at, length) {
  let h = 2166136261;
  for (let i = 0; i < length; i++) h = Math.imul(h ^ (bytes[at + i] | 32), 16777619);
  return (h ^ h >>> 15) >>> 0;
}

// src/commands/table.ts
var CommandTable = class {
  /** Everything about an id. */
  specs;
  /** What running a command needs, by id, apart from the rest. */
  handlers;
  flags;
  arities;
  /** Number of commands that are no subcommands; their ids are below it. */
  commandCount;
  #names;
  /** By id of a container: index of its subcommands by the word after the bar, and the id of the first. */
  #subcommands;
  #firstSubcommand;
  #index;
  /** Throws if a name is there twice or a subcommand is not named after its container. */
  constructor(commands) {
    this.commandCount = commands.length, this.specs = [...commands, ...commands.flatMap((spec) => spec.subcommands)], this.handlers = this.specs.map((spec) => spec.run), this.flags = Int32Array.from(this.specs, (spec) => spec.flags), this.arities = Int32Array.from(this.specs, (spec) => spec.arity), this.#names = commands.map((spec) => spec.name), this.#index = new NameIndex(this.#names), this.#subcommands = commands.map(indexOfSubcommands), this.#firstSubcommand = new Int32Array(commands.length);
    let id = commands.length;
    commands.forEach((spec, container2) => {
      this.#firstSubcommand[container2] = id, id += spec.subcommands.length;
    });
  }
  /** Id of the command called so now; -1 if there is none. Subcommands are not found here. */
  find(bytes, at, length) {
    return this.#index.find(bytes, at, length);
  }
  isContainer(id) {
    return (this.flags[id] & 16777216) !== 0;
  }
  /** Id of a subcommand of container `id`; -1 if it has none of that name. */
  findSubcommand(id, bytes, at, length) {
    let found = this.#subcommands[id].find(bytes, at, length);
    return found < 0 ? -1 : this.#firstSubcommand[id] + found;
  }
  /** Ids of the subcommands of container `id`. */
  subcommandIds(id) {
    return this.specs[id].subcommands.map((_, i) => this.#firstSubcommand[id] + i);
  }
  /** Id of what is called 'get' or 'config|get' now, in any case; -1 if there is none. */
  lookup(fullName) {
    let [name = "", subcommand, ...more] = fullName.split("|").map((word2) => Buffer.from(word2, "latin1")), id = this.find(name, 0, name.length);
    return subcommand === void 0 || id < 0 ? id : more.length > 0 || !this.isContainer(id) ? -1 : this.findSubcommand(id, subcommand, 0, subcommand.length);
  }
  /** Gives a command another name; '' takes it away. Throws with a text for the configuration error. */
  rename(from, to) {
    let id = this.#names.indexOf(from.toLowerCase()), target = to.toLowerCase();
    if (id < 0 || from === "") throw new RangeError("No such command in rename-command");
    if (this.#names[id] = "", target !== "" && this.#names.includes(target))
      throw new RangeError("Target command name already exists");
    this.#names[id] = target, this.#index = new NameIndex(this.#names);
  }
  /** Names in use, by id, for the native side; '' stands for a command that was taken away. */
  names() {
    return this.#names;
  }
  /** Position of the first key of each command, by id; 0: none at a fixed place. */
  firstKeys() {
    return Int32Array.from({ length: this.commandCount }, (_, id) => this.specs[id].range.first);
  }
  /** The commands that can be called, without subcommands. */
  commands() {
    return this.specs.filter((_, id) => id < this.commandCount && this.#names[id] !== "");
  }
  /** The commands that can be called, each followed by its subcommands. */
  everything() {
    return this.commands().flatMap((spec) => [spec, ...spec.subcommands]);
  }
};
function indexOfSubcommands(container2) {
  let prefix = `${container2.name}|`, stray = container2.subcommands.find((sub) => !sub.name.startsWith(prefix));
  if (stray !== void 0) throw new Error(`${stray.name} is no subcommand of ${container2.name}`);
  return container2.subcommands.length === 0 ? null : new NameIndex(container2.subcommands.map((sub) => sub.name.slice(prefix.length)));
}

// src/keyspace/active_expiry.ts
var ActiveExpiry = class {
  /** Estimated share of keys that are expired but still there, in percent (INFO expired_stale_perc). */
  stalePercent = 0;
  /** How often a slice ended because its time was up (INFO expired_time_cap_reached_count). */
  timeCapReached = 0;
  /** Time spent, in ms (INFO expire_cycle_cpu_milliseconds). */
  spentMs = 0;
  /** False after DEBUG SET-ACTIVE-EXPIRE 0. */
  enabled = !0;
  #keyspace;
  #effort = 1;
  /** The database that the next slice begins with. */
  #next = 0;
  /** Keys looked at and found expired, in the slice and in the batch in progress. */
  #sampledInSlice = 0;
  #expiredInSlice = 0;
  #sampled = 0;
  #expired = 0;
  #ttlSumMs = 0;
  #ttlCount = 0;
  #bucket = [];
  #collect;
  constructor(keyspace) {
    this.#keyspace = keyspace, this.#collect = (ref) => this.#bucket.push(ref);
  }
  /** `active-expire-effort`: 1 … 10. */
  set effort(effort) {
    this.#effort = Math.min(Math.max(effort, 1), 10);
  }
  /** Works for at most `budgetMs`; true when there is more to do at once. With an infinite budget no expired key stays. */
  slice(budgetMs) {
    let { clock } = this.#keyspace;
    if (!this.enabled || this.#keyspace.keepExpired) return !1;
    this.#keyspace.tick();
    let startMs = clock.monotonicMs(), more = budgetMs === Number.POSITIVE_INFINITY ? this.#everything() : this.#some(startMs + budgetMs);
    return this.spentMs += clock.monotonicMs() - startMs, more;
  }
  #everything() {
    for (let index = 0; index < this.#keyspace.databaseCount; index++) {
      let db = this.#keyspace.db(index);
      if (db.volatileCount !== 0) {
        db.expiryCursor = 0;
        do
          this.#visitBucket(db);
        while (db.expiryCursor !== 0);
      }
    }
    return this.stalePercent = 0, this.#clearCounts(), !1;
  }
  #some(endMs) {
    this.#sampledInSlice = 0, this.#expiredInSlice = 0;
    let timeIsUp = !1;
    for (let left = this.#keyspace.databaseCount; left > 0 && !timeIsUp; left--)
      timeIsUp = !this.#drain(this.#keyspace.db(this.#next), endMs), timeIsUp || (this.#next = (this.#next + 1) % this.#keyspace.databaseCount);
    let sampled = this.#sampledInSlice, percent = sampled === 0 ? 0 : this.#expiredInSlice * 100 / sampled;
    return this.stalePercent = this.stalePercent * 0.95 + percent * (1 - 0.95), timeIsUp && this.timeCapReached++, timeIsUp && percent > this.#acceptablePercent;
  }
  /** Batch after batch while none or many expired keys are found; false when the time was up before that. */
  #drain(db, endMs) {
    let { clock } = this.#keyspace;
    for (let batch = 1; db.volatileCount > 0; batch++) {
      if (this.#clearCounts(), this.#batch(db), this.#sampledInSlice += this.#sampled, this.#expiredInSlice += this.#expired, this.#estimateTtl(db), this.#sampled > 0 && this.#expired * 100 <= this.#acceptablePercent * this.#sampled) return !0;
      if (batch % 16 === 0 && clock.monotonicMs() > endMs) return !1;
    }
    return db.averageTtlMs = 0, !0;
  }
  get #acceptablePercent() {
    return 11 - this.#effort;
  }
  /** Looks at some keys with an expiry from the cursor on, or at many buckets that have none. */
  #batch(db) {
    let batchKeys = 20 + 5 * (this.#effort - 1), keys = Math.min(batchKeys, db.volatileCount);
    for (let buckets = keys * 20; buckets > 0 && this.#sampled < keys; buckets--)
      if (this.#visitBucket(db), db.volatileCount === 0) return;
  }
  /** Visits the bucket at the cursor and moves the cursor on. */
  #visitBucket(db) {
    let { nowMs, entries } = this.#keyspace, bucket = this.#bucket;
    bucket.length = 0, db.expiryCursor = db.scanMarked(db.expiryCursor, this.#collect);
    for (let i = 0; i < bucket.length; i++) {
      let ref = bucket[i], leftMs = entries.expiry(ref) - nowMs;
      this.#sampled++, leftMs < 0 ? (db.hitRef(ref, db.hashOf(ref)), this.#keyspace.expire(db, ref), this.#expired++) : leftMs > 0 && (this.#ttlSumMs += leftMs, this.#ttlCount++);
    }
  }
  #estimateTtl(db) {
    if (this.#ttlCount === 0) return;
    let meanMs = this.#ttlSumMs / this.#ttlCount;
    db.averageTtlMs = db.averageTtlMs === 0 ? meanMs : db.averageTtlMs * 0.98 + meanMs * (1 - 0.98);
  }
  #clearCounts() {
    this.#sampled = 0, this.#expired = 0, this.#ttlSumMs = 0, this.#ttlCount = 0;
  }
};

// src/metrics/command_stats.ts
var CommandStats = class {
  calls;
  usec;
  /** Refused before they ran. */
  rejected;
  /** Ran and answered an error. */
  failed;
  /** Errors by code ('ERR', 'WRONGTYPE' …). */
  errors = /* @__PURE__ */ new Map();
  errorReplies = 0;
  constructor(commands) {
    this.calls = new Float64Array(commands), this.usec = new Float64Array(commands), this.rejected = new Float64Array(commands), this.failed = new Float64Array(commands);
  }
  /** Counts an error reply by the code that its text starts with. */
  countError(text2) {
    let end = text2.search(/[\s]/), code = end < 0 ? text2 : text2.slice(0, end);
    this.errorReplies++, this.errors.set(code, (this.errors.get(code) ?? 0) + 1);
  }
  reset() {
    this.calls.fill(0), this.usec.fill(0), this.rejected.fill(0), this.failed.fill(0), this.errors.clear(), this.errorReplies = 0;
  }
};

// src/metrics/latency.ts
var Histogram = class {
  #counts = new Float64Array(3072);
  /** Calls counted. */
  total = 0;
  /** Counts `calls` calls of `ns` nanoseconds each. */
  add(ns, calls) {
    this.#counts[bucketOf(ns)] += calls, this.total += calls;
  }
  /** The time in µs that `percent` per cent of the calls did not exceed; 0 per cent gives the shortest one. */
  percentileUs(percent) {
    let wanted = Math.max(1, Math.floor(Math.min(percent, 100) / 100 * this.total + 0.5)), seen = 0;
    for (let bucket = 0; bucket < 3072; bucket++)
      if (seen += this.#counts[bucket], seen >= wanted) return (percent === 0 ? lowestOf(bucket) : highestOf(bucket)) / 1e3;
    return 0;
  }
  /** The cumulative histogram in powers of two, without steps that add nothing. */
  steps() {
    let steps = [], seen = 0, bucket = 0;
    for (let boundNs = 1024; seen < this.total; boundNs *= 2) {
      let before = seen, last = boundNs > 1e9 ? 3071 : bucketOf(boundNs);
      for (; bucket <= last; bucket++) seen += this.#counts[bucket];
      seen > before && steps.push({ upToUs: Math.floor(highestOf(last) / 1e3), calls: seen });
    }
    return steps;
  }
}, Latency = class {
  #histograms = [];
  enabled = !0;
  /** Notes `calls` calls of command `id` that took `us` microseconds each. */
  record(id, us, calls) {
    if (!this.enabled) return;
    (this.#histograms[id] ??= new Histogram()).add(us * 1e3, calls);
  }
  /** The histogram of a command; undefined if no call of it was noted. */
  of(id) {
    return this.#histograms[id];
  }
  reset() {
    this.#histograms.length = 0;
  }
};
function bucketOf(ns) {
  let value = ns < 1 ? 1 : ns > 1e9 ? 1e9 : ns | 0;
  if (value < 256) return value;
  let shift = 24 - Math.clz32(value);
  return 128 * shift + (value >>> shift);
}
function lowestOf(bucket) {
  if (bucket < 256) return bucket;
  let shift = (bucket >>> 7) - 1;
  return (bucket - 128 * shift) * 2 ** shift;
}
function highestOf(bucket) {
  return bucket < 256 ? bucket : lowestOf(bucket) + 2 ** ((bucket >>> 7) - 1) - 1;
}

// src/metrics/rates.ts
var Rate = class {
  #perSecond = new Float64Array(16);
  #index = 0;
  #lastValue = 0;
  #lastMs = 0;
  /** Notes the counter's value at a monotonic time. */
  sample(value, nowMs) {
    let elapsedMs = nowMs - this.#lastMs;
    elapsedMs <= 0 || (this.#perSecond[this.#index] = (value - this.#lastValue) * 1e3 / elapsedMs, this.#index = (this.#index + 1) % 16, this.#lastValue = value, this.#lastMs = nowMs);
  }
  /** Mean of the samples, per second. */
  get value() {
    let sum = 0;
    for (let sample of this.#perSecond) sum += sample;
    return sum / 16;
  }
  reset(value, nowMs) {
    this.#perSecond.fill(0), this.#lastValue = value, this.#lastMs = nowMs;
  }
};

// src/metrics/slowlog.ts
var Slowlog = class {
  /** Microseconds from which a command is slow; negative: none is. */
  thresholdUs = 1e4;
  /** Words that are kept of a command, and characters of a word. */
  wordsMax = 32;
  wordCharsMax = 128;
  #maxLength = 128;
  /** Oldest first, from `#first` on. */
  #entries = [];
  #first = 0;
  #nextId = 0;
  get length() {
    return this.#entries.length - this.#first;
  }
  get maxLength() {
    return this.#maxLength;
  }
  set maxLength(length) {
    this.#maxLength = length, this.#trim();
  }
  /** Whether a command that took so long is slow. */
  isSlow(us) {
    return this.thresholdUs >= 0 && us >= this.thresholdUs;
  }
  add({ time, us, count: count2, argument, address, name }) {
    let args = this.#shown(count2, argument);
    this.#entries.push({ id: this.#nextId++, time, us, args, address, name }), this.#trim();
  }
  /** The newest entries, newest first. */
  newest(count2) {
    let from = Math.max(this.#first, this.#entries.length - count2);
    return this.#entries.slice(from).reverse();
  }
  reset() {
    this.#entries = [], this.#first = 0;
  }
  #trim() {
    this.#first = Math.max(this.#first, this.#entries.length - this.#maxLength), !(this.#first < 1024) && (this.#entries = this.#entries.slice(this.#first), this.#first = 0);
  }
  /** The words, long ones and late ones cut, with what was cut away. */
  #shown(count2, argument) {
    let shown = count2 > this.wordsMax ? this.wordsMax - 1 : count2, args = [];
    for (let i = 0; i < shown; i++) {
      let text2 = argument(i), cut = text2.length - this.wordCharsMax;
      args.push(cut > 0 ? `${text2.slice(0, this.wordCharsMax)}... (${cut} more bytes)` : text2);
    }
    return shown < count2 && args.push(`... (${count2 - shown} more arguments)`), args;
  }
};

// src/session/acl_log.ts
var AclLog = class {
  #entries = [];
  #nextId = 0;
  get entries() {
    return this.#entries;
  }
  add(refusal, client, nowMs, entriesMax) {
    let entry = this.#entries.slice(0, 10).find((entry2) => isSame(entry2, refusal) && Math.abs(nowMs - entry2.updatedMs) <= 6e4) ?? {
      ...refusal,
      id: this.#nextId++,
      createdMs: nowMs,
      count: 0,
      updatedMs: 0,
      client: ""
    };
    entry.count++, entry.updatedMs = nowMs, entry.client = client, this.#entries = [entry, ...this.#entries.filter((other) => other !== entry)].slice(0, entriesMax);
  }
  reset() {
    this.#entries = [];
  }
};
function isSame(a, b) {
  return a.reason === b.reason && a.context === b.context && a.object === b.object && a.username === b.username;
}

// src/session/lane_clients.ts
var LaneClients = class {
  states = new Int32Array(256);
  #clients = /* @__PURE__ */ new Map();
  #subcommands = new Int32Array(0);
  get clients() {
    return this.#clients.values();
  }
  /** The Client object of a slot, if one exists. */
  client(slot) {
    return this.#clients.get(slot);
  }
  state(slot) {
    return slot < this.states.length ? this.states[slot] : 0;
  }
  setState(slot, state) {
    slot >= this.states.length && (this.states = grown(this.states, slot)), this.states[slot] = state;
  }
  /** The subcommand that a slot ran last; 0 if it ran none. It says nothing if another command came after it. */
  subcommand(slot) {
    return slot < this.#subcommands.length ? this.#subcommands[slot] : 0;
  }
  noteSubcommand(slot, id) {
    slot >= this.#subcommands.length && (this.#subcommands = grown(this.#subcommands, slot)), this.#subcommands[slot] = id;
  }
  add(client) {
    this.#clients.set(client.slot, client), this.refresh(client);
  }
  /** Recomputes the packed state after the client changed. */
  refresh(client) {
    let state = 9 | client.dbIndex << 16;
    client.resp3 && (state |= 2), client.needsAttention && (state |= 4), this.setState(client.slot, state);
  }
  /** Forgets a closed connection; its Client object, if there was one. */
  remove(slot) {
    let client = this.#clients.get(slot);
    return this.#clients.delete(slot), slot < this.states.length && (this.states[slot] = 0), slot < this.#subcommands.length && (this.#subcommands[slot] = 0), client;
  }
};
function grown(array, slot) {
  let larger = new Int32Array(Math.max(slot + 1, array.length * 2));
  return larger.set(array), larger;
}

// src/session/clients.ts
var Clients = class {
  lanes;
  #connections;
  /** Whether a connection whose first command arrives now must authenticate. */
  authRequired = !1;
  constructor(lanes, connections) {
    this.lanes = Array.from({ length: lanes }, () => new LaneClients()), this.#connections = connections;
  }
  /** The Client object of a connection, made if there is none yet. */
  get(lane, slot, generation) {
    let known = this.lanes[lane].client(slot);
    if (known !== void 0) return known;
    let row = this.#connections.clientRow(lane, slot), client = new Client(lane, slot, generation, row?.id ?? 0, !this.authRequired), state = this.lanes[lane].state(slot);
    return client.dbIndex = state >>> 16, client.resp3 = (state & 2) !== 0, state !== 0 && (client.authenticated = !0), this.lanes[lane].add(client), client;
  }
  /** Stores what changed in a client where the executor looks for it. */
  refresh(client) {
    this.lanes[client.lane].refresh(client);
  }
  /** The Client object of a connection, if there is one. */
  find(row) {
    let client = this.lanes[row.lane].client(row.slot);
    return client?.generation === row.generation ? client : void 0;
  }
  /** Moves a connection to a database. */
  select(lane, slot, index) {
    let client = this.lanes[lane].client(slot);
    if (client === void 0) {
      let state = this.lanes[lane].state(slot);
      this.lanes[lane].setState(slot, state & 65535 | index << 16);
    } else
      client.dbIndex = index, this.refresh(client);
  }
  /** Makes a connection speak RESP3, or RESP2. */
  speak(lane, slot, resp3) {
    let client = this.lanes[lane].client(slot);
    if (client === void 0) {
      let state = this.lanes[lane].state(slot);
      this.lanes[lane].setState(slot, resp3 ? state | 2 : state & -3);
    } else
      client.resp3 = resp3, this.refresh(client);
  }
  /** The Client objects there are; plain connections have none. */
  *known() {
    for (let lane of this.lanes) yield* lane.clients;
  }
  rows() {
    return this.#connections.clients();
  }
  row(client) {
    return this.#connections.clientRow(client.lane, client.slot);
  }
};

// src/session/monitors.ts
var Monitors = class {
  clients = /* @__PURE__ */ new Set();
  /** Called when somebody began or ended to monitor. */
  onChange = () => {
  };
  get active() {
    return this.clients.size > 0;
  }
  add(client) {
    client.monitor = !0, this.clients.add(client), this.onChange();
  }
  remove(client) {
    client.monitor = !1, this.clients.delete(client) && this.onChange();
  }
};

// src/session/watches.ts
var Watches = class {
  #keyspace;
  /** Who watches a key, by database and key. */
  #watchers = /* @__PURE__ */ new Map();
  #clients = /* @__PURE__ */ new Set();
  constructor(keyspace) {
    this.#keyspace = keyspace;
  }
  /** Clients that watch anything. */
  get clientCount() {
    return this.#clients.size;
  }
  /** Watched keys, each counted once however many watch it. */
  get keyCount() {
    let count2 = 0;
    for (let keys of this.#watchers.values()) count2 += keys.size;
    return count2;
  }
  /** Lets a client watch a key of a database, given by its name. */
  watch(client, db, name, at, bytes) {
    let key2 = toLatin1(name, at, bytes), keys = entryOf(this.#watchers, db.index, () => /* @__PURE__ */ new Map()), watchers = entryOf(keys, key2, () => /* @__PURE__ */ new Map());
    if (watchers.has(client)) return;
    let watched = { db: db.index, key: key2, wasExpired: this.#isExpired(db, key2) };
    watchers.set(client, watched), client.watched.push(watched), this.#clients.size === 0 && this.#keyspace.subscribe(this), this.#clients.add(client);
  }
  /** Lets a client forget all its watched keys. */
  unwatch(client) {
    if (client.watched.length !== 0) {
      for (let { db, key: key2 } of client.watched) {
        let keys = this.#watchers.get(db), watchers = keys.get(key2);
        watchers.delete(client), !(watchers.size > 0) && (keys.delete(key2), keys.size === 0 && this.#watchers.delete(db));
      }
      client.watched = [], this.#clients.delete(client), this.#clients.size === 0 && this.#keyspace.unsubscribe(this);
    }
  }
  /** Whether a key expired since the client watched it, though nobody has removed it yet. */
  hasExpired(client) {
    return client.watched.some(({ db, key: key2, wasExpired }) => !wasExpired && this.#isExpired(this.#keyspace.db(db), key2));
  }
  changed(db, key2, at, bytes) {
    let watchers = this.#watchers.get(db.index)?.get(toLatin1(key2, at, bytes));
    if (watchers !== void 0)
      for (let [client, watched] of watchers)
        watched.wasExpired && this.#find(db, watched.key) === 0 ? watched.wasExpired = !1 : this.#fail(client);
  }
  replacing(db, replacement) {
    for (let [key2, watchers] of this.#watchers.get(db.index) ?? []) {
      let isHere = this.#find(db, key2) !== 0, comes = replacement !== null && this.#find(replacement, key2) !== 0;
      if (!isHere && !comes) continue;
      let comesExpired = comes && this.#isExpired(replacement, key2);
      for (let [client, watched] of watchers)
        watched.wasExpired && (!comes || comesExpired) ? watched.wasExpired = comes : !isHere && comesExpired ? watched.wasExpired = !0 : this.#fail(client);
    }
  }
  /** EXEC of this client will answer null: nothing that happens to its keys matters any more. */
  #fail(client) {
    client.watchFailed = !0, this.unwatch(client);
  }
  #isExpired(db, key2) {
    let ref = this.#find(db, key2);
    return ref !== 0 && db.isGone(ref);
  }
  #find(db, key2) {
    let bytes = Buffer.from(key2, "latin1");
    return db.find(bytes, 0, bytes.length, this.#keyspace.hash.hash(bytes, 0, bytes.length));
  }
};
function entryOf(map, key2, make) {
  let value = map.get(key2);
  return value === void 0 && (value = make(), map.set(key2, value)), value;
}

// src/server/admin.ts
import { release as release2, type as type2 } from "node:os";

// src/commands/redaction.ts
var REDACTED = "(redacted)";
function withoutSecrets(name, args, config) {
  let isSecret = secretsOf(name, args, config);
  return isSecret === null ? (i) => args.text(i) : (i) => isSecret(i) ? REDACTED : args.text(i);
}
function secretsOf(name, args, config) {
  switch (name) {
    case "auth":
      return (i) => i > 0;
    case "acl|setuser":
      return (i) => i > 1;
    case "config|set":
      return (i) => i > 2 && i % 2 === 1 && config.isSensitive(args.text(i - 1));
    case "hello":
      return afterOption(args, 2, "auth", 2);
    case "migrate":
      return either(afterOption(args, 6, "auth", 1), afterOption(args, 6, "auth2", 2));
    default:
      return null;
  }
}
function afterOption(args, from, option, count2) {
  let at = from;
  for (; at < args.count && !args.is(at, option); ) at++;
  return (i) => i > at && i <= at + count2;
}
function either(a, b) {
  return (i) => a(i) || b(i);
}

// src/config/rewrite.ts
var marker = "# Generated by CONFIG REWRITE", kept = /* @__PURE__ */ new Set(["include", "rename-command", "loadmodule", "sentinel"]);
function rewriteText(config, old, users, everything = !1) {
  let page = new Page(config, old);
  for (let { name, directive: directive2, current } of config.settings())
    for (let { words: words2, forced } of directive2.kind.rewrite(current, directive2.initial))
      page.write(name, `${name} ${words2}`, forced || everything);
  for (let user of users ?? []) page.write("user", `user ${user}`, !0);
  return page.finish();
}
var Page = class {
  #lines = [];
  // Numbers of the lines that name a setting, by its name, from the last to the first.
  #slots = /* @__PURE__ */ new Map();
  #hasMarker = !1;
  constructor(config, old) {
    for (let line of old === "" ? [] : old.split(`
`)) this.#read(config, trimLine(line));
    for (let numbers of this.#slots.values()) numbers.reverse();
  }
  /** Puts a line into the next slot of `name`, or, if it is forced, to the end. */
  write(name, line, forced) {
    let slot = this.#slots.get(name)?.pop();
    slot !== void 0 ? this.#lines[slot] = line : forced && this.#append(line);
  }
  /** The text, slots that were not taken and repeated empty lines removed. */
  finish() {
    for (let numbers of this.#slots.values()) for (let slot of numbers) this.#lines[slot] = "";
    return this.#lines.filter((line, i) => line !== "" || this.#lines[i - 1] !== "").map((line) => `${line}
`).join("");
  }
  #read(config, line) {
    if (line === marker && (this.#hasMarker = !0), line === "" || line[0] === "#") {
      this.#lines.push(line);
      return;
    }
    let name = splitQuoted(line)?.[0]?.toLowerCase(), slot = name === "user" ? name : config.find(name ?? "")?.name;
    if (slot !== void 0) {
      let numbers = this.#slots.get(slot);
      numbers === void 0 ? this.#slots.set(slot, [this.#lines.length]) : numbers.push(this.#lines.length), this.#lines.push(line);
    } else this.#lines.push(kept.has(name ?? "") ? line : `# ??? ${line}`);
  }
  #append(line) {
    this.#hasMarker || this.#lines.push(marker), this.#hasMarker = !0, this.#lines.push(line);
  }
};
function rewriteFile(config, files, users, everything = !1) {
  let path = pathOf(config.path), old = files.mode(path) === null ? "" : Buffer.from(files.read(path)).toString("latin1");
  replaceFile(files, path, Buffer.from(rewriteText(config, old, users, everything), "latin1"), 384);
}

// src/server/admin.ts
var CRASH_EXIT_CODE = 1, FAST_PATH_US_MAX = 1e3, Admin = class {
  latencyMonitor = new LatencyMonitor();
  /** True after DEBUG PAUSE-CRON 1. */
  isCronPaused = !1;
  /** Ends the server in order; set by whoever started it. */
  onShutdown = () => {
  };
  /** Ends the process after a report of the crash. */
  onCrash = () => process.exit(CRASH_EXIT_CODE);
  #server;
  constructor(server) {
    this.#server = server, server.monitors.onChange = () => this.watchChanged();
  }
  get log() {
    return this.#server.log;
  }
  get latency() {
    return this.#server.latency;
  }
  get slowlog() {
    return this.#server.slowlog;
  }
  get expiry() {
    return this.#server.expiry;
  }
  get memory() {
    return this.#server.memory.notePeak(), this.#server.memory;
  }
  info(sections) {
    return infoText(this.#server, sections);
  }
  /** Whether the current client may do what `enable-…` allows to all, to nobody, or to local clients. */
  allows(setting) {
    let value = this.#server.config.string(setting);
    return value === "yes" || value === "local" && isLocal(this.#server.currentRow());
  }
  mayChangeProtectedSettings() {
    return this.allows("enable-protected-configs");
  }
  resetStatistics() {
    let server = this.#server, { keyspace, rates, base, expiry } = server;
    server.stats.reset(), server.latency.reset(), server.commandsProcessed = 0, server.reactor.counters(base.counters);
    let nowMs = server.clock.monotonicMs();
    rates.commands.reset(0, nowMs), rates.bytesIn.reset(base.counters[counter.bytesIn], nowMs), rates.bytesOut.reset(base.counters[counter.bytesOut], nowMs), keyspace.stats.fill(0), keyspace.lazyfree.freedObjects = 0, expiry.stalePercent = 0, expiry.timeCapReached = 0, expiry.spentMs = 0;
  }
  rewriteConfig(everything) {
    rewriteFile(this.#server.config, new SystemFiles(), [], everything);
  }
  /** Ends the server between two turns of the event loop, so that what was replied before is sent. */
  shutdown({ save, force }) {
    let server = this.#server;
    return save === "yes" && !force ? (server.log.warning("Nothing can be saved, and SHUTDOWN was told to save: the server goes on"), SAVE_UNAVAILABLE) : (server.closeAfterReply(), setImmediate(() => this.onShutdown()), null);
  }
  /** A shutdown waits for nobody, so there is never one to be called off. */
  abortShutdown() {
    return !1;
  }
  crash(reason) {
    let { log } = this.#server, { stack = "" } = new Error(reason), report = [
      `=== CRASH REPORT: ${reason}`,
      `${SERVER_NAME} ${MILLRACE_VERSION}, Node ${process.versions.node}, ${type2()} ${release2()} ${process.arch}`,
      ...stack.split(`
`).slice(1),
      ...this.info(["server", "clients", "memory", "stats", "keyspace"]).split(`\r
`),
      "=== END OF CRASH REPORT"
    ];
    for (let line of report) log.warning(line);
    throw this.onCrash(), new Error(reason);
  }
  pauseCron(isPaused) {
    this.isCronPaused = isPaused;
  }
  changeReplicationId() {
    this.#server.replicationId = this.#server.random.hex(20);
  }
  /** Whether anybody wants to see every command has changed. */
  watchChanged() {
    let { monitors, slowlog, gate } = this.#server, seesAll = slowlog.thresholdUs >= 0 && slowlog.thresholdUs < FAST_PATH_US_MAX;
    gate.watch(monitors.active || this.latencyMonitor.enabled || seesAll);
  }
  /** Notes a command that was measured alone in the slow log and the latency monitor if it was slow. */
  ran(context, id, elapsedMs) {
    let { clock, slowlog, table } = this.#server, us = Math.floor(elapsedMs * 1e3), isSlow = slowlog.isSlow(us) && (table.flags[id] & 1024) === 0;
    if (!isSlow && !this.latencyMonitor.enabled) return;
    let time = Math.floor(clock.nowMs() / 1e3);
    if (this.latencyMonitor.note((table.flags[id] & 4096) === 0 ? "command" : "fast-command", elapsedMs, time), !isSlow) return;
    let { args, config } = context;
    slowlog.add({
      time,
      us,
      count: args.count,
      argument: withoutSecrets(table.specs[id].name, args, config),
      address: this.#server.currentRow().addr,
      name: this.#server.knownClient()?.name ?? ""
    });
  }
  /** Runs a piece of background work, which is an event for the latency monitor. */
  timed(event, work) {
    if (!this.latencyMonitor.enabled) return work();
    let { clock } = this.#server, startMs = clock.monotonicMs(), result = work();
    return this.latencyMonitor.note(event, clock.monotonicMs() - startMs, Math.floor(clock.nowMs() / 1e3)), result;
  }
};
function isLocal({ unix, addr }) {
  return unix || addr.startsWith("127.0.0.1:") || addr.startsWith("[::1]:");
}

// src/server/background.ts
var Background = class {
  #jobs = [];
  #nowMs;
  #budgetMs = 0;
  #scheduled = null;
  #stopped = !1;
  constructor(nowMs) {
    this.#nowMs = nowMs;
  }
  add(job) {
    this.#jobs.push(job);
  }
  /** Begins a period of `periodMs`: the jobs get their share of it, in slices. */
  beginPeriod(periodMs) {
    this.#budgetMs = periodMs * 0.25, this.#work();
  }
  /** Runs all jobs until none has anything left (virtual time, shutdown). */
  finish() {
    for (let job of this.#jobs) for (; job(Number.POSITIVE_INFINITY); ) ;
  }
  stop() {
    this.#stopped = !0, this.#scheduled !== null && clearImmediate(this.#scheduled), this.#scheduled = null;
  }
  #work() {
    if (this.#scheduled = null, this.#stopped) return;
    let startMs = this.#nowMs(), more = !1;
    for (let job of this.#jobs) more = job(1) || more;
    this.#budgetMs -= this.#nowMs() - startMs, more && this.#budgetMs > 0 && this.#scheduled === null && (this.#scheduled = setImmediate(() => this.#work()));
  }
};

// src/server/monitor_feed.ts
var US_PER_SECOND2 = 1e6;
function feedMonitors(server, context, id, source = "") {
  let { flags, specs } = context.table;
  if ((flags[id] & 520) !== 0) return;
  let { args, db } = context, us = server.clock.nowUs(), seconds = Math.floor(us / US_PER_SECOND2), fraction = String(us % US_PER_SECOND2).padStart(6, "0"), show = withoutSecrets(specs[id].name, args, context.config), line = `${seconds}.${fraction} [${db.index} ${source === "" ? addressOf(server) : source}]`;
  for (let i = 0; i < args.count; i++) line += ` ${quote(show(i))}`;
  for (let client of server.monitors.clients) {
    let lane = server.lanes[client.lane];
    server.outbox.sendTo(lane, client.slot, client.generation, client.resp3, (reply) => reply.status(line));
  }
}
function addressOf(server) {
  let { addr, unix, laddr } = server.currentRow();
  return unix ? `unix:${laddr.replace(/:0$/, "")}` : addr;
}

// src/server/gate.ts
var ALWAYS = 1, CAREFUL = 2, DENY_WRITE = 4, DENY_OOM = 8, DENY_LOADING2 = 16, PAUSES_WITH_WRITES = 32, ARGUMENTS_SHOWN_CHARS = 128, KEPT_PROTOCOL_ERROR = -2, PROTOCOL_TEXTS = /* @__PURE__ */ new Map([
  [1, "invalid multibulk length"],
  [2, "invalid bulk length"],
  [4, "too big mbulk count string"],
  [5, "too big bulk count string"],
  [6, "too big inline request"],
  [7, "unbalanced quotes in request"],
  [8, "unauthenticated multibulk length"],
  [9, "unauthenticated bulk length"]
]), Gate = class {
  /** By command id. */
  bits;
  minimumWords;
  maximumWords;
  /** What the server refuses or wants looked at now: bits of this file. */
  denied = 0;
  /** ALWAYS while somebody wants to see every command, else 0. */
  #watched = 0;
  /** What has to wait for the end of CLIENT PAUSE: ALWAYS, PAUSES_WITH_WRITES or 0. */
  paused = 0;
  /** Time in ms that commands measured alone took in this batch. */
  batchMs = 0;
  #server;
  #context;
  #table;
  #outbox;
  /** Commands that are not queued inside MULTI. */
  #unqueued;
  constructor(server, context, outbox) {
    this.#server = server, this.#context = context, this.#table = context.table, this.#outbox = outbox;
    let { specs } = context.table;
    this.bits = Int32Array.from(specs, gateBits), this.minimumWords = Int32Array.from(specs, (spec) => Math.abs(spec.arity)), this.maximumWords = Int32Array.from(specs, (spec) => spec.arity < 0 ? 2147483647 : spec.arity), this.#unqueued = new Set(
      ["exec", "discard", "multi", "watch", "quit", "reset"].map((name) => context.table.lookup(name))
    );
  }
  /** The mask for a client's next commands. */
  maskFor(attention) {
    return CAREFUL | this.denied | this.paused | this.#watched | (attention ? ALWAYS : 0);
  }
  /** Has commands with a bit looked at from now on, or no longer. */
  deny(bit, isDenied) {
    let denied = isDenied ? this.denied | bit : this.denied & ~bit;
    denied !== this.denied && (this.denied = denied, this.#server.refreshState());
  }
  /** Has all commands measured and shown one by one from now on, or no longer. */
  watch(isWatched) {
    let watched = isWatched ? ALWAYS : 0;
    watched !== this.#watched && (this.#watched = watched, this.#server.refreshState());
  }
  beginBatch() {
    this.batchMs = 0, this.#server.memoryLimit.look();
  }
  /** The current command had an error for its answer. */
  noteError(id) {
    let { reply } = this.#context;
    id >= 0 && this.#server.stats.failed[id]++, this.#server.stats.countError(reply.errorText), reply.errorText = "";
  }
  /** Decides about the command in the context's arguments and runs it if it may. */
  careful(id) {
    let server = this.#server, client = this.#client();
    if (client?.closing) return;
    if (client !== void 0 && client.held !== null) {
      server.waiting.keep(client, server.queueCurrent(id));
      return;
    }
    let command2 = this.#resolve(id), refusal = this.#refusal(command2, client);
    if (command2 !== id && command2 >= 0 && server.noteSubcommand(command2), refusal === "" && this.paused !== 0 && this.#mustPause(command2, client)) {
      server.pause.hold(server.currentClient(), server.queueCurrent(id));
      return;
    }
    if (client === void 0 || !this.#beginMuted(client)) {
      this.#dispatch(command2, refusal, client);
      return;
    }
    try {
      this.#dispatch(command2, refusal, client);
    } catch (error) {
      server.logInternalError(error);
    } finally {
      this.#outbox.unmute();
    }
  }
  /** Refuses, queues or runs a command. */
  #dispatch(id, refusal, client) {
    refusal !== "" ? this.#reject(id, refusal, client) : client !== void 0 && client.queue !== null && !this.#unqueued.has(id) ? this.#enqueue(id, client) : this.run(id);
  }
  /** Runs a command that may run, measured alone. */
  run(id) {
    let context = this.#context, server = this.#server;
    context.commandId = id;
    let { batchMs } = this, startMs = server.clock.monotonicMs();
    this.#client()?.noTouch && (context.keyspace.touching = !1), context.table.handlers[id](context), context.keyspace.touching = !0;
    let elapsedMs = server.clock.monotonicMs() - startMs;
    this.batchMs = batchMs + elapsedMs, context.reply.errorText !== "" && this.noteError(id), server.stats.calls[id]++, server.commandsProcessed++, server.stats.usec[id] += elapsedMs * 1e3, server.latency.record(id, elapsedMs * 1e3, 1), server.admin.ran(context, id, elapsedMs), server.monitors.active && feedMonitors(server, context, id);
  }
  /** The native side could not parse what a client sent. */
  protocolError(code, detail) {
    let { reply } = this.#context, client = this.#client();
    if (client !== void 0 && client.held !== null) {
      let pairs = Int32Array.of(code, detail);
      this.#server.waiting.keep(client, {
        id: KEPT_PROTOCOL_ERROR,
        bytes: new Uint8Array(0),
        pairs,
        hash: 0
      });
      return;
    }
    if (code === 11 || code === 10)
      this.#server.logProtocolError(code);
    else {
      let text2 = code === 3 ? `expected '$', got '${String.fromCharCode(detail)}'` : PROTOCOL_TEXTS.get(code);
      reply.error(`ERR Protocol error: ${text2}`), this.noteError(-1);
    }
    this.#outbox.control(2, 0);
  }
  /** A handler threw. `whole`: nothing of its reply has left, so an error can take the reply's place. */
  handlerThrew(error, whole) {
    if (this.#context.keyspace.touching = !0, this.#server.logInternalError(error), !whole) {
      this.#outbox.control(2, 0);
      return;
    }
    let { reply } = this.#context;
    reply.error(this.#server.outOfMemoryText(error) ?? INTERNAL), this.noteError(-1);
  }
  /** The subcommand's id where there is one; -1 for an unknown command or subcommand. */
  #resolve(id) {
    let { args } = this.#context;
    return id < 0 || args.count < 2 || !this.#table.isContainer(id) ? id : this.#table.findSubcommand(id, args.bytes, args.at(1), args.length(1));
  }
  /** Why the command may not run: an error text, or ''. */
  #refusal(id, client) {
    let { args } = this.#context;
    if (id < 0) return this.#unknown();
    let spec = this.#table.specs[id];
    if (args.count < this.minimumWords[id] || args.count > this.maximumWords[id])
      return wrongArity(spec.name);
    if ((spec.flags & 65536) !== 0 && !this.#server.allowsProtected(spec.name))
      return protectedCommand(spec.name);
    if (client !== void 0) {
      if (!client.authenticated && this.#server.clients.authRequired && (spec.flags & 8192) === 0) return NO_AUTH;
      if (client.queue !== null && (spec.flags & 262144) !== 0) return NOT_IN_TRANSACTION;
    }
    return this.denied !== 0 && this.#needsMemory(id, client) && this.#server.memoryLimit.isOver ? OUT_OF_MEMORY : client?.monitor && (spec.flags & 16387) !== 0 ? MONITOR_TOUCHES_KEYS : "";
  }
  /** Whether a command may need memory: by itself, by what it executes, or because it is queued. */
  #needsMemory(id, client) {
    if ((this.denied & DENY_OOM) === 0) return !1;
    if ((this.bits[id] & DENY_OOM) !== 0) return !0;
    if (client === void 0 || client.queue === null) return !1;
    let { name } = this.#table.specs[id];
    return name === "exec" ? (client.queuedFlags & 4) !== 0 : name !== "discard" && name !== "quit" && name !== "reset";
  }
  #reject(id, text2, client) {
    let { reply } = this.#context;
    id >= 0 && this.#server.stats.rejected[id]++, client !== void 0 && client.queue !== null && (id >= 0 && this.#table.specs[id].name === "exec" ? (discard(client, this.#server.watches), this.#server.clientChanged(client), text2 = execAborted(text2)) : client.queueFailed = !0), reply.error(text2), this.#server.stats.countError(text2), reply.errorText = "";
  }
  /** Adds a command to the transaction; whoever makes the queue too long is disconnected. */
  #enqueue(id, client) {
    let server = this.#server;
    if (enqueue(client, server.queueCurrent(id), this.#table.flags[id]), client.queuedBytes > server.config.number("client-query-buffer-limit")) {
      server.logProtocolError(10), server.closeClient(client, !0);
      return;
    }
    this.#context.reply.status("QUEUED");
  }
  /** Whether CLIENT PAUSE makes the command wait. */
  #mustPause(id, client) {
    let { name, flags } = this.#table.specs[id];
    return this.#server.pause.concerns(name, flags, client);
  }
  #unknown() {
    let { args } = this.#context, id = this.#table.find(args.bytes, args.at(0), args.length(0)), name = args.text(0).slice(0, ARGUMENTS_SHOWN_CHARS);
    if (id >= 0)
      return unknownSubcommand(args.text(1).slice(0, ARGUMENTS_SHOWN_CHARS), this.#table.specs[id].name);
    let shown = "";
    for (let i = 1; i < args.count && shown.length < ARGUMENTS_SHOWN_CHARS; i++)
      shown += `'${args.text(i).slice(0, ARGUMENTS_SHOWN_CHARS - shown.length)}' `;
    return unknownCommand(name, shown);
  }
  /** The Client object of the connection, if it has one. */
  #client() {
    return this.#server.knownClient();
  }
  /** CLIENT REPLY OFF and SKIP: drops the reply of this command. */
  #beginMuted(client) {
    if (client.replyMode === 0) return !1;
    if (client.replyMode === 2)
      client.replyMode = 3;
    else if (client.replyMode === 3)
      return client.replyMode = 0, this.#server.clientChanged(client), !1;
    return this.#outbox.mute(), !0;
  }
};
function gateBits(spec) {
  let constant = spec.complexity.startsWith("O(1)") && (spec.flags & 16842752) === 0, bits = ALWAYS | (constant ? 0 : CAREFUL);
  return (spec.flags & 1) !== 0 && (bits |= DENY_WRITE), (spec.flags & 4) !== 0 && (bits |= DENY_OOM), (spec.flags & 128) === 0 && (bits |= DENY_LOADING2), (spec.flags & 16385) !== 0 && (bits |= PAUSES_WITH_WRITES), bits;
}

// src/server/executor.ts
var NO_SLOT = -1, Executor = class {
  #server;
  #gate;
  #context;
  #args;
  #outbox;
  #handlers;
  #minimum;
  #maximum;
  #calls;
  /** Fast calls in this batch by id, and which ids those are. */
  #batchCalls;
  #batchIds = [];
  #lane = null;
  #clients = null;
  #slot = NO_SLOT;
  #generation = 0;
  /** Packed state of the connection whose turn it is. */
  #state = 0;
  /** What of a command's gate bits makes it take the careful path: the server's mask and the client's. */
  #mask = 0;
  /** Where the current command's reply started. */
  #mark = 0;
  #markFrame = 0;
  constructor(server, gate, context, outbox) {
    this.#server = server, this.#gate = gate, this.#context = context, this.#args = context.args, this.#outbox = outbox, this.#handlers = context.table.handlers, this.#minimum = gate.minimumWords, this.#maximum = gate.maximumWords, this.#calls = server.stats.calls, this.#batchCalls = new Int32Array(context.table.specs.length);
  }
  get lane() {
    return this.#lane;
  }
  get slot() {
    return this.#slot;
  }
  get generation() {
    return this.#generation;
  }
  /** True while commands of a connection are being run. */
  get running() {
    return this.#slot !== NO_SLOT;
  }
  /** Runs everything that a lane has published; answers whether there was anything. */
  drain(lane) {
    let head = lane.descHead();
    if (head === lane.descTail) return !1;
    this.#server.wake();
    let { keyspace } = this.#context;
    keyspace.tick();
    let startMs = this.#server.clock.monotonicMs();
    for (this.#lane = lane, this.#clients = this.#server.clients.lanes[lane.index], this.#gate.beginBatch(); head !== lane.descTail; ) {
      try {
        this.#run(lane, head);
      } catch (error) {
        this.#recover(lane, error);
      }
      head = lane.descHead();
    }
    this.#leave(), this.#lane = null, lane.publish();
    let elapsedMs = this.#server.clock.monotonicMs() - startMs;
    return this.#account(elapsedMs - this.#gate.batchMs), this.#server.afterBatch(), !0;
  }
  /** Runs commands that a client had to keep for a while. Only between batches. */
  resume(client, commands) {
    this.#context.keyspace.tick(), this.#lane = this.#server.lanes[client.lane], this.#clients = this.#server.clients.lanes[client.lane], this.#gate.beginBatch(), this.#enter(this.#lane, client.slot, client.generation);
    for (let command2 of commands) this.#runKept(command2);
    this.#leave(), this.#lane = null;
  }
  /** Runs a command of a transaction, inside EXEC; if it throws, an error takes the place of its reply alone. */
  runQueued(command2) {
    let mark = this.#mark, markFrame = this.#markFrame;
    this.#load(command2);
    try {
      this.#gate.run(command2.id);
    } catch (error) {
      this.#answerThrown(error);
    }
    this.#mark = mark, this.#markFrame = markFrame;
  }
  #load(command2) {
    this.#args.load(command2), this.#mark = this.#context.reply.at, this.#markFrame = this.#outbox.frameStart;
  }
  #runKept(command2) {
    let { id, pairs } = command2;
    this.#load(command2);
    try {
      id === KEPT_PROTOCOL_ERROR ? this.#gate.protocolError(pairs[0], pairs[1]) : this.#gate.careful(id);
    } catch (error) {
      this.#answerThrown(error);
    }
  }
  /** Makes the next command look at the current connection's state again. */
  refreshState() {
    this.#slot !== NO_SLOT && (this.#state = this.#clients.state(this.#slot), this.#apply());
  }
  #run(lane, head) {
    let { desc } = lane, descMask = desc.length - 1, args = this.#args, handlers = this.#handlers, context = this.#context, { reply } = context, gates = this.#gate.bits;
    args.pairs = desc, args.bytes = lane.req;
    let tail = lane.descTail;
    for (; tail !== head; ) {
      let at = tail & descMask, size = desc[at] & 16777215, kind = desc[at] >>> 24;
      if (kind === 1) {
        let slot = desc[at + 1];
        slot !== this.#slot && this.#enter(lane, slot, desc[at + 2]);
        let id = desc[at + 3], count2 = desc[at + 4];
        args.first = at + 8, args.count = count2, args.hash = desc[at + 5] >>> 0, this.#mark = reply.at, this.#markFrame = this.#outbox.frameStart, id >= 0 && (gates[id] & this.#mask) === 0 && count2 >= this.#minimum[id] && count2 <= this.#maximum[id] ? (context.commandId = id, handlers[id](context), reply.errorText !== "" && this.#gate.noteError(id), this.#batchCalls[id]++ === 0 && this.#batchIds.push(id)) : (this.#gate.careful(id), args.pairs = desc, args.bytes = lane.req), lane.reqTail = desc[at + 6];
      } else kind !== 0 && (this.#runOther(lane, at, kind), args.pairs = desc, args.bytes = lane.req, lane.reqTail = desc[at + 6]);
      tail = tail + size | 0, lane.descTail = tail;
    }
  }
  /** Records other than plain commands. */
  #runOther(lane, at, kind) {
    let { desc } = lane, slot = desc[at + 1], generation = desc[at + 2];
    if (kind === 2) {
      slot === this.#slot && this.#leave(), this.#server.connectionClosed(lane, slot, generation, desc[at + 3]), this.#outbox.controlTo(lane, slot, generation, 4, 0);
      return;
    }
    slot !== this.#slot && this.#enter(lane, slot, generation), kind === 3 ? this.#gate.protocolError(desc[at + 3], desc[at + 4]) : kind === 4 && this.#runBig(at, desc);
  }
  #runBig(at, desc) {
    let args = this.#args, buffer = this.#server.reactor.takeBuffer(desc[at + 7]);
    args.bytes = new Uint8Array(buffer), args.pairs = new Int32Array(buffer, desc[at + 8], desc[at + 4] * 2), args.first = 0, args.count = desc[at + 4], args.hash = desc[at + 5] >>> 0, this.#mark = this.#context.reply.at, this.#markFrame = this.#outbox.frameStart;
    try {
      this.#gate.careful(desc[at + 3]);
    } finally {
      this.#server.reactor.freeBuffer(buffer);
    }
  }
  /** Begins a connection's turn. */
  #enter(lane, slot, generation) {
    this.#slot !== NO_SLOT && this.#outbox.leave(), this.#slot = slot, this.#generation = generation;
    let state = this.#clients.state(slot);
    state === 0 && (state = 1, this.#server.clients.authRequired ? this.#server.clients.get(lane.index, slot, generation) : this.#clients.setState(slot, state), state = this.#clients.state(slot)), this.#state = state, this.#outbox.enter(lane, slot, generation), this.#apply();
  }
  #apply() {
    let context = this.#context, state = this.#state;
    context.db = context.keyspace.db(state >>> 16), context.reply.resp3 = (state & 2) !== 0, this.#mask = this.#gate.maskFor((state & 4) !== 0);
  }
  #leave() {
    this.#slot !== NO_SLOT && (this.#outbox.leave(), this.#slot = NO_SLOT);
  }
  /** A handler threw: the record counts as done, and the batch goes on. */
  #recover(lane, error) {
    let { desc } = lane, at = lane.descTail & desc.length - 1;
    if (lane.reqTail = desc[at + 6], lane.descTail = lane.descTail + (desc[at] & 16777215) | 0, this.#slot === NO_SLOT) throw error;
    this.#answerThrown(error);
  }
  /** A handler threw: whoever sent the command gets an error in place of its reply. */
  #answerThrown(error) {
    let whole = this.#outbox.rewind(this.#mark, this.#markFrame);
    this.#gate.handlerThrew(error, whole), this.refreshState();
  }
  /** Shares the batch's time among its commands of constant cost. */
  #account(elapsedMs) {
    let ids = this.#batchIds;
    if (ids.length === 0) return;
    let { usec } = this.#server.stats, total = 0;
    for (let i = 0; i < ids.length; i++) total += this.#batchCalls[ids[i]];
    let eachUs = elapsedMs * 1e3 / total;
    for (let i = 0; i < ids.length; i++) {
      let id = ids[i], calls = this.#batchCalls[id];
      this.#batchCalls[id] = 0, this.#calls[id] += calls, usec[id] += eachUs * calls, this.#server.latency.record(id, eachUs, calls);
    }
    ids.length = 0, this.#server.commandsProcessed += total;
  }
};

// src/server/memory_limit.ts
var NEAR_BYTES = 16 * 1024 * 1024, MemoryLimit = class {
  /** 0: there is no limit. */
  limitBytes = 0;
  #server;
  /** Bytes in use outside of the arena when last measured. */
  #otherBytes = 0;
  constructor(server) {
    this.#server = server;
  }
  get isOver() {
    return this.limitBytes > 0 && this.#server.arena.usedBytes + this.#otherBytes > this.limitBytes;
  }
  /** Measures what clients and rings take. */
  measure() {
    this.limitBytes !== 0 && (this.#otherBytes = this.#server.memory.usedBytes - this.#server.arena.usedBytes);
  }
  /** Has writes looked at from now on if they could reach the limit before this is called again. */
  look() {
    let isNear = this.limitBytes > 0 && this.#server.arena.usedBytes + this.#otherBytes + NEAR_BYTES > this.limitBytes;
    this.#server.gate.deny(DENY_OOM, isNear);
  }
  /** Takes a new limit. */
  set(limitBytes) {
    this.limitBytes = limitBytes, this.measure(), this.look();
  }
};

// src/server/memory_stats.ts
import { totalmem } from "node:os";
var CONNECTION_BYTES = 128, CLIENT_BYTES = 400, MemoryStats = class {
  #server;
  #counters = new Float64Array(counterCount);
  peakBytes = 0;
  startupBytes = 0;
  constructor(server) {
    this.#server = server;
  }
  /** Remembers what an empty server takes. */
  started() {
    this.startupBytes = this.usedBytes, this.peakBytes = this.startupBytes;
  }
  /** Exact bytes in use. */
  get usedBytes() {
    return this.arenaBytes + this.ringBytes + this.clientBytes;
  }
  /** Moves the peak if it was passed. */
  notePeak() {
    let used = this.usedBytes;
    used > this.peakBytes && (this.peakBytes = used);
  }
  get arenaBytes() {
    return this.#server.arena.usedBytes;
  }
  get ringBytes() {
    let bytes = 0;
    for (let { ctl, req, desc, out } of this.#server.reactor.lanes)
      bytes += ctl.byteLength + req.byteLength + desc.byteLength + out.byteLength;
    return bytes;
  }
  /** Records, requests and replies of all connections. */
  get clientBytes() {
    this.#server.reactor.counters(this.#counters);
    let counters = this.#counters, objects = 0;
    for (let client of this.#server.clients.known())
      objects += CLIENT_BYTES + client.queuedBytes + client.heldBytes;
    return counters[counter.connected] * CONNECTION_BYTES + counters[counter.inputHeldBytes] + counters[counter.outputHeldBytes] + objects;
  }
  /** Everything that is not data: start-up, rings, clients, tables of keys. */
  get overheadBytes() {
    return this.startupBytes + this.clientBytes + this.tableBytes;
  }
  get tableBytes() {
    let { keyspace } = this.#server, bytes = 0;
    for (let i = 0; i < keyspace.databaseCount; i++) bytes += keyspace.db(i).tableBytes;
    return bytes;
  }
  /** Keys and values. */
  get datasetBytes() {
    return Math.max(0, this.usedBytes - this.overheadBytes);
  }
  get rssBytes() {
    return process.memoryUsage.rss();
  }
  get systemBytes() {
    return totalmem();
  }
  /** Bytes of spans and large blocks. */
  get activeBytes() {
    return this.residentBytes - this.#server.arena.purgeableBytes;
  }
  /** Active bytes, and those of free pages that were not given back yet. */
  get residentBytes() {
    return this.#server.arena.committedBytes;
  }
  /** Share of the data in all that was allocated since the start, in percent. */
  get datasetPercent() {
    let net = this.usedBytes - this.startupBytes;
    return net <= 0 ? 0 : Math.min(100, this.datasetBytes / net * 100);
  }
  resetPeak() {
    this.peakBytes = this.usedBytes;
  }
};

// src/server/network.ts
var ListenError = class extends Error {
  name = "ListenError";
  /** Name of the system's error, as EADDRINUSE; '' if there was none. */
  code;
  /** Listeners that were opened before the one that failed. */
  opened;
  constructor(where, cause, opened = 0) {
    super(cause === void 0 ? where : `cannot listen on ${where}: ${errorText(cause)}`, { cause }), this.code = cause?.code ?? "", this.opened = opened;
  }
}, PASSED_OVER = /* @__PURE__ */ new Set([
  "EADDRNOTAVAIL",
  "EAFNOSUPPORT",
  "EPROTONOSUPPORT",
  "ENOPROTOOPT",
  "ESOCKTNOSUPPORT",
  "EPFNOSUPPORT"
]), Network = class {
  #reactor;
  #config;
  #log;
  /** The TCP port that is listened on, 0 if none is. */
  port = 0;
  /** Path of the unix socket that is listened on, '' if none is. */
  socketPath = "";
  #addresses = [];
  constructor(reactor, config, log) {
    this.#reactor = reactor, this.#config = config, this.#log = log;
  }
  /** Opens everything the configuration names. `anyPort`: port 0 means any free one instead of none. */
  listen(anyPort = !1) {
    let port = this.#config.number("port");
    (port !== 0 || anyPort) && this.listenTcp(port, this.#config.value("bind")), anyPort && this.#config.assign("port", this.port);
    let path = this.#config.file("unixsocket");
    if (path !== "" && this.#listenUnix(path), this.port === 0 && this.socketPath === "")
      throw this.#log.warning("Configured to not listen anywhere, exiting."), new ListenError("configured to listen neither on a port nor on a unix socket");
  }
  /** Opens one listener for each address; throws if one fails that is not optional. */
  listenTcp(port, addresses) {
    let bound = port, opened = 0;
    for (let given of addresses) {
      let optional = given.startsWith("-"), address = optional ? given.slice(1) : given;
      try {
        bound = this.#reactor.listenTcp(address, bound, this.#config.number("tcp-backlog")), opened++;
      } catch (error) {
        let code = error.code ?? "", reason = errorText(error);
        if (this.#log.warning(
          `Warning: Could not create server TCP listening socket ${address}:${port}: bind: ${reason}`
        ), optional && PASSED_OVER.has(code)) continue;
        throw this.#log.warning(`Failed listening on port ${port} (TCP), aborting.`), new ListenError(`${address}:${port}`, error, opened);
      }
    }
    this.port = opened > 0 ? bound : 0, this.#addresses = addresses;
  }
  /** Listens elsewhere from now on; false if that cannot be, and then everything is as before. */
  moveTo(port, addresses) {
    let before = { port: this.port, addresses: this.#addresses }, touched = !1;
    try {
      return port !== 0 && port !== this.port && this.listenTcp(port, addresses), touched = !0, this.#listenOnlyAt(port, addresses), !0;
    } catch (error) {
      if (!(error instanceof ListenError)) throw error;
      return (touched || error.opened > 0) && this.#listenOnlyAt(before.port, before.addresses), !1;
    }
  }
  /** INFO's list of listeners. */
  get listeners() {
    let rows = [];
    if (this.port !== 0) {
      let binds = this.#addresses.map((address) => `bind=${address}`);
      rows.push(`name=tcp,${binds.join(",")},port=${this.port}`);
    }
    return this.socketPath !== "" && rows.push(`name=unix,bind=${this.#config.string("unixsocket")}`), rows;
  }
  /** Closes all listeners and opens these, and the unix socket again. */
  #listenOnlyAt(port, addresses) {
    let path = this.socketPath;
    this.#reactor.stopListening(), this.port = 0, port !== 0 && this.listenTcp(port, addresses), path !== "" && this.#listenUnix(path);
  }
  #listenUnix(path) {
    try {
      let permissions = this.#config.number("unixsocketperm");
      this.#reactor.listenUnix(path, permissions, this.#config.number("tcp-backlog"));
    } catch (error) {
      throw this.#log.warning(`Failed opening Unix socket: bind: ${errorText(error)}`), new ListenError(path, error);
    }
    this.socketPath = path;
  }
};

// src/resp/reply.ts
var ROOM_BYTES_MAX = 4096, CR = 13, LF = 10, STAR = 42, DOLLAR = 36, COLON = 58, PLUS = 43, MINUS = 45, UNDERSCORE = 95, NUMBER_BYTES_MAX = 24, Reply = class {
  out = new Uint8Array(0);
  at = 0;
  limit = 0;
  resp3 = !1;
  /** Set by `error`: the text of the last one, '' when there was none since the executor cleared it. */
  errorText = "";
  #sink;
  constructor(sink) {
    this.#sink = sink;
  }
  /** +OK */
  ok() {
    this.at + 5 > this.limit && this.#sink.more(5);
    let { out } = this, at = this.at;
    out[at] = PLUS, out[at + 1] = 79, out[at + 2] = 75, out[at + 3] = CR, out[at + 4] = LF, this.at = at + 5;
  }
  /** The null of a value that is not there: $-1 or _. */
  null() {
    this.at + 5 > this.limit && this.#sink.more(5);
    let { out } = this, at = this.at;
    this.resp3 ? out[at++] = UNDERSCORE : (out[at++] = DOLLAR, out[at++] = MINUS, out[at++] = 49), out[at++] = CR, out[at++] = LF, this.at = at;
  }
  /** The null of an array that is not there: *-1 or _. */
  nullArray() {
    this.resp3 ? this.null() : this.#line(STAR, -1);
  }
  /** A simple string; ASCII without line ends. */
  status(text2) {
    this.#textLine(PLUS, text2);
  }
  /** An error; the text starts with its code ('ERR …'). Line ends and other control characters become blanks. */
  error(text2) {
    this.errorText = text2, this.#textLine(MINUS, text2.replace(/[\r\n]/g, " "));
  }
  /** A safe integer. */
  integer(value) {
    this.#line(COLON, value);
  }
  /** Any 64-bit integer. */
  bigInteger(value) {
    this.#textLine(COLON, value.toString());
  }
  /** 1 or 0, which RESP2 and RESP3 both send as an integer. */
  flag(value) {
    this.#line(COLON, value ? 1 : 0);
  }
  /** A boolean: #t or #f, 1 or 0 in RESP2. */
  boolean(value) {
    this.resp3 ? this.#textLine(35, value ? "t" : "f") : this.flag(value);
  }
  /** A bulk string of `length` bytes of `bytes` from `from` on, of any length. */
  bulk(bytes, from, length) {
    let whole = length + NUMBER_BYTES_MAX;
    if (this.at + whole > this.limit) {
      if (whole > ROOM_BYTES_MAX) {
        this.#bulkInPieces(bytes, from, length);
        return;
      }
      this.#sink.more(whole);
    }
    let { out } = this, at = this.at;
    if (out[at++] = DOLLAR, length < 10)
      out[at++] = 48 + length;
    else if (length < 100) {
      let tens = length / 10 | 0;
      out[at++] = 48 + tens, out[at++] = 48 + length - tens * 10;
    } else
      at = writeInt(out, at, length);
    out[at++] = CR, out[at++] = LF, copyBytes(bytes, from, out, at, length), at += length, out[at++] = CR, out[at++] = LF, this.at = at;
  }
  /** A bulk string of the characters' codes, which are below 256. */
  bulkText(text2) {
    this.#line(DOLLAR, text2.length), this.#chars(text2), this.crlf();
  }
  /** A bulk string of UTF-8 (texts of our own that may hold any character). */
  bulkUtf8(text2) {
    let bytes = Buffer.from(text2, "utf8");
    this.bulk(bytes, 0, bytes.length);
  }
  /** A bulk string that is an integer. */
  bulkInteger(value) {
    this.at + 2 * NUMBER_BYTES_MAX > this.limit && this.#sink.more(2 * NUMBER_BYTES_MAX);
    let digits = value < 0 ? 2 : 1;
    for (let rest = Math.abs(value); rest >= 10; rest = Math.floor(rest / 10)) digits++;
    this.#line(DOLLAR, digits), this.at = writeInt(this.out, this.at, value), this.crlf();
  }
  /** Text with a format of three letters, for humans; a bulk string in RESP2. */
  verbatim(format, text2) {
    if (!this.resp3) {
      this.bulkUtf8(text2);
      return;
    }
    let bytes = Buffer.from(text2, "utf8");
    this.#line(61, bytes.length + 4), this.#chars(`${format}:`), this.raw(bytes, 0, bytes.length), this.crlf();
  }
  /** A double; a bulk string in RESP2. */
  double(value) {
    this.doubleText(formatDouble(value));
  }
  /** A double whose text is given; a bulk string in RESP2. */
  doubleText(text2) {
    this.resp3 ? this.#textLine(44, text2) : this.bulkText(text2);
  }
  array(count2) {
    this.#line(STAR, count2);
  }
  /** A map of `pairs` pairs; in RESP2 an array of twice as many. */
  map(pairs) {
    this.resp3 ? this.#line(37, pairs) : this.#line(STAR, pairs * 2);
  }
  /** A set; an array in RESP2. */
  set(count2) {
    this.#line(this.resp3 ? 126 : STAR, count2);
  }
  /** An out-of-band message; an array in RESP2. */
  push(count2) {
    this.#line(this.resp3 ? 62 : STAR, count2);
  }
  /** An attribute of `pairs` pairs before a reply. RESP3 only. */
  attribute(pairs) {
    this.#line(124, pairs);
  }
  /** A number of any size as text; a bulk string in RESP2. */
  bigNumber(text2) {
    this.resp3 ? this.#textLine(40, text2) : this.bulkText(text2);
  }
  /** Bytes as they are. */
  raw(bytes, from, length) {
    for (; length > 0; ) {
      this.at === this.limit && this.#sink.more(Math.min(length, ROOM_BYTES_MAX));
      let piece = Math.min(length, this.limit - this.at);
      copyBytes(bytes, from, this.out, this.at, piece), this.at += piece, from += piece, length -= piece;
    }
  }
  crlf() {
    this.at + 2 > this.limit && this.#sink.more(2), this.out[this.at++] = CR, this.out[this.at++] = LF;
  }
  #bulkInPieces(bytes, from, length) {
    this.#line(DOLLAR, length), this.raw(bytes, from, length), this.crlf();
  }
  #line(mark, value) {
    this.at + NUMBER_BYTES_MAX > this.limit && this.#sink.more(NUMBER_BYTES_MAX);
    let { out } = this;
    out[this.at++] = mark, this.at = writeInt(out, this.at, value), out[this.at++] = CR, out[this.at++] = LF;
  }
  #textLine(mark, text2) {
    this.at + 1 > this.limit && this.#sink.more(1), this.out[this.at++] = mark, this.#chars(text2), this.crlf();
  }
  #chars(text2) {
    for (let i = 0; i < text2.length; i++)
      this.at === this.limit && this.#sink.more(1), this.out[this.at++] = text2.charCodeAt(i);
  }
};

// src/server/outbox.ts
var FIRST_ROOM_BYTES = 512, Outbox = class {
  reply;
  #lane = null;
  #slot = 0;
  #generation = 0;
  #start = 0;
  /** While set, what the reply writer produces is dropped (CLIENT REPLY OFF). */
  #muted = !1;
  constructor() {
    this.reply = new Reply(this);
  }
  /** From now on replies go to this connection. */
  enter(lane, slot, generation) {
    this.#lane = lane, this.#slot = slot, this.#generation = generation, this.#open(FIRST_ROOM_BYTES);
  }
  /** Ends the connection's turn: its frame is complete. */
  leave() {
    this.#lane !== null && (this.#close(), this.#lane = null);
  }
  more(bytes) {
    if (this.#muted) {
      this.reply.at = this.#start;
      return;
    }
    this.#close(), this.#open(Math.max(bytes, ROOM_BYTES_MAX));
  }
  /** Drops what is written until `unmute`. */
  mute() {
    this.#close(), this.#muted = !0, this.#open(FIRST_ROOM_BYTES);
  }
  /** Writes again; nothing happens if nothing is dropped. */
  unmute() {
    this.#muted && (this.#muted = !1, this.reply.at = this.#start);
  }
  /** Forgets what the current command has written, if it has not left yet; false if some of it has. */
  rewind(mark, markFrame) {
    return markFrame !== this.#start ? !1 : (this.reply.at = mark, !0);
  }
  /** Start of the open frame's bytes: changes when a frame was closed. */
  get frameStart() {
    return this.#start;
  }
  /** A frame of another kind after what has been written so far, for the connection whose turn it is. */
  control(kind, value) {
    this.#close(), this.#lane.control(kind, this.#slot, this.#generation, value), this.#open(FIRST_ROOM_BYTES);
  }
  /** Sends a control frame to any connection. */
  controlTo(lane, slot, generation, kind, value) {
    this.#interrupt(() => lane.control(kind, slot, generation, value));
  }
  /** Writes a message to any connection, between or during turns; the writer must set nothing else. */
  sendTo(lane, slot, generation, resp3, write) {
    this.#interrupt(() => {
      let wasResp3 = this.reply.resp3;
      this.reply.resp3 = resp3, this.enter(lane, slot, generation), write(this.reply), this.leave(), this.reply.resp3 = wasResp3;
    });
  }
  #interrupt(action) {
    let lane = this.#lane, slot = this.#slot, generation = this.#generation, muted = this.#muted;
    lane !== null && this.#close(), this.#muted = !1, this.#lane = null, action(), lane !== null && (this.#muted = muted, this.enter(lane, slot, generation));
  }
  #open(bytes) {
    let lane = this.#lane, room = this.#muted ? ROOM_BYTES_MAX + FIRST_ROOM_BYTES : bytes;
    this.#start = lane.openFrame(1, this.#slot, this.#generation, room), this.reply.out = lane.out, this.reply.at = this.#start, this.reply.limit = lane.frameLimit();
  }
  #close() {
    let lane = this.#lane;
    this.#muted && (this.reply.at = this.#start), this.reply.at === this.#start ? lane.cancelFrame() : lane.closeFrame(this.reply.at);
  }
};

// src/server/pause.ts
var PAUSE_NONE = 0, Pause = class {
  #server;
  #held = /* @__PURE__ */ new Set();
  #mode = PAUSE_NONE;
  #endMs = 0;
  #deadline = null;
  constructor(server) {
    this.#server = server;
  }
  /** Begins a pause, or makes the present one longer or stricter: it never gets shorter or milder. */
  begin(mode, forMs) {
    let { clock, deadlines } = this.#server, nowMs = clock.monotonicMs();
    this.#endMs = Math.max(this.#endMs, nowMs + forMs), !(this.#endMs <= nowMs) && (this.#mode = Math.max(this.#mode, mode), this.#deadline !== null && deadlines.cancel(this.#deadline), this.#deadline = this.#endMs === Number.POSITIVE_INFINITY ? null : deadlines.set(this.#endMs, () => this.end()), this.#enforce());
  }
  end() {
    this.#deadline !== null && this.#server.deadlines.cancel(this.#deadline), this.#deadline = null, this.#mode = PAUSE_NONE, this.#endMs = 0, this.#enforce();
    for (let client of this.#held) this.#server.waiting.release(client);
    this.#held.clear();
  }
  /** Whether a command with these flags has to wait; `client` is the one that sent it, if it has an object. */
  concerns(name, flags, client) {
    return this.#mode !== 1 ? this.#mode === 2 : ((name === "exec" && client !== void 0 ? client.queuedFlags : flags) & 16385) !== 0;
  }
  /** Makes a client wait with its current command. */
  hold(client, command2) {
    this.#held.add(client), this.#server.waiting.hold(client, command2);
  }
  forget(client) {
    this.#held.delete(client);
  }
  #enforce() {
    let { gate, keyspace } = this.#server;
    gate.paused = this.#mode === 2 ? ALWAYS : this.#mode === 1 ? PAUSES_WITH_WRITES : 0, keyspace.keepExpired = this.#mode !== PAUSE_NONE, this.#server.refreshState();
  }
};

// src/server/settings.ts
var SPARE_DESCRIPTORS = 32;
function followSettings(server) {
  followNetwork(server), followAccess(server), followLogs(server), followMemory(server);
}
function follow(config, names, apply) {
  apply(), config.onChange(names, () => {
    apply();
  });
}
function followNetwork(server) {
  let { config, reactor, network } = server;
  config.onChange("maxclients", (clients) => {
    let possible = descriptorsMax() - SPARE_DESCRIPTORS;
    return clients <= possible ? void 0 : tooManyClients(possible);
  });
  for (let name of [
    "maxclients",
    "timeout",
    "tcp-keepalive",
    "proto-max-bulk-len",
    "client-query-buffer-limit"
  ])
    follow(config, [name], () => reactor.configure(name, config.number(name)));
  follow(config, ["client-output-buffer-limit"], () => {
    let limits = config.value("client-output-buffer-limit");
    for (let name of ["normal", "replica", "pubsub"]) {
      let { hardBytes, softBytes, softSeconds } = limits[name];
      reactor.configure(`obuf-${name}-hard`, hardBytes), reactor.configure(`obuf-${name}-soft`, softBytes), reactor.configure(`obuf-${name}-soft-seconds`, softSeconds);
    }
  }), config.onChange(
    "port",
    (port) => network.moveTo(port, config.value("bind")) ? void 0 : UNABLE_TO_LISTEN
  ), config.onChange(
    "bind",
    (addresses) => network.moveTo(config.number("port"), addresses) ? void 0 : UNABLE_TO_BIND
  );
}
function followAccess(server) {
  let { config, reactor, clients } = server;
  follow(config, ["requirepass", "protected-mode"], () => {
    let hasPassword = (config.value("requirepass") ?? "") !== "";
    clients.authRequired = hasPassword, reactor.configure("auth-required", hasPassword ? 1 : 0), reactor.configure("protected", config.boolean("protected-mode") && !hasPassword ? 1 : 0);
  });
}
function followLogs(server) {
  let { config, log, slowlog, latency, admin } = server;
  config.onChange("loglevel", (level) => {
    log.level = level;
  }), follow(config, ["log-format", "log-timestamp-format"], () => {
    log.format = config.value("log-format"), log.timestamps = config.value("log-timestamp-format");
  }), follow(config, ["slowlog-log-slower-than"], () => {
    slowlog.thresholdUs = config.number("slowlog-log-slower-than"), admin.watchChanged();
  }), follow(config, ["slowlog-max-len", "slowlog-entry-max-argc", "slowlog-entry-max-string-len"], () => {
    slowlog.maxLength = config.number("slowlog-max-len"), slowlog.wordsMax = config.number("slowlog-entry-max-argc"), slowlog.wordCharsMax = config.number("slowlog-entry-max-string-len");
  }), follow(config, ["latency-monitor-threshold"], () => {
    admin.latencyMonitor.thresholdMs = config.number("latency-monitor-threshold"), admin.watchChanged();
  }), follow(config, ["latency-tracking"], () => {
    latency.enabled = config.boolean("latency-tracking");
  });
}
function followMemory(server) {
  let { config, keyspace, expiry, memoryLimit } = server;
  follow(config, ["maxmemory-policy", "lfu-log-factor", "lfu-decay-time"], () => {
    keyspace.lfu = config.string("maxmemory-policy").endsWith("lfu"), keyspace.lfuLogFactor = config.number("lfu-log-factor"), keyspace.lfuDecayMinutes = config.number("lfu-decay-time");
  }), follow(config, ["active-expire-effort"], () => {
    expiry.effort = config.number("active-expire-effort");
  }), follow(config, ["maxmemory"], () => memoryLimit.set(config.number("maxmemory"))), config.onChange("maxmemory", (limitBytes) => warnOfSmallLimit(server, limitBytes));
}
function warnOfSmallLimit({ log, memory: memory2 }, limitBytes) {
  let { usedBytes } = memory2;
  limitBytes === 0 || usedBytes <= limitBytes || log.warning(
    `maxmemory is now ${limitBytes} bytes, but ${usedBytes} are in use already: writes are refused until there is less.`
  );
}
function descriptorsMax() {
  let soft = process.report?.getReport()?.userLimits?.open_files?.soft;
  return typeof soft == "number" ? soft : Number.POSITIVE_INFINITY;
}

// src/server/waiting.ts
var UNREAD_FROM_BYTES = 64 * 1024, COMMAND_BYTES = 128, Waiting = class {
  #server;
  #clients = /* @__PURE__ */ new Set();
  #released = [];
  constructor(server) {
    this.#server = server;
  }
  /** Clients that wait, for whatever reason. */
  get count() {
    return this.#clients.size;
  }
  /** Clients whose wait ends by itself at some time. */
  get timedCount() {
    let count2 = 0;
    for (let client of this.#clients) client.wait !== null && client.wait.deadline !== null && count2++;
    return count2;
  }
  /** Blocks a client in its current command; `timeoutMs` may be Infinity. */
  block(client, timeoutMs, timedOut, ended) {
    let { deadlines, clock, context } = this.#server, deadline = timeoutMs === Number.POSITIVE_INFINITY ? null : deadlines.set(clock.monotonicMs() + timeoutMs, () => this.timeOut(client)), { args, commandId } = context;
    client.wait = { timedOut, ended, deadline, commandId, argumentBytes: args.totalBytes }, this.#begin(client);
  }
  /** Ends the wait of a blocked client as if its time were up; false if it is not blocked. */
  timeOut(client) {
    return client.wait !== null && this.unblock(client, client.wait.timedOut);
  }
  /** Ends the wait of a blocked client with the answer that `write` gives; false if it is not blocked. */
  unblock(client, write) {
    if (client.wait === null) return !1;
    if (this.#endWait(client), client.replyMode === 0) {
      let { outbox, lanes } = this.#server;
      outbox.sendTo(lanes[client.lane], client.slot, client.generation, client.resp3, write);
    }
    return this.release(client), !0;
  }
  /** Holds a client back from now on, its current command included. */
  hold(client, command2) {
    this.#begin(client), this.keep(client, command2);
  }
  /** Keeps a further command of a client that waits. */
  keep(client, command2) {
    client.held.push(command2), client.heldBytes += command2.bytes.length + COMMAND_BYTES, !(client.unread || client.heldBytes < UNREAD_FROM_BYTES) && (client.unread = !0, this.#control(client, 5, 0));
  }
  /** Lets a client go on, as soon as no command is running. */
  release(client) {
    this.#clients.delete(client) && this.#released.push(client);
  }
  /** Runs what the released clients had kept. Only between batches. */
  runReleased() {
    for (let client = this.#released.shift(); client !== void 0; client = this.#released.shift()) {
      let commands = client.held;
      commands !== null && (client.held = null, client.heldBytes = 0, this.#server.clients.refresh(client), this.#control(client, 10, 0), this.#server.resume(client, commands), client.held === null && client.unread && (client.unread = !1, this.#control(client, 6, 0)));
    }
  }
  /** The connection is gone. */
  forget(client) {
    client.wait !== null && this.#endWait(client), client.held = null, this.#clients.delete(client);
  }
  #begin(client) {
    client.held = [], this.#clients.add(client), this.#server.clientChanged(client), this.#control(client, 10, 16);
  }
  #endWait(client) {
    let { deadline, ended } = client.wait;
    deadline !== null && this.#server.deadlines.cancel(deadline), client.wait = null, ended();
  }
  #control(client, kind, value) {
    let { outbox, lanes } = this.#server;
    outbox.controlTo(lanes[client.lane], client.slot, client.generation, kind, value);
  }
};

// src/server/server.ts
var ServerCore = class {
  config;
  clock;
  random;
  log;
  arena;
  keyspace;
  table;
  reactor;
  lanes;
  clients;
  stats;
  latency = new Latency();
  slowlog = new Slowlog();
  monitors = new Monitors();
  aclLog = new AclLog();
  deadlines = new Deadlines();
  watches;
  waiting = new Waiting(this);
  pause = new Pause(this);
  outbox = new Outbox();
  context;
  gate;
  startedMs;
  runId;
  replicationId;
  network;
  pollerName;
  memory;
  memoryLimit = new MemoryLimit(this);
  admin = new Admin(this);
  expiry;
  rates = { commands: new Rate(), bytesIn: new Rate(), bytesOut: new Rate() };
  /** Native counters at the last CONFIG RESETSTAT. */
  base = { counters: new Float64Array(counterCount) };
  /** Work that is done in slices between commands. */
  background;
  commandsProcessed = 0;
  #executor;
  #stopped = !1;
  constructor(options) {
    this.config = options.config, this.clock = options.clock, this.random = options.random, this.log = options.log, this.pollerName = options.pollerName, this.startedMs = options.clock.nowMs(), this.runId = options.random.hex(20), this.replicationId = options.random.hex(20), this.table = new CommandTable(options.commands), this.stats = new CommandStats(this.table.specs.length);
    let hash2 = new KeyHash(options.random.u32(), options.random.u32());
    this.arena = new Arena(options.arena), this.keyspace = new Keyspace({
      arena: this.arena,
      hash: hash2,
      clock: options.clock,
      random: options.random,
      databases: options.config.number("databases"),
      ...options.hints === void 0 ? {} : { hints: options.hints }
    }), this.memory = new MemoryStats(this), this.expiry = new ActiveExpiry(this.keyspace), this.background = new Background(() => options.clock.monotonicMs());
    let maintenance = new Maintenance(this.keyspace);
    this.background.add((budgetMs) => this.admin.timed("expire-cycle", () => this.expiry.slice(budgetMs))), this.background.add((budgetMs) => this.keyspace.lazyfree.slice(budgetMs)), this.background.add((budgetMs) => maintenance.slice(budgetMs)), this.watches = new Watches(this.keyspace), this.reactor = options.reactor(hash2, (lane) => this.#onReady(lane)), this.network = new Network(this.reactor, options.config, options.log), this.reactor.setCommands(this.table.names(), this.table.firstKeys()), this.lanes = this.reactor.lanes.map((buffers, index) => new Lane(index, buffers, this.reactor)), this.clients = new Clients(this.lanes.length, this.reactor), this.context = new Context(this, this.outbox.reply, this.keyspace, this.config, this.table), this.gate = new Gate(this, this.context, this.outbox), this.#executor = new Executor(this, this.gate, this.context, this.outbox), followSettings(this);
  }
  // ---- what commands ask (ServerPort) ----
  currentClient() {
    let { lane, slot, generation } = this.#executor;
    return this.clients.get(lane.index, slot, generation);
  }
  /** The current connection's Client object, if it has one. */
  knownClient() {
    return this.clients.lanes[this.#executor.lane.index].client(this.#executor.slot);
  }
  clientChanged(client) {
    this.clients.refresh(client), this.#executor.refreshState();
  }
  currentRow() {
    let { lane, slot } = this.#executor;
    return this.reactor.clientRow(lane.index, slot);
  }
  select(index) {
    let { lane, slot } = this.#executor;
    this.clients.select(lane.index, slot, index), this.#executor.refreshState(), this.outbox.control(9, index);
  }
  speak(resp3) {
    let { lane, slot } = this.#executor;
    this.clients.speak(lane.index, slot, resp3), this.#executor.refreshState();
  }
  authenticate(isAuthenticated2) {
    let client = this.currentClient();
    client.authenticated = isAuthenticated2, this.clientChanged(client), this.outbox.control(isAuthenticated2 ? 7 : 8, 0);
  }
  unmute() {
    this.outbox.unmute();
  }
  runQueued(command2) {
    this.#executor.runQueued(command2);
  }
  queueCurrent(id = this.context.commandId) {
    return this.context.args.keep(id);
  }
  closeAfterReply() {
    let client = this.currentClient();
    client.closing = !0, this.clientChanged(client), this.outbox.control(2, 0);
  }
  closeClient(client, atOnce) {
    client.closing = !0, this.clientChanged(client), atOnce && this.#letGo(client);
    let kind = atOnce ? 3 : 2;
    this.outbox.controlTo(this.lanes[client.lane], client.slot, client.generation, kind, 0);
  }
  closeConnection(row) {
    row.known ? this.closeClient(this.clients.get(row.lane, row.slot, row.generation), !0) : this.outbox.controlTo(this.lanes[row.lane], row.slot, row.generation, 3, 0);
  }
  // ---- what the gate and the executor ask ----
  connectionClosed(lane, slot, _generation, reason) {
    let client = this.clients.lanes[lane.index].remove(slot);
    reason !== 0 && reason === 3 && this.log.warning(`Client ${slot} closed for overcoming of output buffer limits.`), client !== void 0 && (this.#letGo(client), client.onClose?.());
  }
  /** A client is gone, or as good as gone: nothing will happen to it any more. */
  #letGo(client) {
    this.monitors.remove(client), this.watches.unwatch(client), this.waiting.forget(client), this.pause.forget(client);
  }
  /** Whether the current client may run a command that needs an `enable-…` directive. */
  allowsProtected(name) {
    return this.admin.allows(name.startsWith("module") ? "enable-module-command" : "enable-debug-command");
  }
  /** The current connection's last command was this subcommand, of which the native side knows the container only. */
  noteSubcommand(id) {
    this.clients.lanes[this.#executor.lane.index].noteSubcommand(this.#executor.slot, id);
  }
  /** Makes the current connection's next command look at everything that may stand in its way again. */
  refreshState() {
    this.#executor.refreshState();
  }
  /** Runs commands that a client had to keep. Only between batches. */
  resume(client, commands) {
    this.#executor.resume(client, commands);
  }
  logProtocolError(code) {
    code === 11 ? this.log.warning(
      "Possible SECURITY ATTACK detected. It looks like somebody is sending POST or Host: commands to Redis. This is likely due to an attacker attempting to use Cross Protocol Scripting to compromise your Redis instance. Connection aborted."
    ) : this.log.warning("Closing client that reached max query buffer length");
  }
  logInternalError(error) {
    this.log.warning(
      `Error while running a command: ${error instanceof Error ? error.stack : String(error)}`
    );
  }
  /** The refusal for an exhausted arena; null for any other error. */
  outOfMemoryText(error) {
    return error instanceof OutOfMemoryError ? OUT_OF_MEMORY : null;
  }
  // ---- running ----
  /** Does what is due by now. Only between batches. */
  wake() {
    let nowMs = this.clock.monotonicMs();
    this.deadlines.nextMs > nowMs || (this.deadlines.runDue(nowMs), this.waiting.runReleased());
  }
  /** Does everything that is due, however long it takes: virtual time has moved. */
  runDueWork() {
    this.keyspace.tick(), this.wake(), this.background.finish(), this.flush();
  }
  /** Lets clients go on whose wait a batch has ended, and publishes what it wrote to connections of other lanes. */
  afterBatch() {
    this.waiting.runReleased();
    for (let lane of this.lanes)
      lane.hasUnpublished && (lane.publish(), Atomics.load(lane.ctl, 96) === 1 && this.reactor.flush(lane.index));
  }
  /** Sends what was written outside of a batch (timers, blocked clients). */
  flush() {
    for (let lane of this.lanes)
      lane.hasUnpublished && (lane.publish(), this.reactor.flush(lane.index));
  }
  /** Closes everything that is open; resolves when the rings are gone. */
  stop() {
    return this.#stopped = !0, this.reactor.stop();
  }
  #onReady(index) {
    if (index >= 0) {
      this.#executor.drain(this.lanes[index]);
      return;
    }
    this.#drainAll();
  }
  /** Threaded lanes: runs until all are empty for a while, then sleeps. */
  #drainAll() {
    if (this.#stopped) return;
    let endMs = this.clock.monotonicMs() + TURN_MS_MAX, idleRounds = 0;
    for (; idleRounds < IDLE_ROUNDS_MAX; ) {
      let any = !1;
      for (let lane of this.lanes)
        this.#executor.drain(lane) && (any = !0, Atomics.load(lane.ctl, 96) === 1 && this.reactor.flush(lane.index));
      if (idleRounds = any ? 0 : idleRounds + 1, any && this.clock.monotonicMs() > endMs) {
        setImmediate(() => this.#drainAll());
        return;
      }
    }
    for (let lane of this.lanes)
      if (!this.reactor.sleep(lane.index)) {
        setImmediate(() => this.#drainAll());
        return;
      }
  }
}, TURN_MS_MAX = 2, IDLE_ROUNDS_MAX = 50;

// src/server/host.ts
var REQ_BYTES = 256 * 1024, DESC_WORDS = 64 * 1024, OUT_BYTES = 512 * 1024;
function buildServer(options) {
  let binding = loadBinding(), { config } = options, databases = config.number("databases"), memory2 = new binding.Memory(CHUNKS_MAX, databases);
  return { core: new ServerCore({
    config,
    commands: ALL_COMMANDS,
    clock: options.clock,
    random: new Random(options.seed),
    log: options.log,
    arena: { source: memory2, checked: options.checked ?? !1 },
    hints: new Uint32Array(memory2.hints),
    pollerName: options.poller === "poll" ? "poll" : process.platform === "linux" ? "epoll" : "kqueue",
    reactor: (hash2, onReady) => new binding.Reactor(
      {
        ioThreads: config.number("io-threads"),
        reqBytes: REQ_BYTES,
        descWords: DESC_WORDS,
        outBytes: OUT_BYTES,
        hashKey0: hash2.key0 >>> 0,
        hashKey1: hash2.key1 >>> 0,
        memory: memory2,
        poller: options.poller ?? "default"
      },
      onReady
    )
  }), memory: memory2 };
}

// src/server/instance.ts
var Instance = class {
  core;
  /** Called when a client or a signal has ended the server; by default nothing happens. */
  onShutdown = () => {
  };
  #memory;
  #alarm;
  #cron;
  #virtual;
  #stopped = null;
  constructor(options) {
    let { core, memory: memory2 } = buildServer(options);
    this.core = core, this.#memory = memory2, this.#alarm = new Alarm(core), this.#cron = new Cron(core), this.#virtual = options.clock instanceof VirtualClock ? options.clock : null, core.admin.onShutdown = () => this.shutdown();
  }
  /** False from the call of `stop` on. */
  get running() {
    return this.#stopped === null;
  }
  /** Opens the listeners. Throws ListenError. */
  listen(anyPort = !1) {
    this.core.network.listen(anyPort);
  }
  /** Begins to serve. */
  start() {
    this.core.reactor.start(), this.core.memory.started(), this.#virtual === null && (this.#alarm.start(), this.#cron.start());
  }
  /**
   * Lets `ms` milliseconds of virtual time pass, stopping at each deadline on the way, so that what it starts begins
   * at its own time. Fractions are dropped. Throws TypeError without a virtual clock, RangeError for a bad number.
   */
  advance(ms) {
    let clock = this.#virtual;
    if (clock === null) throw new TypeError("advance needs the option clock: 'virtual'");
    if (!(ms >= 0 && ms <= Number.MAX_SAFE_INTEGER))
      throw new RangeError("advance takes milliseconds, 0 or more");
    let endMs = clock.monotonicMs() + Math.floor(ms), nowMs;
    do {
      nowMs = clock.monotonicMs();
      let nextMs = Math.ceil(Math.min(this.core.deadlines.nextMs, endMs));
      clock.advance(Math.max(0, nextMs - nowMs)), this.core.runDueWork(), nowMs = clock.monotonicMs();
    } while (nowMs < endMs || this.core.deadlines.nextMs <= endMs);
  }
  /** Ends in order, as for SIGTERM: no new clients, then everything closed. */
  shutdown() {
    if (!this.running) return;
    let { log } = this.core;
    log.warning("User requested shutdown..."), this.stop(), log.warning("Redis is now ready to exit, bye bye..."), this.onShutdown(0);
  }
  /** Closes all connections at once; the promise resolves when the server's memory is free. Idempotent. */
  stop() {
    return this.#stopped ??= this.#stop(), this.#stopped;
  }
  async #stop() {
    this.#alarm.stop(), this.#cron.stop(), await this.core.stop(), this.#memory.dispose();
  }
};

// src/config/config.ts
import { resolve as resolve2 } from "node:path";

// src/config/table/cluster.ts
var clusterDirectives = {
  "cluster-allow-pubsubshard-when-down": bool(!0),
  "cluster-allow-reads-when-down": bool(!1),
  "cluster-allow-replica-migration": bool(!0),
  "cluster-announce-bus-port": integer(0, 0, 65535),
  "cluster-announce-client-ipv4": optionalText(),
  "cluster-announce-client-ipv6": optionalText(),
  "cluster-announce-client-port": integer(0, 0, 65535),
  "cluster-announce-client-tls-port": integer(0, 0, 65535),
  "cluster-announce-hostname": checkedText("", isHostname),
  "cluster-announce-human-nodename": optionalText(),
  "cluster-announce-ip": optionalText(),
  "cluster-announce-port": integer(0, 0, 65535),
  "cluster-announce-tls-port": integer(0, 0, 65535),
  "cluster-blacklist-ttl": integer(60, 0, ULONG_MAX),
  "cluster-compatibility-sample-ratio": integer(0, 0, 100),
  "cluster-config-file": text("nodes.conf", IMMUTABLE2),
  "cluster-config-save-behavior": word("sync", ["sync", "best-effort"]),
  "cluster-databases": integer(1, 1, INT_MAX2, IMMUTABLE2),
  "cluster-enabled": bool(!1, IMMUTABLE2),
  "cluster-link-sendbuf-limit": memory(0, 0, ULONG_MAX),
  "cluster-manual-failover-timeout": integer(5e3, 1, INT_MAX2),
  "cluster-message-gossip-perc": integer(10, 1, 100, HIDDEN),
  "cluster-migration-barrier": integer(1, 0, INT_MAX2),
  "cluster-node-timeout": integer(15e3, 0, LONG_MAX),
  "cluster-ping-interval": integer(0, 0, LONG_MAX, HIDDEN),
  "cluster-port": integer(0, 0, 65535, IMMUTABLE2),
  "cluster-preferred-endpoint-type": word("ip", ["ip", "hostname", "unknown-endpoint"]),
  "cluster-replica-no-failover": bool(!1, 0, "cluster-slave-no-failover"),
  "cluster-replica-validity-factor": integer(10, 0, INT_MAX2, 0, "cluster-slave-validity-factor"),
  "cluster-require-full-coverage": bool(!0),
  "cluster-slot-migration-handoff-max-lag-bytes": memory(1048576, 0, LONG_MAX),
  "cluster-slot-migration-log-max-len": integer(1e3, 0, LONG_MAX),
  "cluster-slot-migration-max-archived-tasks": integer(32, 1, INT_MAX2, HIDDEN),
  "cluster-slot-migration-sync-buffer-drain-timeout": integer(6e4, 0, LONG_MAX, HIDDEN),
  "cluster-slot-migration-write-pause-timeout": integer(1e4, 0, LONG_MAX),
  "cluster-slot-stats-enabled": words(["no", "yes", "cpu", "net", "mem"]),
  "slot-migration-max-failover-repl-bytes": integer(0, -1, LONG_MAX)
};

// src/config/table/encodings.ts
var encodingsDirectives = {
  "array-slice-size": integer(4096, 1, INT_MAX2),
  "array-sparse-kmax": integer(10, 0, 256),
  "array-sparse-kmin": integer(5, 0, 256),
  "hash-max-listpack-entries": integer(512, 0, LONG_MAX, 0, "hash-max-ziplist-entries"),
  "hash-max-listpack-value": memory(64, 0, LONG_MAX, 0, "hash-max-ziplist-value"),
  "hll-sparse-max-bytes": memory(3e3, 0, LONG_MAX),
  "list-compress-depth": integer(0, 0, INT_MAX2),
  "list-max-listpack-size": integer(-2, INT_MIN2, INT_MAX2, 0, "list-max-ziplist-size"),
  "set-max-intset-entries": integer(512, 0, LONG_MAX),
  "set-max-listpack-entries": integer(128, 0, LONG_MAX),
  "set-max-listpack-value": memory(64, 0, LONG_MAX),
  "stream-idmp-duration": integer(100, 1, LONG_MAX),
  "stream-idmp-maxsize": integer(100, 1, LONG_MAX),
  "stream-node-max-bytes": memory(4096, 0, LONG_MAX),
  "stream-node-max-entries": integer(100, 0, LONG_MAX),
  "zset-max-listpack-entries": integer(128, 0, LONG_MAX, 0, "zset-max-ziplist-entries"),
  "zset-max-listpack-value": memory(64, 0, LONG_MAX, 0, "zset-max-ziplist-value")
};

// src/config/special_kinds.ts
import { accessSync, constants as constants2, realpathSync } from "node:fs";
import { resolve } from "node:path";
function withoutEmpty(words2) {
  return words2.length === 1 && words2[0] === "" ? [] : words2;
}
var SaveKind = class {
  manyWords = !0;
  parse(words2, current, source) {
    let given = withoutEmpty(words2);
    if (given.length % 2 === 1) return new Refused(BAD_SAVE);
    let numbers = given.map((word2) => parseLoosely(word2, 10)), keep = source === "again" && given === words2, points = keep ? [...current.value] : [], texts2 = keep && current.text !== "" ? [current.text] : [];
    for (let i = 0; i < numbers.length; i += 2) {
      let seconds = numbers[i], changes = numbers[i + 1];
      if (seconds === null || changes === null || seconds < 1n || changes < 0n)
        return new Refused(BAD_SAVE);
      let point = { seconds: Number(seconds), changes: Number(BigInt.asIntN(32, changes)) };
      points.push(point), texts2.push(`${seconds} ${point.changes}`);
    }
    return { value: points, text: texts2.join(" ") };
  }
  print(points) {
    return points.map((point) => `${point.seconds} ${point.changes}`).join(" ");
  }
  // Written even when it is the default, as the reference does.
  rewrite(now) {
    return (now.text.match(/\S+ \S+/g) ?? ['""']).map((words2) => ({ words: words2, forced: !0 }));
  }
}, bufferClasses = /* @__PURE__ */ new Map([
  ["normal", "normal"],
  ["slave", "replica"],
  ["replica", "replica"],
  ["pubsub", "pubsub"]
]), bufferClassesPrinted = [
  ["normal", "normal"],
  ["replica", "slave"],
  ["pubsub", "pubsub"]
], BufferLimitsKind = class {
  manyWords = !0;
  parse(words2, current) {
    if (words2.length % 4 !== 0) return new Refused(BUFFER_LIMIT_COUNT);
    let texts2 = textsByClass(current.text), value = { ...current.value };
    for (let i = 0; i < words2.length; i += 4) {
      let name = bufferClasses.get(words2[i].toLowerCase());
      if (name === void 0) return new Refused(BUFFER_LIMIT_CLASS);
      let hard = parseMemory(words2[i + 1]), soft = parseMemory(words2[i + 2]), seconds = parseLoosely(words2[i + 3], 10);
      if (hard === null || soft === null || seconds === null || seconds < 0n)
        return new Refused(BUFFER_LIMIT_NUMBER);
      let softSeconds = Number(BigInt.asIntN(32, seconds));
      value[name] = { hardBytes: Number(hard), softBytes: Number(soft), softSeconds }, texts2.set(name, `${hard} ${soft} ${softSeconds}`);
    }
    let text2 = bufferClassesPrinted.map(([name, printed]) => `${printed} ${texts2.get(name)}`).join(" ");
    return { value, text: text2 };
  }
  print(limits) {
    return bufferClassesPrinted.map(([name, printed]) => {
      let limit = limits[name];
      return `${printed} ${limit.hardBytes} ${limit.softBytes} ${limit.softSeconds}`;
    }).join(" ");
  }
  rewrite(now, initial) {
    let before = textsByClass(initial.text);
    return [...textsByClass(now.text)].map(([name, text2]) => {
      let [hard, soft, seconds] = text2.split(" ");
      return { words: `${name} ${formatMemory(BigInt(hard))} ${formatMemory(BigInt(soft))} ${seconds}`, forced: text2 !== before.get(name) };
    });
  }
};
function textsByClass(text2) {
  let words2 = text2.split(" ");
  return new Map(
    bufferClassesPrinted.map(([name], i) => [name, words2.slice(4 * i + 1, 4 * i + 4).join(" ")])
  );
}
var OomScoresKind = class {
  manyWords = !0;
  parse(words2) {
    if (words2.length !== 3) return new Refused(WRONG_ARGUMENT_COUNT);
    let value = [];
    for (let word2 of words2) {
      let score = parseLoosely(word2, 10);
      if (score === null || score < -2000n || score > 2000n) return new Refused(BAD_OOM_SCORES);
      value.push(Number(score));
    }
    return { value, text: this.print(value) };
  }
  print(value) {
    return value.join(" ");
  }
  rewrite(now, initial) {
    return oneLine(now.text, now, initial);
  }
}, PercentilesKind = class {
  manyWords = !0;
  parse(words2) {
    let value = [];
    for (let word2 of withoutEmpty(words2)) {
      let percentile = parseDouble(fromLatin1(word2), 0, word2.length);
      if (Number.isNaN(percentile)) return new Refused(BAD_PERCENTILES);
      if (percentile < 0 || percentile > 100) return new Refused(PERCENTILES_RANGE);
      value.push(percentile);
    }
    return { value, text: this.print(value) };
  }
  print(value) {
    return value.map((percentile) => formatDoubleFixed(percentile, 6)).join(" ");
  }
  // Written even when it is the default, as the reference does.
  rewrite(now) {
    return [{ words: now.text === "" ? '""' : now.text, forced: !0 }];
  }
}, eventBits = {
  K: 1,
  E: 2,
  g: 4,
  $: 8,
  l: 16,
  s: 32,
  h: 64,
  z: 128,
  x: 256,
  e: 512,
  t: 1024,
  m: 2048,
  d: 8192,
  n: 16384
}, allEvents = "g$lshzxetd", allEventBits = [...allEvents].reduce((mask, letter) => mask | eventBits[letter], 0), EventsKind = class {
  manyWords = !1;
  parse([word2 = ""]) {
    let value = 0;
    for (let letter of word2)
      if (letter === "A") value |= allEventBits;
      else if (Object.hasOwn(eventBits, letter)) value |= eventBits[letter];
      else return new Refused(BAD_EVENT_CLASS);
    return { value, text: this.print(value) };
  }
  print(value) {
    let all = (value & allEventBits) === allEventBits, letters = [...all ? "KEm" : `${allEvents}nKEm`];
    return (all ? "A" : "") + letters.filter((letter) => (value & eventBits[letter]) !== 0).join("");
  }
  rewrite(now, initial) {
    return oneLine(quote(now.text), now, initial);
  }
}, bindAddressesMax = 16, AddressesKind = class {
  manyWords = !0;
  parse(words2) {
    if (words2.length > bindAddressesMax) return new Refused(TOO_MANY_ADDRESSES);
    let value = withoutEmpty(words2);
    return { value, text: this.print(value) };
  }
  print(value) {
    return value.join(" ");
  }
  rewrite(now, initial) {
    return now.text === initial.text ? [] : [{ words: now.value.length === 0 ? '""' : now.value.map(quoteIfNeeded).join(" "), forced: !0 }];
  }
}, ReplicaOfKind = class {
  manyWords = !0;
  parse(words2) {
    if (words2.length !== 2) return new Refused(WRONG_ARGUMENT_COUNT);
    let [host, port] = words2;
    if (host.toLowerCase() === "no" && port.toLowerCase() === "one") return { value: null, text: "" };
    let number = parseLoosely(port, 10);
    if (number === null || number < 0n || number > 65535n) return new Refused(BAD_MASTER_PORT);
    let value = { host, port: Number(number) };
    return { value, text: this.print(value) };
  }
  print(value) {
    return value === null ? "" : `${value.host} ${value.port}`;
  }
  rewrite(now) {
    return now.value === null ? [] : [{ words: `${quoteIfNeeded(now.value.host)} ${now.value.port}`, forced: !0 }];
  }
}, DirectoryKind = class {
  manyWords = !1;
  parse([word2 = ""], current) {
    try {
      let path = word2 && pathOf(resolve(current.text, word2));
      accessSync(path && `${path}/.`, constants2.X_OK);
      let text2 = Buffer.from(realpathSync(path)).toString("latin1");
      return { value: text2, text: text2 };
    } catch (error) {
      return new Refused(errorText(error));
    }
  }
  print(value) {
    return value;
  }
  rewrite(now) {
    return [{ words: quote(now.text), forced: !0 }];
  }
};
function quoteIfNeeded(word2) {
  return /^[\w.:*%-]+$/.test(word2) ? word2 : quote(word2);
}
var titleVariables = /* @__PURE__ */ new Map([
  ["title", ""],
  ["listen-addr", "*"],
  ["server-mode", ""],
  ["port", "0"],
  ["tls-port", "0"],
  ["unixsocket", ""],
  ["config-file", "-"]
]);
function isTitleTemplate(template) {
  let unknown = !1, title = template.replace(/\{\{|\{([^}]*)(\}?)/g, (brace, name, close2) => {
    if (brace === "{{") return "{";
    let value = close2 === "" ? void 0 : titleVariables.get(name);
    return value === void 0 && (unknown = !0), value ?? "";
  });
  return unknown || /^ *$/.test(title) ? BAD_TITLE : null;
}

// src/config/table/memory.ts
var memoryDirectives = {
  "active-defrag-cycle-max": integer(25, 1, 99),
  "active-defrag-cycle-min": integer(1, 1, 99),
  "active-defrag-cycle-us": integer(500, 0, 1e5),
  "active-defrag-ignore-bytes": memory(104857600, 1, LONG_MAX),
  "active-defrag-max-scan-fields": integer(1e3, 1, LONG_MAX),
  "active-defrag-threshold-lower": integer(10, 0, 1e3),
  "active-defrag-threshold-upper": integer(100, 0, 1e3),
  "active-expire-effort": integer(1, 1, 10),
  activedefrag: bool(!1),
  "disable-thp": bool(!0, IMMUTABLE2),
  "jemalloc-bg-thread": bool(!0),
  "key-memory-histograms": bool(!1),
  "lazyexpire-nested-arbitrary-keys": bool(!0, HIDDEN),
  "lazyfree-lazy-eviction": bool(!1),
  "lazyfree-lazy-expire": bool(!1),
  "lazyfree-lazy-server-del": bool(!1),
  "lazyfree-lazy-user-del": bool(!1),
  "lazyfree-lazy-user-flush": bool(!1),
  "lfu-decay-time": integer(1, 0, INT_MAX2),
  "lfu-log-factor": integer(10, 0, INT_MAX2),
  maxmemory: memory(0, 0, ULONG_MAX),
  "maxmemory-clients": memoryOrPercent(0),
  "maxmemory-eviction-tenacity": integer(10, 0, 100),
  "maxmemory-policy": word("noeviction", [
    "volatile-lru",
    "volatile-lfu",
    "volatile-random",
    "volatile-ttl",
    "allkeys-lru",
    "allkeys-lfu",
    "allkeys-random",
    "noeviction"
  ]),
  "maxmemory-samples": integer(5, 1, INT_MAX2),
  "oom-score-adj": word("no", ["no", "yes", "relative", "absolute"], 0, { relative: "yes" }),
  "oom-score-adj-values": directive(new OomScoresKind(), [0, 200, 800])
};

// src/config/table/network.ts
var MiB = 1024 * 1024, networkDirectives = {
  "availability-zone": text(""),
  bind: directive(new AddressesKind(), ["*", "-::*"]),
  "bind-source-addr": optionalText(),
  "client-default-resp": integer(2, 2, 3, IMMUTABLE2 | HIDDEN),
  "client-output-buffer-limit": directive(new BufferLimitsKind(), {
    normal: { hardBytes: 0, softBytes: 0, softSeconds: 0 },
    replica: { hardBytes: 256 * MiB, softBytes: 64 * MiB, softSeconds: 60 },
    pubsub: { hardBytes: 32 * MiB, softBytes: 8 * MiB, softSeconds: 60 }
  }),
  "client-query-buffer-limit": memory(1073741824, 1024 * 1024, LONG_MAX),
  "max-new-connections-per-cycle": integer(10, 1, 1e3),
  "max-new-tls-connections-per-cycle": integer(1, 1, 1e3),
  maxclients: integer(1e4, 1, UINT_MAX),
  mptcp: bool(!1, IMMUTABLE2),
  port: integer(6379, 0, 65535),
  "proto-max-bulk-len": memory(536870912, 1024 * 1024, LONG_MAX),
  "rdma-bind": directive(new AddressesKind(), []),
  "rdma-completion-vector": integer(-1, -1, 1024, IMMUTABLE2),
  "rdma-port": integer(0, 0, 65535),
  "rdma-rx-size": integer(1048576, 64 * 1024, 16 * 1024 * 1024, IMMUTABLE2),
  "socket-mark-id": integer(0, 0, UINT_MAX, IMMUTABLE2),
  "tcp-backlog": integer(511, 0, INT_MAX2, IMMUTABLE2),
  "tcp-keepalive": integer(300, 0, INT_MAX2),
  timeout: integer(0, 0, INT_MAX2),
  "tracking-table-max-keys": integer(1e6, 0, LONG_MAX),
  unixsocket: optionalText(IMMUTABLE2),
  unixsocketgroup: optionalText(IMMUTABLE2),
  unixsocketperm: octal(0, 0, 511, IMMUTABLE2)
};

// src/config/table/observability.ts
var noneOr200 = (n) => n === 0n || n > 200n ? n : 200n, observabilityDirectives = {
  "always-show-logo": bool(!1, IMMUTABLE2),
  "commandlog-large-reply-max-len": integer(128, 0, LONG_MAX),
  "commandlog-large-request-max-len": integer(128, 0, LONG_MAX),
  "commandlog-reply-larger-than": integer(1048576, -1, LONG_MAX),
  "commandlog-request-larger-than": integer(1048576, -1, LONG_MAX),
  "crash-log-enabled": bool(!0),
  "crash-memcheck-enabled": bool(!0),
  "debug-context": text("", HIDDEN),
  "enable-debug-assert": bool(!1, IMMUTABLE2 | HIDDEN),
  "hide-user-data-from-log": bool(!1),
  "latency-monitor-threshold": integer(0, 0, LONG_MAX),
  "latency-tracking": bool(!0),
  "latency-tracking-info-percentiles": directive(new PercentilesKind(), [50, 99, 99.9]),
  "locale-collate": text(""),
  "log-format": word("legacy", ["legacy", "logfmt", "json"]),
  "log-timestamp-format": word("legacy", ["legacy", "iso8601", "milliseconds"]),
  logfile: text("", IMMUTABLE2),
  loglevel: word("notice", ["debug", "verbose", "notice", "warning", "nothing"]),
  "req-res-logfile": optionalText(IMMUTABLE2 | HIDDEN),
  "slowlog-entry-max-argc": integer(32, 2, INT_MAX2),
  "slowlog-entry-max-string-len": integer(128, 1, LONG_MAX),
  "slowlog-log-slower-than": integer(1e4, -1, LONG_MAX, 0, "commandlog-execution-slower-than"),
  "slowlog-max-len": integer(128, 0, LONG_MAX, 0, "commandlog-slow-execution-max-len"),
  "syslog-enabled": bool(!1, IMMUTABLE2),
  "syslog-facility": word(
    "local0",
    ["user", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7"],
    IMMUTABLE2
  ),
  "syslog-ident": text("redis", IMMUTABLE2),
  "watchdog-period": integer(0, 0, INT_MAX2, HIDDEN, "", noneOr200)
};

// src/config/table/persistence.ts
var persistenceDirectives = {
  "aof-disable-auto-gc": bool(!1),
  "aof-load-corrupt-tail-max-size": memory(0, 0, LONG_MAX),
  "aof-load-truncated": bool(!0),
  "aof-rewrite-incremental-fsync": bool(!0),
  "aof-timestamp-enabled": bool(!1),
  "aof-use-rdb-preamble": bool(!0),
  appenddirname: checkedText("appendonlydir", isGivenFilename("appenddirname", "dirname"), IMMUTABLE2),
  appendfilename: checkedText("appendonly.aof", isGivenFilename("appendfilename", "filename"), IMMUTABLE2),
  appendfsync: word("everysec", ["everysec", "always", "no"]),
  appendonly: bool(!1),
  "auto-aof-rewrite-min-size": memory(67108864, 0, LONG_MAX),
  "auto-aof-rewrite-percentage": integer(100, 0, INT_MAX2),
  dbfilename: checkedText("dump.rdb", isFilename("dbfilename"), PROTECTED2),
  dir: directive(new DirectoryKind(), "", PROTECTED2 | DENY_LOADING),
  "key-load-delay": integer(0, INT_MIN2, INT_MAX2, HIDDEN),
  "loading-process-events-interval-bytes": integer(2097152, 1024, INT_MAX2, HIDDEN),
  "no-appendfsync-on-rewrite": bool(!1),
  "rdb-key-save-delay": integer(0, INT_MIN2, INT_MAX2, HIDDEN),
  "rdb-save-incremental-fsync": bool(!0),
  "rdb-version-check": word("strict", ["strict", "relaxed"]),
  rdbchecksum: bool(!0, IMMUTABLE2),
  rdbcompression: bool(!0),
  "sanitize-dump-payload": word("no", ["no", "yes", "clients"]),
  save: directive(new SaveKind(), [
    { seconds: 3600, changes: 1 },
    { seconds: 300, changes: 100 },
    { seconds: 60, changes: 1e4 }
  ]),
  "stop-writes-on-bgsave-error": bool(!0)
};

// src/config/table/process.ts
var between1And500 = (n) => n < 1n ? 1n : n > 500n ? 500n : n;
function noSaveAndNosave(words2) {
  return words2.includes("save") && words2.includes("nosave") ? SAVE_AND_NOSAVE : null;
}
var processDirectives = {
  activerehashing: bool(!0),
  aof_rewrite_cpulist: optionalText(IMMUTABLE2, "aof-rewrite-cpulist"),
  bgsave_cpulist: optionalText(IMMUTABLE2, "bgsave-cpulist"),
  bio_cpulist: optionalText(IMMUTABLE2, "bio-cpulist"),
  "busy-reply-threshold": integer(5e3, 0, LONG_MAX, 0, "lua-time-limit"),
  daemonize: bool(!1, IMMUTABLE2),
  databases: integer(16, 1, INT_MAX2, IMMUTABLE2),
  "dynamic-hz": bool(!0),
  "extended-redis-compatibility": bool(!1),
  "hash-seed": optionalText(IMMUTABLE2),
  hz: integer(10, 0, INT_MAX2, 0, "", between1And500),
  "ignore-warnings": text(""),
  "io-threads": integer(1, 1, 128, IMMUTABLE2),
  "io-threads-always-active": bool(!1, HIDDEN),
  "io-threads-do-reads": bool(!1, IMMUTABLE2),
  lookahead: integer(16, 1, INT_MAX2),
  "lua-enable-deprecated-api": bool(!1, IMMUTABLE2 | HIDDEN, "lua-enable-insecure-api"),
  "min-io-threads-avoid-copy-reply": integer(7, 0, INT_MAX2, HIDDEN),
  "min-string-size-avoid-copy-reply": integer(16384, 0, INT_MAX2, HIDDEN),
  "min-string-size-avoid-copy-reply-threaded": integer(65536, 0, INT_MAX2, HIDDEN),
  "notify-keyspace-events": directive(new EventsKind(), 0),
  pidfile: optionalText(IMMUTABLE2),
  "prefetch-batch-max-size": integer(16, 0, 128, HIDDEN),
  "proc-title-template": checkedText("{title} {listen-addr} {server-mode}", isTitleTemplate),
  "propagation-error-behavior": word("ignore", ["ignore", "panic", "panic-on-replicas"]),
  server_cpulist: optionalText(IMMUTABLE2, "server-cpulist"),
  "set-proc-title": bool(!0, IMMUTABLE2),
  "shutdown-on-sigint": words(["default", "save", "nosave", "now", "force"], noSaveAndNosave),
  "shutdown-on-sigterm": words(["default", "save", "nosave", "now", "force"], noSaveAndNosave),
  "shutdown-timeout": integer(10, 0, INT_MAX2),
  supervised: word("no", ["upstart", "systemd", "auto", "no"], IMMUTABLE2),
  "use-exit-on-panic": bool(!1, HIDDEN)
};

// src/config/table/replication.ts
var atLeast16KiB = (n) => n < 16384n ? 16384n : n, replicationDirectives = {
  "dual-channel-replication-enabled": bool(!1),
  "import-mode": bool(!1),
  masterauth: optionalText(SENSITIVE, "primaryauth"),
  masteruser: optionalText(SENSITIVE, "primaryuser"),
  "min-replicas-max-lag": integer(10, 0, INT_MAX2, 0, "min-slaves-max-lag"),
  "min-replicas-to-write": integer(0, 0, INT_MAX2, 0, "min-slaves-to-write"),
  "rdb-del-sync-files": bool(!1),
  "repl-backlog-size": memory(1048576, 1, LONG_MAX, 0, "", atLeast16KiB),
  "repl-backlog-ttl": integer(3600, 0, LONG_MAX),
  "repl-disable-tcp-nodelay": bool(!1),
  "repl-diskless-load": word("disabled", ["disabled", "on-empty-db", "swapdb"], DENY_LOADING),
  "repl-diskless-sync": bool(!0),
  "repl-diskless-sync-delay": integer(5, 0, INT_MAX2),
  "repl-diskless-sync-max-replicas": integer(0, 0, INT_MAX2),
  "repl-mptcp": bool(!1, IMMUTABLE2),
  "repl-ping-replica-period": integer(10, 1, INT_MAX2, 0, "repl-ping-slave-period"),
  "repl-rdb-channel": bool(!0, HIDDEN),
  "repl-timeout": integer(60, 1, INT_MAX2),
  "replica-announce-ip": optionalText(0, "slave-announce-ip"),
  "replica-announce-port": integer(0, 0, 65535, 0, "slave-announce-port"),
  "replica-announced": bool(!0),
  "replica-full-sync-buffer-limit": memory(0, 0, LONG_MAX),
  "replica-ignore-disk-write-errors": bool(!1),
  "replica-ignore-maxmemory": bool(!0, 0, "slave-ignore-maxmemory"),
  "replica-lazy-flush": bool(!1, 0, "slave-lazy-flush"),
  "replica-priority": integer(100, 0, INT_MAX2, 0, "slave-priority"),
  "replica-read-only": bool(!0, 0, "slave-read-only"),
  "replica-serve-stale-data": bool(!0, 0, "slave-serve-stale-data"),
  replicaof: directive(new ReplicaOfKind(), null, IMMUTABLE2, "slaveof")
};

// src/config/table/security.ts
var securityDirectives = {
  "acl-pubsub-default": word("resetchannels", ["allchannels", "resetchannels"]),
  aclfile: text("", IMMUTABLE2),
  "acllog-max-len": integer(128, 0, LONG_MAX),
  "enable-debug-command": word("no", ["no", "yes", "local"], IMMUTABLE2),
  "enable-module-command": word("no", ["no", "yes", "local"], IMMUTABLE2),
  "enable-protected-configs": word("no", ["no", "yes", "local"], IMMUTABLE2),
  "protected-mode": bool(!0),
  requirepass: optionalText(SENSITIVE),
  "tls-auth-clients": word("yes", ["no", "yes", "optional"]),
  "tls-auth-clients-user": word("off", ["CN", "off"]),
  "tls-auto-reload-interval": integer(0, 0, INT_MAX2),
  "tls-ca-cert-dir": optionalText(VOLATILE),
  "tls-ca-cert-file": optionalText(VOLATILE),
  "tls-cert-file": optionalText(VOLATILE),
  "tls-ciphers": optionalText(),
  "tls-ciphersuites": optionalText(),
  "tls-client-cert-file": optionalText(VOLATILE),
  "tls-client-key-file": optionalText(VOLATILE),
  "tls-client-key-file-pass": optionalText(SENSITIVE),
  "tls-cluster": bool(!1),
  "tls-dh-params-file": optionalText(VOLATILE),
  "tls-key-file": optionalText(VOLATILE),
  "tls-key-file-pass": optionalText(SENSITIVE),
  "tls-port": integer(0, 0, 65535),
  "tls-prefer-server-ciphers": bool(!1),
  "tls-protocols": optionalText(),
  "tls-replication": bool(!1),
  "tls-session-cache-size": integer(20480, 0, INT_MAX2),
  "tls-session-cache-timeout": integer(300, 0, INT_MAX2),
  "tls-session-caching": bool(!0)
};

// src/config/table.ts
var directives = {
  ...networkDirectives,
  ...processDirectives,
  ...memoryDirectives,
  ...persistenceDirectives,
  ...replicationDirectives,
  ...securityDirectives,
  ...encodingsDirectives,
  ...observabilityDirectives,
  ...clusterDirectives
};

// src/config/config.ts
var Config = class {
  /** Absolute path of the configuration file that CONFIG REWRITE writes; null without one. */
  path = null;
  #settings = /* @__PURE__ */ new Map();
  // Names and aliases.
  #byName = /* @__PURE__ */ new Map();
  /** All settings have their defaults; `dir` is the absolute path the server starts in. */
  constructor(dir) {
    for (let name of Object.keys(directives)) {
      let directive2 = directives[name], setting = { name, directive: directive2, current: directive2.initial, given: !1, listeners: [] };
      this.#settings.set(name, setting), this.#byName.set(name, setting), directive2.alias !== "" && this.#byName.set(directive2.alias, setting);
    }
    this.assign("dir", dir);
  }
  value(name) {
    return this.#settings.get(name).current.value;
  }
  number(name) {
    return this.value(name);
  }
  boolean(name) {
    return this.value(name);
  }
  /** One character per byte. */
  string(name) {
    return this.value(name);
  }
  /** Path in a setting that names a file, for node:fs: absolute, or taken from `dir`; empty if unset. */
  file(name) {
    let text2 = this.string(name);
    return text2 === "" ? "" : pathOf(resolve2(this.string("dir"), text2));
  }
  /**
   * Calls `listener` after a change of the setting, or, for several names, once after a change of any of
   * them.
   */
  onChange(names, listener) {
    for (let name of typeof names == "string" ? [names] : names)
      this.#settings.get(name).listeners.push(listener);
  }
  /** Stores a value that the program itself decided on; nobody is asked. */
  assign(name, value) {
    let setting = this.#settings.get(name);
    setting.current = { value, text: setting.directive.kind.print(value) };
  }
  /** Whether the value of this setting, under any of its names, must not be shown in logs. */
  isSensitive(name) {
    let setting = this.#byName.get(name.toLowerCase());
    return setting !== void 0 && (setting.directive.flags & SENSITIVE) !== 0;
  }
  /** Takes a line of a configuration (file, standard input, command line); returns why not, or null. */
  applyLine(name, given) {
    let setting = this.#byName.get(name.toLowerCase());
    if (setting === void 0) return BAD_DIRECTIVE;
    let words2 = given;
    if (setting.directive.kind.manyWords)
      given.length === 1 && given[0] !== "" && (words2 = splitQuoted(given[0]));
    else if (given.length !== 1) return WRONG_ARGUMENT_COUNT;
    if (words2 === null) return UNBALANCED_QUOTES;
    let parsed = parse(setting, words2, setting.given ? "again" : "first");
    return parsed instanceof Refused ? parsed.reason : (setting.current = parsed, setting.given = !0, null);
  }
  /**
   * CONFIG GET: the names and texts of the settings that match. A pattern without special characters names a
   * setting exactly, hidden or not, and is answered under the name as it was spelled.
   */
  get(patterns) {
    let found = /* @__PURE__ */ new Map();
    for (let pattern of patterns) {
      if (!/[*?[]/.test(pattern)) {
        let lower = pattern.toLowerCase(), setting = this.#byName.get(lower);
        setting !== void 0 && !found.has(lower) && found.set(lower, [pattern, setting.current.text]);
        continue;
      }
      for (let [name, setting] of this.#byName)
        (setting.directive.flags & HIDDEN) !== 0 || found.has(name) || globMatchString(pattern, name, !0) && found.set(name, [name, setting.current.text]);
    }
    return [...found.values()];
  }
  /**
   * CONFIG SET: null when all pairs of name and text are set, else the error to reply, and nothing has
   * changed.
   */
  set(pairs, rights) {
    let refused = this.#checkNames(pairs, rights);
    if (refused !== null) return refused;
    let changes = [];
    for (let [name, text2] of pairs) {
      let setting = this.#byName.get(name.toLowerCase()), words2 = setting.directive.kind.manyWords ? splitAtSpaces(text2) : [text2], parsed = parse(setting, words2, "command");
      if (parsed instanceof Refused)
        return putBack(changes), configSetFailed(name, parsed.reason);
      (parsed.text !== setting.current.text || (setting.directive.flags & VOLATILE) !== 0) && (changes.push({ setting, before: setting.current }), setting.current = parsed);
    }
    return follow2(changes);
  }
  /** All settings, in the order of the table. */
  settings() {
    return this.#settings.values();
  }
  /** The setting that this name or alias stands for. */
  find(name) {
    return this.#byName.get(name.toLowerCase());
  }
  #checkNames(pairs, rights) {
    let seen = /* @__PURE__ */ new Set();
    for (let [name] of pairs) {
      let lower = name.toLowerCase(), setting = this.#byName.get(lower);
      if (setting === void 0) return unknownConfigOption(name);
      let flags = setting.directive.flags;
      if ((flags & IMMUTABLE2) !== 0) return configSetFailed(name, IMMUTABLE);
      if ((flags & PROTECTED2) !== 0 && !rights.mayChangeProtected)
        return configSetFailed(name, PROTECTED);
      if ((flags & DENY_LOADING) !== 0 && rights.loading) return LOADING;
      if (seen.has(lower)) return configSetFailed(name, DUPLICATE);
      seen.add(lower);
    }
    return null;
  }
};
function parse(setting, words2, source) {
  return setting.directive.kind.parse(words2, setting.current, source);
}
function splitAtSpaces(text2) {
  return text2 === "" ? [] : text2.split(" ");
}
function putBack(changes) {
  for (let { setting, before } of [...changes].reverse()) setting.current = before;
}
function follow2(changes) {
  let told = /* @__PURE__ */ new Map();
  for (let change of changes) {
    let { setting, before } = change;
    for (let listener of setting.listeners) {
      if (told.has(listener)) continue;
      let reason = listener(setting.current.value, before.value);
      if (reason !== void 0)
        return takeBack(changes, told), configSetFailed(setting.name, reason);
      told.set(listener, change);
    }
  }
  return null;
}
function takeBack(changes, told) {
  let attempted = new Map(changes.map(({ setting }) => [setting, setting.current.value]));
  putBack(changes);
  for (let [listener, { setting }] of told)
    listener(setting.current.value, attempted.get(setting));
}

// src/server/options.ts
var PROGRAM_ONLY = [
  "always-show-logo",
  "daemonize",
  "pidfile",
  "proc-title-template",
  "set-proc-title",
  "shutdown-on-sigint",
  "shutdown-on-sigterm",
  "supervised"
], OWN = ["port", "host", "unixSocket", "clock", "seed", "keepAlive", "checked"];
function configOf(options) {
  let config = new Config(textOf(process.cwd())), apply = (option, name, value) => {
    let words2 = wordsOf(value), reason = words2 === null ? "not a text, number, boolean or list" : config.applyLine(name, words2);
    if (reason !== null) throw new TypeError(`createServer: option ${option}: ${reason}`);
  };
  checkOwn(options), apply("save", "save", ""), apply("host", "bind", options.host ?? "127.0.0.1"), apply("port", "port", options.port ?? 0), options.unixSocket !== void 0 && apply("unixSocket", "unixsocket", options.unixSocket);
  for (let [option, value] of Object.entries(options))
    isOwn(option) || value === void 0 || apply(option, directiveName(config, option), value);
  return config;
}
function isOwn(option) {
  return OWN.includes(option);
}
function checkOwn({ clock, seed, host, bind }) {
  let wrong = (option, reason) => new TypeError(`createServer: option ${option}: ${reason}`);
  if (clock !== void 0 && clock !== "system" && clock !== "virtual")
    throw wrong("clock", "must be 'system' or 'virtual'");
  if (seed !== void 0 && !Number.isSafeInteger(seed)) throw wrong("seed", "must be an integer");
  if (host !== void 0 && bind !== void 0)
    throw wrong("host", "cannot go with bind, which says the same");
}
function directiveName(config, option) {
  let name = option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`), setting = config.find(name);
  if (setting === void 0) throw new TypeError(unknownText(option));
  if (PROGRAM_ONLY.includes(setting.name))
    throw new TypeError(`createServer: option ${option} is for the program, not for a server inside another`);
  return name;
}
function wordsOf(value) {
  if (typeof value == "string") return [textOf(value)];
  if (typeof value == "number") return [String(value)];
  if (typeof value == "boolean") return [value ? "yes" : "no"];
  if (!Array.isArray(value)) return null;
  let words2 = value.map(wordsOf);
  return words2.some((word2) => word2 === null) ? null : words2.flat();
}
function unknownText(option) {
  let near = [...OWN, ...Object.keys(directives).map(camelName)].map((name) => ({ name, distance: distance(option.toLowerCase(), name.toLowerCase()) })).sort((a, b) => a.distance - b.distance)[0], hint = near.distance <= Math.max(1, option.length / 4) ? `; did you mean ${near.name}?` : "";
  return `createServer: unknown option ${option}${hint}`;
}
function camelName(name) {
  return name.replace(/[-_](.)/g, (_, letter) => letter.toUpperCase());
}
function distance(a, b) {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    let next = [i];
    for (let j = 1; j <= b.length; j++) {
      let replaced = row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j] + 1, next[j - 1] + 1));
    }
    row = next;
  }
  return row[b.length];
}

// src/server/embed.ts
var MillraceServer = class extends EventEmitter {
  #instance;
  #closed = null;
  /** @internal Use createServer. */
  constructor(instance) {
    super(), this.#instance = instance, instance.onShutdown = () => {
      this.close();
    }, instance.core.admin.onCrash = () => {
      this.close();
    };
  }
  /** The TCP port, 0 when there is none. */
  get port() {
    return this.#instance.core.network.port;
  }
  /** Address that is listened on; the first one of several. */
  get host() {
    return this.#instance.core.config.value("bind")[0] ?? "";
  }
  /** Absolute path of the unix socket, '' when there is none. */
  get unixSocket() {
    return this.#instance.core.network.socketPath;
  }
  /** redis://host:port, or unix:path when only a socket is listened on. */
  get url() {
    return this.port === 0 ? `unix:${this.unixSocket}` : `redis://${this.host.includes(":") ? `[${this.host}]` : this.host}:${this.port}`;
  }
  /** The text of INFO, of all default sections or of those named. Throws once the server is closed. */
  info(...sections) {
    return this.#mustRun(), pathOf(infoText(this.#instance.core, sections));
  }
  /**
   * Lets that many milliseconds of virtual time pass: TTLs end, timeouts fire, each at its time. As in Redis, a key with
   * 1000 ms to live is there after 1000 ms and gone after 1001. Throws unless the server was made with
   * `clock: 'virtual'`, and once it is closed.
   */
  advance(ms) {
    this.#mustRun(), this.#instance.advance(ms);
  }
  /** Closes all connections; resolves when everything is freed. Closing twice is fine. */
  close() {
    return this.#closed ??= this.#close(), this.#closed;
  }
  [Symbol.asyncDispose]() {
    return this.close();
  }
  async #close() {
    await this.#instance.stop(), this.emit("close");
  }
  #mustRun() {
    if (!this.#instance.running) throw new Error("the server is closed");
  }
};
async function createServer(options = {}) {
  let config = configOf(options), clock = options.clock === "virtual" ? new VirtualClock() : new SystemClock(), server, sink = (line) => queueMicrotask(() => server?.emit("log", line.trimEnd())), log = new Logger({ clock, pid: process.pid, sink });
  log.role = "M", log.level = config.value("loglevel"), log.path = config.file("logfile");
  let { checked = !1, seed } = options, instance = new Instance({ config, clock, log, checked, ...seed === void 0 ? {} : { seed } });
  try {
    instance.listen(options.port !== null && (options.port ?? 0) === 0), instance.start();
  } catch (error) {
    throw await instance.stop(), error;
  }
  return options.keepAlive !== !0 && instance.core.reactor.unref(), server = new MillraceServer(instance), server;
}
export {
  MillraceServer,
  createServer
};
