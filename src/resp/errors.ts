// Every error text, once. They are the reference's to the byte: clients and tests match on them.

export const WRONG_TYPE = 'WRONGTYPE Operation against a key holding the wrong kind of value';
export const NOT_AN_INTEGER = 'ERR value is not an integer or out of range';
export const NOT_A_FLOAT = 'ERR value is not a valid float';
export const SYNTAX = 'ERR syntax error';
export const NO_SUCH_KEY = 'ERR no such key';
export const SAME_OBJECT = 'ERR source and destination objects are the same';
export const OUT_OF_RANGE = 'ERR index out of range';
export const DB_OUT_OF_RANGE = 'ERR DB index is out of range';
export const INVALID_DB_INDEX = 'ERR invalid DB index';
export const NAN_OR_INFINITY = 'ERR increment would produce NaN or Infinity';
export const OVERFLOW = 'ERR increment or decrement would overflow';
export const STRING_TOO_LONG = 'ERR string exceeds maximum allowed size (proto-max-bulk-len)';
export const OUT_OF_MEMORY = "OOM command not allowed when used memory > 'maxmemory'.";
export const NO_AUTH = 'NOAUTH Authentication required.';
export const EXEC_ABORTED = 'EXECABORT Transaction discarded because of previous errors.';
export const LOADING = 'LOADING Redis is loading the dataset in memory';
export const INTERNAL = 'ERR internal error';
export const MAX_CLIENTS = 'ERR max number of clients reached';
export const EXEC_WITHOUT_MULTI = 'ERR EXEC without MULTI';
export const DISCARD_WITHOUT_MULTI = 'ERR DISCARD without MULTI';
export const NESTED_MULTI = 'ERR MULTI calls can not be nested';
export const WATCH_INSIDE_MULTI = 'ERR WATCH inside MULTI is not allowed';
export const NOT_IN_TRANSACTION = 'ERR Command not allowed inside a transaction';
export const INVALID_COMMAND = 'ERR Invalid command specified';
export const COMMAND_WITHOUT_KEYS = 'ERR The command has no key arguments';
export const INVALID_ARGUMENT_COUNT = 'ERR Invalid number of arguments specified for command';
export const INVALID_ARGUMENTS = 'ERR Invalid arguments specified for command';

export const VALUE_BEYOND_INT = 'ERR value is out of range, value must between -2147483648 and 2147483647';
export const INVALID_FIRST_DB = 'ERR invalid first DB index';
export const INVALID_SECOND_DB = 'ERR invalid second DB index';
export const INVALID_CURSOR = 'ERR invalid cursor';
export const NX_WITH_OTHERS = 'ERR NX and XX, GT or LT options at the same time are not compatible';
export const GT_WITH_LT = 'ERR GT and LT options at the same time are not compatible';
export const IDLE_TIME_UNDER_LFU =
  'ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when switching between policies ' +
  'at runtime LRU and LFU data will take some time to adjust.';
export const FREQUENCY_WITHOUT_LFU =
  'ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching between ' +
  'policies at runtime LRU and LFU data will take some time to adjust.';
export const TIMEOUT_NOT_AN_INTEGER = 'ERR timeout is not an integer or out of range';
export const TIMEOUT_NEGATIVE = 'ERR timeout is negative';
export const TIMEOUT_OUT_OF_RANGE = 'ERR timeout is out of range';
export const CLUSTER_DISABLED = 'ERR This instance has cluster support disabled';

export const OFFSET_OUT_OF_RANGE = 'ERR offset is out of range';
export const DECREMENT_OVERFLOW = 'ERR decrement would overflow';
export const INVALID_NUMKEYS = 'ERR invalid numkeys value';
export const WRONG_PAIR_COUNT = 'ERR wrong number of key-value pairs';
export const LCS_NOT_STRINGS = 'ERR The specified keys must contain string values';
export const LCS_LENGTH_AND_INDEXES = 'ERR If you want both the length and indexes, please just use IDX.';
export const LCS_TOO_LARGE = 'ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len';
export const CONDITION_NEEDS_STRING = 'ERR Key should be of string type if conditions are specified';
export const INVALID_CONDITION = 'ERR Invalid condition. Use IFEQ, IFNE, IFDEQ, or IFDNE';
export const INVALID_DIGEST = 'ERR must be exactly 16 hexadecimal characters';
export const BOUNDS_CROSSED = "ERR LBOUND can't be greater than UBOUND";
export const ENX_WITHOUT_EXPIRATION = 'ERR ENX flag requires an expiration';
export const INFINITE_INCREMENT = 'ERR BYFLOAT increment cannot be Infinity';
export const INFINITE_VALUE = 'ERR value cannot be Infinity';
export const APPLIED_OVERFLOW = 'ERR applied increment would overflow';
export const APPLIED_INFINITY = 'ERR applied increment would be Infinity';
export const INVALID_BIT_OFFSET = 'ERR bit offset is not an integer or out of range';
export const INVALID_BIT = 'ERR bit is not an integer or out of range';
export const BIT_NOT_0_OR_1 = 'ERR The bit argument must be 1 or 0.';
export const BITOP_NOT_OF_MANY = 'ERR BITOP NOT must be called with a single source key.';
export const INVALID_BITFIELD_TYPE =
  'ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.';
export const INVALID_OVERFLOW_TYPE = 'ERR Invalid OVERFLOW type specified';
export const BITFIELD_RO_WRITES = 'ERR BITFIELD_RO only supports the GET subcommand';

/** `what` is Increment, LBOUND or UBOUND (INCREX). */
export function notAnInteger(what: string): string {
  return `ERR ${what} is not an integer or out of range`;
}

export function notAFloat(what: string): string {
  return `ERR ${what} is not a valid float`;
}

export function bitopOfOne(operation: string): string {
  return `ERR BITOP ${operation} must be called with at least two source keys.`;
}

export function unsupportedOption(option: string): string {
  return `ERR Unsupported option ${option}`;
}

export function wrongArity(name: string): string {
  return `ERR wrong number of arguments for '${name}' command`;
}

export function unknownSubcommand(subcommand: string, container: string): string {
  return `ERR unknown subcommand '${subcommand}'. Try ${container.toUpperCase()} HELP.`;
}

export function invalidExpire(command: string): string {
  return `ERR invalid expire time in '${command}' command`;
}

export function unknownCommand(name: string, shownArguments: string): string {
  return `ERR unknown command '${name}', with args beginning with: ${shownArguments}`;
}

export function protectedCommand(name: string): string {
  const command = name.split('|')[0]!;
  return (
    `ERR ${command.toUpperCase()} command not allowed. If the enable-${command}-command option is set to "local", you can ` +
    'run it from a local connection, otherwise you need to set this option in the configuration file, and then restart ' +
    'the server.'
  );
}

export function execAborted(reason: string): string {
  return `EXECABORT Transaction discarded because of: ${reason}`;
}

export const NO_CONFIG_FILE = 'ERR The server is running without a config file';

/** `reason` is one of src/config/reasons.ts, or what a listener answered. */
export function configSetFailed(option: string, reason: string): string {
  return `ERR CONFIG SET failed (possibly related to argument '${option}') - ${reason}`;
}

export function unknownConfigOption(option: string): string {
  return `ERR Unknown option or number of arguments for CONFIG SET - '${option}'`;
}

export function configRewriteFailed(reason: string): string {
  return `ERR Rewriting config file: ${reason}`;
}
