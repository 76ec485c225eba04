// Why a configuration value is refused: the texts that end a start-up error and a CONFIG SET error alike.

export const WRONG_ARGUMENT_COUNT = 'wrong number of arguments';
export const BAD_DIRECTIVE = 'Bad directive or wrong number of arguments';
export const UNBALANCED_QUOTES = 'Unbalanced quotes in configuration line';
export const NOT_IN_SENTINEL_MODE = 'sentinel directive while not in sentinel mode';
export const INCLUDE_TOO_DEEP = 'include directives are nested too deeply';
export const REPLICA_IN_CLUSTER = 'replicaof directive not allowed in cluster mode';

export const IMMUTABLE = "can't set immutable config";
export const PROTECTED = "can't set protected config";
export const DUPLICATE = 'duplicate parameter';

export const NOT_A_BOOL = "argument must be 'yes' or 'no'";
export const NOT_AN_INTEGER = "argument couldn't be parsed into an integer";
export const NOT_OCTAL = "argument couldn't be parsed as an octal number";
export const NOT_MEMORY = 'argument must be a memory value';
export const NOT_MEMORY_OR_PERCENT = 'argument must be a memory or percent value';

export const BAD_SAVE = 'Invalid save parameters';
export const SAVE_AND_NOSAVE = "shutdown options SAVE and NOSAVE can't be used simultaneously";
export const BUFFER_LIMIT_COUNT = 'Wrong number of arguments in buffer limit configuration.';
export const BUFFER_LIMIT_CLASS = 'Invalid client class specified in buffer limit configuration.';
export const BUFFER_LIMIT_NUMBER =
  'Error in hard, soft or soft_seconds setting in buffer limit configuration.';
export const BAD_OOM_SCORES = 'Invalid oom-score-adj-values, elements must be between -2000 and 2000.';
export const BAD_PERCENTILES = 'Invalid latency-tracking-info-percentiles parameters';
export const PERCENTILES_RANGE =
  'latency-tracking-info-percentiles parameters should sit between [0.0,100.0]';
export const BAD_EVENT_CLASS = "Invalid event class character. Use 'Ag$lshzxeKEtmdn'.";
export const TOO_MANY_ADDRESSES = 'Too many bind addresses specified.';
export const BAD_MASTER_PORT = 'Invalid master port';
export const BAD_TITLE = 'template format is invalid or contains unknown variables';
export const HOSTNAME_TOO_LONG = 'Hostnames must be less than 256 characters';
export const BAD_HOSTNAME = 'Hostnames may only contain alphanumeric characters, hyphens or dots';

export const UNABLE_TO_LISTEN = 'Unable to listen on this port. Check server logs.';
export const UNABLE_TO_UPDATE_TLS = 'Unable to update TLS configuration. Check server logs.';
export const UNABLE_TO_BEGIN_LOG = 'Unable to turn on AOF. Check server logs.';
export const UNABLE_TO_BIND = 'Failed to bind to specified addresses.';

/** `possible` is how many clients there are descriptors for. */
export function tooManyClients(possible: number): string {
  return `The operating system is not able to handle the specified number of clients, try with ${possible}`;
}

export function notOneOf(words: readonly string[]): string {
  return `argument(s) must be one of the following: ${words.join(', ')}`;
}

export function notBetween(min: string, max: string): string {
  return `argument must be between ${min} and ${max} inclusive`;
}

export function percentTooBig(max: number): string {
  return `percentage argument must be less or equal to ${max}`;
}

/** `what` is the kind of name wanted: filename or dirname. */
export function notAFilename(directive: string, what: string): string {
  return `${directive} can't be a path, just a ${what}`;
}

export function emptyFilename(directive: string): string {
  return `${directive} can't be empty`;
}
