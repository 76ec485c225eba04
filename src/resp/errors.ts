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
