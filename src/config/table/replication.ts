// Replication, seen from either side.

import { bool, DENY_LOADING, directive, HIDDEN, IMMUTABLE, optionalText, SENSITIVE, word } from '../kind.ts';
import { INT_MAX, integer, LONG_MAX, memory } from '../number_kinds.ts';
import { type ReplicaOf, ReplicaOfKind } from '../special_kinds.ts';

const atLeast16KiB = (n: bigint): bigint => (n < 16384n ? 16384n : n);

export const replicationDirectives = {
  'dual-channel-replication-enabled': bool(false),
  'import-mode': bool(false),
  masterauth: optionalText(SENSITIVE, 'primaryauth'),
  masteruser: optionalText(SENSITIVE, 'primaryuser'),
  'min-replicas-max-lag': integer(10, 0, INT_MAX, 0, 'min-slaves-max-lag'),
  'min-replicas-to-write': integer(0, 0, INT_MAX, 0, 'min-slaves-to-write'),
  'rdb-del-sync-files': bool(false),
  'repl-backlog-size': memory(1048576, 1, LONG_MAX, 0, '', atLeast16KiB),
  'repl-backlog-ttl': integer(3600, 0, LONG_MAX),
  'repl-disable-tcp-nodelay': bool(false),
  'repl-diskless-load': word('disabled', ['disabled', 'on-empty-db', 'swapdb'], DENY_LOADING),
  'repl-diskless-sync': bool(true),
  'repl-diskless-sync-delay': integer(5, 0, INT_MAX),
  'repl-diskless-sync-max-replicas': integer(0, 0, INT_MAX),
  'repl-mptcp': bool(false, IMMUTABLE | HIDDEN),
  'repl-ping-replica-period': integer(10, 1, INT_MAX, 0, 'repl-ping-slave-period'),
  'repl-rdb-channel': bool(true, HIDDEN),
  'repl-timeout': integer(60, 1, INT_MAX),
  'replica-announce-ip': optionalText(0, 'slave-announce-ip'),
  'replica-announce-port': integer(0, 0, 65535, 0, 'slave-announce-port'),
  'replica-announced': bool(true),
  'replica-full-sync-buffer-limit': memory(0, 0, LONG_MAX),
  'replica-ignore-disk-write-errors': bool(false),
  'replica-ignore-maxmemory': bool(true, 0, 'slave-ignore-maxmemory'),
  'replica-lazy-flush': bool(false, 0, 'slave-lazy-flush'),
  'replica-priority': integer(100, 0, INT_MAX, 0, 'slave-priority'),
  'replica-read-only': bool(true, 0, 'slave-read-only'),
  'replica-serve-stale-data': bool(true, 0, 'slave-serve-stale-data'),
  replicaof: directive<ReplicaOf | null>(new ReplicaOfKind(), null, IMMUTABLE, 'slaveof'),
};
