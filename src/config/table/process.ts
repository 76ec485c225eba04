// The process as a whole: threads, timers, signals, scripts.

import {
  bool,
  checkedText,
  directive,
  HIDDEN,
  HIDDEN_ALIAS,
  IMMUTABLE,
  optionalText,
  text,
  VOLATILE,
  word,
  words,
} from '../kind.ts';
import { INT_MAX, integer, LONG_MAX } from '../number_kinds.ts';
import { SAVE_AND_NOSAVE } from '../reasons.ts';
import { EventsKind, isTitleTemplate } from '../special_kinds.ts';

// Two directives clamp what they are given without a word.
const between1And500 = (n: bigint): bigint => (n < 1n ? 1n : n > 500n ? 500n : n);

function noSaveAndNosave(words: readonly string[]): string | null {
  return words.includes('save') && words.includes('nosave') ? SAVE_AND_NOSAVE : null;
}

export const processDirectives = {
  activerehashing: bool(true),
  aof_rewrite_cpulist: optionalText(IMMUTABLE | HIDDEN_ALIAS, 'aof-rewrite-cpulist'),
  bgsave_cpulist: optionalText(IMMUTABLE | HIDDEN_ALIAS, 'bgsave-cpulist'),
  bio_cpulist: optionalText(IMMUTABLE | HIDDEN_ALIAS, 'bio-cpulist'),
  'busy-reply-threshold': integer(5000, 0, LONG_MAX, 0, 'lua-time-limit'),
  daemonize: bool(false, IMMUTABLE),
  databases: integer(16, 1, INT_MAX, IMMUTABLE),
  'dynamic-hz': bool(true),
  'extended-redis-compatibility': bool(false),
  'hash-seed': optionalText(IMMUTABLE | HIDDEN),
  hz: integer(10, 0, INT_MAX, 0, '', between1And500),
  'ignore-warnings': text(''),
  'io-threads': integer(1, 1, 128, IMMUTABLE),
  'io-threads-always-active': bool(false, HIDDEN),
  'io-threads-do-reads': bool(false, IMMUTABLE),
  'io-threads-private-descriptors': bool(false, IMMUTABLE | HIDDEN),
  lookahead: integer(16, 1, INT_MAX),
  'lua-enable-deprecated-api': bool(false, IMMUTABLE | HIDDEN, 'lua-enable-insecure-api'),
  'min-io-threads-avoid-copy-reply': integer(7, 0, INT_MAX, HIDDEN),
  'min-string-size-avoid-copy-reply': integer(16384, 0, INT_MAX, HIDDEN),
  'min-string-size-avoid-copy-reply-threaded': integer(65536, 0, INT_MAX, HIDDEN),
  // Its text leaves out some of the classes that stand beside A.
  'notify-keyspace-events': directive(new EventsKind(), 0, VOLATILE),
  pidfile: optionalText(IMMUTABLE),
  'prefetch-batch-max-size': integer(16, 0, 128, HIDDEN),
  'proc-title-template': checkedText('{title} {listen-addr} {server-mode}', isTitleTemplate),
  'propagation-error-behavior': word('ignore', ['ignore', 'panic', 'panic-on-replicas']),
  server_cpulist: optionalText(IMMUTABLE | HIDDEN_ALIAS, 'server-cpulist'),
  'set-proc-title': bool(true, IMMUTABLE),
  'shutdown-on-sigint': words(['default', 'save', 'nosave', 'now', 'force'], noSaveAndNosave),
  'shutdown-on-sigterm': words(['default', 'save', 'nosave', 'now', 'force'], noSaveAndNosave),
  'shutdown-timeout': integer(10, 0, INT_MAX),
  supervised: word('no', ['upstart', 'systemd', 'auto', 'no'], IMMUTABLE),
  'use-exit-on-panic': bool(false, HIDDEN),
};
