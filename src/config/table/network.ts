// Listening, connections, and the buffers of clients.

import { bool, directive, HIDDEN, IMMUTABLE, optionalText, text } from '../kind.ts';
import { INT_MAX, integer, LONG_MAX, memory, octal, UINT_MAX } from '../number_kinds.ts';
import { AddressesKind, type BufferLimits, BufferLimitsKind } from '../special_kinds.ts';

const MiB = 1024 * 1024;

export const networkDirectives = {
  'availability-zone': text(''),
  bind: directive<readonly string[]>(new AddressesKind(), ['*', '-::*']),
  'bind-source-addr': optionalText(),
  'client-default-resp': integer(2, 2, 3, IMMUTABLE | HIDDEN),
  'client-output-buffer-limit': directive<BufferLimits>(new BufferLimitsKind(), {
    normal: { hardBytes: 0, softBytes: 0, softSeconds: 0 },
    replica: { hardBytes: 256 * MiB, softBytes: 64 * MiB, softSeconds: 60 },
    pubsub: { hardBytes: 32 * MiB, softBytes: 8 * MiB, softSeconds: 60 },
  }),
  'client-query-buffer-limit': memory(1073741824, 1024 * 1024, LONG_MAX),
  'max-new-connections-per-cycle': integer(10, 1, 1000),
  'max-new-tls-connections-per-cycle': integer(1, 1, 1000),
  maxclients: integer(10000, 1, UINT_MAX),
  mptcp: bool(false, IMMUTABLE | HIDDEN),
  port: integer(6379, 0, 65535),
  'proto-max-bulk-len': memory(536870912, 1024 * 1024, LONG_MAX),
  'rdma-bind': directive<readonly string[]>(new AddressesKind(), []),
  'rdma-completion-vector': integer(-1, -1, 1024, IMMUTABLE | HIDDEN),
  'rdma-port': integer(0, 0, 65535),
  'rdma-rx-size': integer(1048576, 64 * 1024, 16 * 1024 * 1024, IMMUTABLE | HIDDEN),
  'socket-mark-id': integer(0, 0, UINT_MAX, IMMUTABLE),
  'tcp-backlog': integer(511, 0, INT_MAX, IMMUTABLE),
  'tcp-keepalive': integer(300, 0, INT_MAX),
  timeout: integer(0, 0, INT_MAX),
  'tracking-table-max-keys': integer(1000000, 0, LONG_MAX),
  unixsocket: optionalText(IMMUTABLE),
  unixsocketgroup: optionalText(IMMUTABLE | HIDDEN),
  unixsocketperm: octal(0, 0, 0o777, IMMUTABLE),
};
