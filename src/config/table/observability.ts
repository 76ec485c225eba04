// Logs, latency, slow commands, crashes.

import { bool, directive, HIDDEN, IMMUTABLE, optionalText, text, word } from '../kind.ts';
import { INT_MAX, integer, LONG_MAX } from '../number_kinds.ts';
import { PercentilesKind } from '../special_kinds.ts';

const noneOr200 = (n: bigint): bigint => (n === 0n || n > 200n ? n : 200n);

export const observabilityDirectives = {
  'always-show-logo': bool(false, IMMUTABLE),
  'commandlog-large-reply-max-len': integer(128, 0, LONG_MAX),
  'commandlog-large-request-max-len': integer(128, 0, LONG_MAX),
  'commandlog-reply-larger-than': integer(1048576, -1, LONG_MAX),
  'commandlog-request-larger-than': integer(1048576, -1, LONG_MAX),
  'crash-log-enabled': bool(true),
  'crash-memcheck-enabled': bool(true),
  'debug-context': text('', HIDDEN),
  'enable-debug-assert': bool(false, IMMUTABLE | HIDDEN),
  'hide-user-data-from-log': bool(false),
  'latency-monitor-threshold': integer(0, 0, LONG_MAX),
  'latency-tracking': bool(true),
  'latency-tracking-info-percentiles': directive<readonly number[]>(new PercentilesKind(), [50, 99, 99.9]),
  'locale-collate': text(''),
  'log-format': word('legacy', ['legacy', 'logfmt', 'json']),
  'log-timestamp-format': word('legacy', ['legacy', 'iso8601', 'milliseconds']),
  logfile: text('', IMMUTABLE),
  loglevel: word('notice', ['debug', 'verbose', 'notice', 'warning', 'nothing']),
  'req-res-logfile': optionalText(IMMUTABLE | HIDDEN),
  'slowlog-entry-max-argc': integer(32, 2, INT_MAX),
  'slowlog-entry-max-string-len': integer(128, 1, LONG_MAX),
  'slowlog-log-slower-than': integer(10000, -1, LONG_MAX, 0, 'commandlog-execution-slower-than'),
  'slowlog-max-len': integer(128, 0, LONG_MAX, 0, 'commandlog-slow-execution-max-len'),
  'syslog-enabled': bool(false, IMMUTABLE),
  'syslog-facility': word(
    'local0',
    ['user', 'local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7'],
    IMMUTABLE,
  ),
  'syslog-ident': text('redis', IMMUTABLE),
  'watchdog-period': integer(0, 0, INT_MAX, HIDDEN, '', noneOr200),
};
