// Every command of the server, one line a family; ids follow this order.
import { ACL_COMMANDS } from './acl.ts';
import { BITFIELD_COMMANDS } from './bitfield.ts';
import { BITMAP_COMMANDS } from './bitmap.ts';
import { BITOP_COMMANDS } from './bitop.ts';
import { CLIENT_COMMANDS } from './client.ts';
import { CLUSTER_COMMANDS } from './cluster.ts';
import { COMMAND } from './command.ts';
import { COMMAND_LOG_COMMANDS } from './command_log.ts';
import { CONFIG_COMMANDS } from './config_command.ts';
import { CONNECTION_COMMANDS } from './connection.ts';
import { DATABASE_COMMANDS } from './database.ts';
import { DEBUG_COMMANDS } from './debug.ts';
import { DUMP_COMMANDS } from './dump.ts';
import { EXPIRE_COMMANDS } from './expire.ts';
import { GEO_COMMANDS } from './geo.ts';
import { GEO_SEARCH_COMMANDS } from './geo_search.ts';
import { HASH_COMMANDS } from './hash.ts';
import { HASH_EXPIRY_COMMANDS } from './hash_expiry.ts';
import { HASH_EXTENDED_COMMANDS } from './hash_extended.ts';
import { HASH_IMPORT_COMMANDS } from './hash_import.ts';
import { HASH_NUMBER_COMMANDS } from './hash_number.ts';
import { HASH_READ_COMMANDS } from './hash_read.ts';
import { HOTKEYS_COMMANDS } from './hotkeys.ts';
import { HYPERLOGLOG_COMMANDS } from './hyperloglog.ts';
import { INCREX_COMMANDS } from './increx.ts';
import { INFO_COMMANDS } from './info.ts';
import { KEY_COMMANDS } from './keys.ts';
import { LATENCY_COMMANDS } from './latency.ts';
import { LCS_COMMANDS } from './lcs.ts';
import { LIST_COMMANDS } from './list.ts';
import { LIST_BLOCKING_COMMANDS } from './list_blocking.ts';
import { LIST_ELEMENT_COMMANDS } from './list_element.ts';
import { LIST_MOVE_COMMANDS } from './list_move.ts';
import { LIST_MOVE_MANY_COMMANDS } from './list_move_many.ts';
import { LIST_RANGE_COMMANDS } from './list_range.ts';
import { LOLWUT_COMMANDS } from './lolwut.ts';
import { MEMORY_COMMANDS } from './memory.ts';
import { MIGRATE_COMMANDS } from './migrate.ts';
import { MODULE_COMMANDS } from './module.ts';
import { MONITOR_COMMANDS } from './monitor.ts';
import { OBJECT_COMMANDS } from './object.ts';
import { PUBSUB_COMMANDS } from './pubsub.ts';
import { PUBSUB_INFO_COMMANDS } from './pubsub_info.ts';
import { SAVE_COMMANDS } from './save.ts';
import { SCAN_COMMANDS } from './scan.ts';
import { SET_COMMANDS } from './set.ts';
import { SET_ALGEBRA_COMMANDS } from './set_algebra.ts';
import { SET_RANDOM_COMMANDS } from './set_random.ts';
import { SHUTDOWN_COMMANDS } from './shutdown.ts';
import { SORT_COMMANDS } from './sort.ts';
import type { CommandSpec } from './spec.ts';
import { STREAM_COMMANDS } from './stream.ts';
import { STREAM_CLAIM_COMMANDS } from './stream_claim.ts';
import { STREAM_GROUP_COMMANDS } from './stream_group.ts';
import { STREAM_INFO_COMMANDS } from './stream_info.ts';
import { STREAM_NACK_COMMANDS } from './stream_nack.ts';
import { STREAM_PENDING_COMMANDS } from './stream_pending.ts';
import { STREAM_PRODUCER_COMMANDS } from './stream_producers.ts';
import { STREAM_RANGE_COMMANDS } from './stream_range.ts';
import { STREAM_READ_COMMANDS } from './stream_read.ts';
import { STRING_COMMANDS } from './string.ts';
import { STRING_COMPARE_COMMANDS } from './string_compare.ts';
import { STRING_MULTI_COMMANDS } from './string_multi.ts';
import { STRING_NUMBER_COMMANDS } from './string_number.ts';
import { STRING_RANGE_COMMANDS } from './string_range.ts';
import { TRANSACTION_COMMANDS } from './transaction.ts';
import { WAIT_COMMANDS } from './wait.ts';
import { ZSET_COMMANDS } from './zset.ts';
import { ZSET_ALGEBRA_COMMANDS } from './zset_algebra.ts';
import { ZSET_COUNT_COMMANDS } from './zset_count.ts';
import { ZSET_POP_COMMANDS } from './zset_pop.ts';
import { ZSET_RANDOM_COMMANDS } from './zset_random.ts';
import { ZSET_RANGE_COMMANDS } from './zset_range.ts';

export const ALL_COMMANDS: readonly CommandSpec[] = [
  COMMAND,
  ...KEY_COMMANDS,
  ...OBJECT_COMMANDS,
  ...SAVE_COMMANDS,
  ...SCAN_COMMANDS,
  ...DUMP_COMMANDS,
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
  ...HOTKEYS_COMMANDS,
  ...HYPERLOGLOG_COMMANDS,
  ...LIST_COMMANDS,
  ...LIST_ELEMENT_COMMANDS,
  ...LIST_RANGE_COMMANDS,
  ...LIST_MOVE_COMMANDS,
  ...LIST_MOVE_MANY_COMMANDS,
  ...LIST_BLOCKING_COMMANDS,
  ...HASH_COMMANDS,
  ...HASH_NUMBER_COMMANDS,
  ...HASH_READ_COMMANDS,
  ...HASH_EXPIRY_COMMANDS,
  ...HASH_EXTENDED_COMMANDS,
  ...HASH_IMPORT_COMMANDS,
  ...SET_COMMANDS,
  ...SET_RANDOM_COMMANDS,
  ...SET_ALGEBRA_COMMANDS,
  ...SORT_COMMANDS,
  ...STREAM_COMMANDS,
  ...STREAM_CLAIM_COMMANDS,
  ...STREAM_GROUP_COMMANDS,
  ...STREAM_INFO_COMMANDS,
  ...STREAM_NACK_COMMANDS,
  ...STREAM_PENDING_COMMANDS,
  ...STREAM_PRODUCER_COMMANDS,
  ...STREAM_RANGE_COMMANDS,
  ...STREAM_READ_COMMANDS,
  ...ZSET_COMMANDS,
  ...ZSET_RANGE_COMMANDS,
  ...ZSET_COUNT_COMMANDS,
  ...ZSET_POP_COMMANDS,
  ...ZSET_ALGEBRA_COMMANDS,
  ...ZSET_RANDOM_COMMANDS,
  ...GEO_COMMANDS,
  ...GEO_SEARCH_COMMANDS,
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
  ...MIGRATE_COMMANDS,
  ...MODULE_COMMANDS,
  ...MONITOR_COMMANDS,
  ...PUBSUB_COMMANDS,
  ...PUBSUB_INFO_COMMANDS,
  ...SHUTDOWN_COMMANDS,
  ...COMMAND_LOG_COMMANDS,
];
