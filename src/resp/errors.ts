// Every error text, once. They are the reference's to the byte: clients and tests match on them.
import { formatDoubleFixed } from '../base/longdouble.ts';

export const WRONG_TYPE = 'WRONGTYPE Operation against a key holding the wrong kind of value';
export const NOT_AN_INTEGER = 'ERR value is not an integer or out of range';
export const NOT_A_FLOAT = 'ERR value is not a valid float';
export const SYNTAX = 'ERR syntax error';
export const NO_SUCH_KEY = 'ERR no such key';
export const SAME_OBJECT = 'ERR source and destination objects are the same';
export const OUT_OF_RANGE = 'ERR index out of range';
export const DB_OUT_OF_RANGE = 'ERR DB index is out of range';
export const NAN_OR_INFINITY = 'ERR increment would produce NaN or Infinity';
export const OVERFLOW = 'ERR increment or decrement would overflow';
export const STRING_TOO_LONG = 'ERR string exceeds maximum allowed size (proto-max-bulk-len)';
export const OUT_OF_MEMORY = "OOM command not allowed when used memory > 'maxmemory'.";
export const NO_AUTH = 'NOAUTH Authentication required.';
export const EXEC_ABORTED = 'EXECABORT Transaction discarded because of previous errors.';
export const LOADING = 'LOADING Redis is loading the dataset in memory';
export const INTERNAL = 'ERR internal error';
export const EXEC_WITHOUT_MULTI = 'ERR EXEC without MULTI';
export const DISCARD_WITHOUT_MULTI = 'ERR DISCARD without MULTI';
export const NESTED_MULTI = 'ERR MULTI calls can not be nested';
export const WATCH_INSIDE_MULTI = 'ERR WATCH inside MULTI is not allowed';
export const NOT_IMPORTING = 'ERR Server is not in import mode';
export const NOT_IN_TRANSACTION = 'ERR Command not allowed inside a transaction';
export const INVALID_COMMAND = 'ERR Invalid command specified';
export const COMMAND_WITHOUT_KEYS = 'ERR The command has no key arguments';
export const INVALID_ARGUMENT_COUNT = 'ERR Invalid number of arguments specified for command';
export const INVALID_ARGUMENTS = 'ERR Invalid arguments specified for command';

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
export const TIMEOUT_NOT_A_FLOAT = 'ERR timeout is not a float or out of range';
export const TIMEOUT_NEGATIVE = 'ERR timeout is negative';
export const TIMEOUT_OUT_OF_RANGE = 'ERR timeout is out of range';
export const CLUSTER_DISABLED = 'ERR This instance has cluster support disabled';

export const OFFSET_OUT_OF_RANGE = 'ERR offset is out of range';
export const DECREMENT_OVERFLOW = 'ERR decrement would overflow';
export const NOT_SORTABLE_AS_NUMBERS = "ERR One or more scores can't be converted into double";
export const INVALID_NUMKEYS = 'ERR invalid numkeys value';
export const NUMKEYS_NOT_POSITIVE = 'ERR numkeys should be greater than 0';
export const TOO_FEW_KEYS = "ERR Number of keys can't be greater than number of args";
export const LIMIT_NEGATIVE = "ERR LIMIT can't be negative";
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

export const COUNT_NOT_POSITIVE = 'ERR count should be greater than 0';
export const RANK_ZERO =
  "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the " +
  'end of the list';
export const COUNT_NEGATIVE = "ERR COUNT can't be negative";
export const SEARCH_LENGTH_NEGATIVE = "ERR MAXLEN can't be negative";

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

export const WRONG_PASSWORD = 'WRONGPASS invalid username-password pair or user is disabled.';
export const NO_PASSWORD_SET =
  'ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration ' +
  'is correct?';
export const UNKNOWN_PROTOCOL = 'NOPROTO unsupported protocol version';
export const PROTOCOL_NOT_AN_INTEGER = 'ERR Protocol version is not an integer or out of range';
export const HELLO_WITHOUT_AUTH =
  'NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO AUTH <user> <pass> option ' +
  'can be used to authenticate the client and select the RESP protocol version at the same time';
export const UNPRINTABLE_CLIENT_NAME =
  'ERR Client names cannot contain spaces, newlines or special characters.';
export const INVALID_CLIENT_ID = 'ERR Invalid client ID';
export const NO_SUCH_CLIENT = 'ERR No such client';
export const CLIENT_ID_NOT_POSITIVE = 'ERR client-id should be greater than 0';
export const MAXAGE_NOT_AN_INTEGER = 'ERR maxage is not an integer or out of range';
export const MAXAGE_NOT_POSITIVE = 'ERR maxage should be greater than 0';
export const NOT_POSITIVE = 'ERR value is out of range, must be positive';
export const PAUSE_MODE = 'ERR CLIENT PAUSE mode must be WRITE or ALL';
export const UNBLOCK_REASON = 'ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR';
export const UNBLOCKED = 'UNBLOCKED client unblocked via CLIENT UNBLOCK';
export const ONE_REDIRECTION = 'ERR A client can only redirect to a single other client';
export const NO_REDIRECTION_TARGET = 'ERR The client ID you want redirect to does not exist';
export const PREFIX_WITHOUT_BCAST = 'ERR PREFIX option requires BCAST mode to be enabled';
export const OPT_WITH_BCAST = 'ERR OPTIN and OPTOUT are not compatible with BCAST';
export const OPTIN_WITH_OPTOUT = "ERR You can't specify both OPTIN mode and OPTOUT mode";
export const CACHING_WITHOUT_TRACKING =
  'ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled';
export const CACHING_YES_WITHOUT_OPTIN =
  'ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.';
export const CACHING_NO_WITHOUT_OPTOUT =
  'ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.';
export const BCAST_SWITCHED =
  "ERR You can't switch BCAST mode on/off before disabling tracking for this client, and then re-enabling it with a " +
  'different mode.';
export const OPT_SWITCHED =
  "ERR You can't switch OPTIN/OPTOUT mode before disabling tracking for this client, and then re-enabling it with a " +
  'different mode.';
export const SORT_BY_REFUSED = 'ERR BY option of SORT denied due to insufficient ACL permissions.';
export const SORT_GET_REFUSED = 'ERR GET option of SORT denied due to insufficient ACL permissions.';
export const WAITAOF_WITHOUT_AOF =
  'ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.';

/** What a client sent, as C's formats print it: up to the first zero byte. */
export function printed(text: string): string {
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}

/** A formatted error loses the line ends that what a client sent puts at its end. */
function trimmed(text: string): string {
  return text.replace(/[\r\n]+$/, '');
}

export function outOfRange(least: number | bigint, most: number | bigint): string {
  return `ERR value is out of range, value must between ${least} and ${most}`;
}

export function helloOption(option: string): string {
  return `ERR Syntax error in HELLO option '${printed(option)}'`;
}

export function unprintableAttribute(name: string): string {
  return `ERR ${printed(name)} cannot contain spaces, newlines or special characters.`;
}

export function unrecognizedOption(option: string): string {
  return `ERR Unrecognized option '${printed(option)}'`;
}

export function unknownClientType(type: string): string {
  return `ERR Unknown client type '${printed(type)}'`;
}

export function unknownClientCapabilities(letters: string, filter: string): string {
  return `ERR Unknown capa found in the ${filter} filter: ${letters}`;
}

export function unknownClientFlags(flags: string): string {
  return `ERR Unknown flags found in the provided filter: ${flags}`;
}

export function noSuchUser(user: string): string {
  return `ERR No such user '${printed(user)}'`;
}

export function unsupportedOption(option: string): string {
  return trimmed(`ERR Unsupported option ${printed(option)}`);
}

export function wrongArity(name: string): string {
  return `ERR wrong number of arguments for '${name}' command`;
}

export function unknownSubcommand(subcommand: string, container: string): string {
  return `ERR unknown subcommand '${subcommand}'. Try ${container.toUpperCase()} HELP.`;
}

export const VALUE_OUT_OF_RANGE = 'ERR value is out of range';
export const FIELD_NOT_AN_INTEGER = 'ERR hash value is not an integer';
export const FIELD_NOT_A_FLOAT = 'ERR hash value is not a float';
export const INCREMENT_NOT_FINITE = 'ERR value is NaN or Infinity';
export const FIELDS_MISSING = 'ERR Mandatory argument FIELDS is missing or not at the right position';
export const FIELD_COUNT_NOT_POSITIVE = 'ERR Number of fields must be a positive integer';
export const NUMFIELDS_NOT_POSITIVE = 'ERR Parameter `numFields` should be greater than 0';
export const NUMFIELDS_MISMATCH = 'ERR The `numfields` parameter must match the number of arguments';
export const INVALID_FIELD_COUNT = 'ERR invalid number of fields';
export const NO_SUCH_FIELDSET = 'ERR no such fieldset';
export const FIELDSET_MISMATCH = 'ERR value count does not match fieldset field count';
export const DUPLICATE_IN_FIELDSET = 'ERR duplicate field name in fieldset';
export const EXPIRE_TIME_NEGATIVE = 'ERR invalid expire time, must be >= 0';
export const EXPIRE_TIME_MISSING = 'ERR missing expire time';
export const FXX_WITH_FNX = 'ERR Only one of FXX or FNX arguments can be specified';
export const ONE_FIELD_EXPIRY = 'ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified';
export const ONE_FIELD_EXPIRY_READ =
  'ERR Only one of EX, PX, EXAT, PXAT or PERSIST arguments can be specified';
export const FIELDS_NOT_GIVEN = 'ERR missing FIELDS argument';
export const FIELDS_TWICE = 'ERR FIELDS keyword specified multiple times';
export const FIELDS_INCOMPLETE = 'ERR FIELDS requires at least numfields and one field argument';
export const TOO_FEW_FIELDS = 'ERR wrong number of arguments';
export const MANY_CONDITIONS = 'ERR Multiple condition flags specified';
export const UNKNOWN_ARGUMENT = 'ERR unknown argument';

export function unknownArgument(argument: string): string {
  return trimmed(`ERR unknown argument: ${printed(argument)}`);
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

/** `reason` is another error; its code is shown unless it is the general one. */
export function execAborted(reason: string): string {
  return `EXECABORT Transaction discarded because of: ${reason.replace(/^ERR /, '')}`;
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

export const BAD_DUMP = 'ERR DUMP payload version or checksum are wrong';
export const BAD_DUMP_DATA = 'ERR Bad data format';
export const BUSY_KEY = 'BUSYKEY Target key name already exists.';
export const INVALID_TTL = 'ERR Invalid TTL value, must be >= 0';
export const INVALID_IDLETIME = 'ERR Invalid IDLETIME value, must be >= 0';
export const INVALID_FREQ = 'ERR Invalid FREQ value, must be >= 0 and <= 255';

export const NO_SHUTDOWN_IN_PROGRESS = 'ERR No shutdown in progress.';
export const SHUTDOWN_FAILED = 'ERR Errors trying to SHUTDOWN. Check logs.';
/** What SAVE answers when it failed: nothing but the code. */
export const SAVE_FAILED = 'ERR';
export const SAVE_IN_PROGRESS = 'ERR Background save already in progress';
export const NO_SAVE_TO_CANCEL = 'ERR Background saving is currently not in progress or scheduled';
export const OTHER_IN_BACKGROUND =
  "ERR Another child process is active (AOF?): can't BGSAVE right now. Use BGSAVE SCHEDULE in order to schedule a " +
  'BGSAVE whenever possible.';
export const SAVES_FAIL =
  "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk. Commands that may " +
  'modify the data set are disabled, because this instance is configured to report errors during writes if RDB ' +
  'snapshotting fails (stop-writes-on-bgsave-error option). Please check the Redis logs for details about the RDB error.';
export const logFails = (reason: string) => `MISCONF Errors writing to the AOF file: ${reason}`;
export const REWRITE_IN_PROGRESS = 'ERR Background append only file rewriting already in progress';
export const REWRITE_FAILED =
  "ERR Can't execute an AOF background rewriting. Please check the server logs for more information.";
export const LOG_RELOAD_FAILED = 'ERR Error trying to load the AOF files, check server logs.';
export const INVALID_MASTER_PORT = 'ERR Invalid master port';
/** Ours: better than a replica that never gets any data. */
export const REPLICATION_UNAVAILABLE = 'ERR replication is not available in this version of millrace';
export const MODULE_NOT_LOADED = 'ERR Error loading the extension. Please check the server logs.';
export const NO_SUCH_MODULE = 'ERR Error unloading module: no such module with that name';
export const NEGATIVE_SLOWLOG_COUNT = 'ERR count should be greater than or equal to -1';
export const UNKNOWN_COMMAND_LOG =
  'ERR type should be one of the following: slow, large-request, large-reply';
export const MONITOR_IN_TRANSACTION = "ERR MONITOR isn't allowed for DENY BLOCKING client";
export const SSUBSCRIBE_IN_TRANSACTION = "ERR SSUBSCRIBE isn't allowed for a DENY BLOCKING client";
export const MONITOR_TOUCHES_KEYS = "ERR Replica can't interact with the keyspace";
export const NOT_SDS = 'ERR Not an sds encoded string.';
export const NOT_LISTPACK = 'ERR Not a listpack encoded object.';
export const NOT_QUICKLIST = 'ERR Not a quicklist encoded object.';
export const NOT_A_HASH_TABLE =
  'ERR The value stored at the specified key is not represented using an hash table';
export const DATABASE_OUT_OF_RANGE = 'ERR Out of range database';
export const RESP3_ONLY = 'ERR RESP2 is not supported by this command';
export const UNKNOWN_PROTOCOL_TYPE =
  'ERR Wrong protocol type name. Please use one of the following: ' +
  'string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false';
export const PACKED_THRESHOLD = 'ERR argument must be a memory value bigger than 1 and smaller than 4gb';
export const CLIENT_EVICTION_DISABLED = 'ERR maxmemory-clients is disabled.';
export const RELOAD_OPTIONS = 'ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.';
export const RELOAD_FAILED = 'ERR Error trying to load the RDB dump, check server logs.';
export const REWRITE_ALL_FAILED = 'ERR CONFIG-REWRITE-FORCE-ALL failed: ';

export function noLatencySamples(event: string): string {
  return `ERR No samples available for event '${event}'`;
}

/** A client with subscriptions that speaks RESP2. */
export function onlySubscriberCommands(command: string): string {
  return (
    `ERR Can't execute '${command}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed ` +
    'in this context'
  );
}

/** The subcommand of a command that checks its arguments itself. */
export function unknownSubcommandOrArity(subcommand: string, command: string): string {
  const shown = printed(subcommand).slice(0, 128);
  return `ERR unknown subcommand or wrong number of arguments for '${shown}'. Try ${command} HELP.`;
}

export function protocolError(reason: string): string {
  return `ERR Protocol error: ${reason}`;
}

export const NOT_A_HYPERLOGLOG = 'WRONGTYPE Key is not a valid HyperLogLog string value.';
export const CORRUPT_HYPERLOGLOG = 'INVALIDOBJ Corrupted HLL object detected';
export const NO_SUCH_KEY_TO_DEBUG = 'ERR The specified key does not exist';
export const NEITHER_ON_NOR_OFF = 'ERR Argument must be ON or OFF';
export const NOT_SPARSE = 'ERR HLL encoding is not sparse';

export function unknownPfdebug(subcommand: string): string {
  return `ERR Unknown PFDEBUG subcommand '${printed(subcommand)}'`;
}

export const INVALID_STREAM_ID = 'ERR Invalid stream ID specified as stream command argument';
export const INVALID_INTERVAL_START = 'ERR invalid start ID for the interval';
export const INVALID_INTERVAL_END = 'ERR invalid end ID for the interval';
export const ID_NOT_ABOVE_ZERO = 'ERR The ID specified in XADD must be greater than 0-0';
export const ID_NOT_ABOVE_LAST =
  'ERR The ID specified in XADD is equal or smaller than the target stream top item';
export const STREAM_EXHAUSTED = 'ERR The stream has exhausted the last possible ID, unable to add more items';
export const ENTRY_TOO_LONG = 'ERR Elements are too large to be stored';
export const TWO_TRIM_STRATEGIES =
  'ERR syntax error, MAXLEN and MINID options at the same time are not compatible';
export const MAXLEN_NEGATIVE = 'ERR The MAXLEN argument must be >= 0.';
export const TRIM_LIMIT_NEGATIVE = 'ERR The LIMIT argument must be >= 0.';
export const LIMIT_NEEDS_STRATEGY =
  'ERR syntax error, LIMIT cannot be used without specifying a trimming strategy';
export const LIMIT_NEEDS_APPROXIMATION =
  'ERR syntax error, LIMIT cannot be used without the special ~ option';
export const XTRIM_WITHOUT_STRATEGY = 'ERR syntax error, XTRIM must be called with a trimming strategy';
export const ENTRIES_ADDED_NEGATIVE = 'ERR entries_added must be positive';
export const SET_ID_BELOW_DELETED =
  'ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id';
export const SET_ID_BELOW_LAST = 'ERR The ID specified in XSETID is smaller than the target stream top item';
export const ENTRIES_ADDED_BELOW_LENGTH =
  'ERR The entries_added specified in XSETID is smaller than the target stream length';
export const UNBALANCED_XREAD =
  "ERR Unbalanced XREAD list of streams: for each stream key an ID or '$' must be specified.";
export const GROUP_IN_XREAD =
  'ERR The GROUP option is only supported by XREADGROUP. You called XREAD instead.';
export const CLAIM_IN_XREAD =
  'ERR The CLAIM option is only supported by XREADGROUP. You called XREAD instead.';
export const CLAIM_NOT_AN_INTEGER = 'ERR min-idle-time is not an integer';
export const CLAIM_NOT_POSITIVE = 'ERR min-idle-time must be a positive integer';
export const NOACK_IN_XREAD =
  'ERR The NOACK option is only supported by XREADGROUP. You called XREAD instead.';
export const XREADGROUP_WITHOUT_GROUP = 'ERR Missing GROUP option for XREADGROUP';
export const DOLLAR_IN_XREADGROUP =
  'ERR The $ ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by ' +
  'specifying a proper ID, or use the > ID to get new messages. The $ ID would just return an empty result set.';
export const PLUS_IN_XREADGROUP =
  'ERR The + ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by ' +
  'specifying a proper ID, or use the > ID to get new messages. The + ID would just return an empty result set.';
export const GREATER_IN_XREAD =
  'ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.';
export const BLOCKED_STREAM_GONE = 'UNBLOCKED the stream key no longer exists';
export const BLOCKED_GROUP_GONE = 'NOGROUP the consumer group this client was blocked on no longer exists';
export const XGROUP_NEEDS_KEY =
  'ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM ' +
  'option to create an empty stream automatically.';
export const GROUP_EXISTS = 'BUSYGROUP Consumer Group name already exists';
export const ENTRIES_READ_NEGATIVE = 'ERR value for ENTRIESREAD must be positive or -1';
export const IDS_NOT_POSITIVE = 'ERR Number of IDs must be a positive integer';
export const IDS_MISMATCH = 'ERR The `numids` parameter must match the number of arguments';
export const CLAIM_COUNT_NOT_POSITIVE = 'ERR COUNT must be > 0';

export function noGroupToRead(key: string, group: string): string {
  return trimmed(
    `NOGROUP No such key '${printed(key)}' or consumer group '${printed(group)}' in XREADGROUP with GROUP option`,
  );
}

export function noKeyOrGroup(key: string, group: string): string {
  return trimmed(`NOGROUP No such key '${printed(key)}' or consumer group '${printed(group)}'`);
}

export function noGroupOfKey(key: string, group: string): string {
  return trimmed(`NOGROUP No such consumer group '${printed(group)}' for key name '${printed(key)}'`);
}

/** `option` is IDLE, TIME or RETRYCOUNT. */
export function invalidClaimOption(option: string): string {
  return `ERR Invalid ${option} option argument for XCLAIM`;
}

export function unknownClaimOption(option: string): string {
  return trimmed(`ERR Unrecognized XCLAIM option '${printed(option)}'`);
}

/** `command` is XCLAIM or XAUTOCLAIM. */
export function invalidMinIdleTime(command: string): string {
  return `ERR Invalid min-idle-time argument for ${command}`;
}

export const BOUND_NOT_A_FLOAT = 'ERR min or max is not a float';
export const BOUND_NOT_A_STRING = 'ERR min or max not valid string range item';
export const LIMIT_BY_RANK =
  'ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX';
export const WITHSCORES_BY_LEX = 'ERR syntax error, WITHSCORES not supported in combination with BYLEX';
export const SCORE_IS_NAN = 'ERR resulting score is not a number (NaN)';
export const XX_WITH_NX = 'ERR XX and NX options at the same time are not compatible';
export const GT_LT_NX_TOGETHER = 'ERR GT, LT, and/or NX options at the same time are not compatible';
export const INCR_OF_MANY = 'ERR INCR option supports a single increment-element pair';
export const WEIGHT_NOT_A_FLOAT = 'ERR weight value is not a float';

export function noInputKeys(command: string): string {
  return `ERR at least 1 input key is needed for '${command}' command`;
}

export const UNSUPPORTED_UNIT = 'ERR unsupported unit provided. please use M, KM, FT, MI';
export const NEEDS_RADIUS = 'ERR need numeric radius';
export const NEEDS_WIDTH = 'ERR need numeric width';
export const NEEDS_HEIGHT = 'ERR need numeric height';
export const RADIUS_NEGATIVE = 'ERR radius cannot be negative';
export const BOX_NEGATIVE = 'ERR height or width cannot be negative';
export const MEMBER_NOT_DECODED = 'ERR could not decode requested zset member';
export const GEO_COUNT_NOT_POSITIVE = 'ERR COUNT must be > 0';
export const INVALID_VERTICES = 'ERR invalid number of vertices';
export const TOO_FEW_VERTICES = 'ERR GEOSEARCH BYPOLYGON must have at least 3 vertices';
export const ANY_NEEDS_COUNT = 'ERR the ANY argument requires COUNT argument';

export function invalidPlace(longitude: number, latitude: number): string {
  return `ERR invalid longitude,latitude pair ${sixDecimals(longitude)},${sixDecimals(latitude)}`;
}

/** C's "%f". */
function sixDecimals(x: number): string {
  if (!Number.isFinite(x)) return x > 0 ? 'inf' : '-inf';
  const [whole, fraction = ''] = formatDoubleFixed(Math.abs(x), 6).split('.');
  return `${x < 0 || Object.is(x, -0) ? '-' : ''}${whole}.${fraction.padEnd(6, '0')}`;
}

/** `command` as it was written. */
export function geoNeedsCenter(command: string): string {
  return `ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for ${printed(command)}`;
}

export function geoNeedsShape(command: string): string {
  return `ERR exactly one of BYRADIUS and BYBOX can be specified for ${printed(command)}`;
}

export function geoStoreWithOptions(what: string): string {
  return `ERR ${what} is not compatible with WITHDIST, WITHHASH and WITHCOORD options`;
}

export function prefixOverlaps(prefix: string, other: string): string {
  return (
    `ERR Prefix '${printed(prefix)}' overlaps with an existing prefix '${printed(other)}'. ` +
    'Prefixes for a single client must not overlap.'
  );
}

export function prefixOverlapsAnother(prefix: string, other: string): string {
  return (
    `ERR Prefix '${printed(prefix)}' overlaps with another provided prefix '${printed(other)}'. ` +
    'Prefixes for a single client must not overlap.'
  );
}
