// Error texts of what later versions of Redis added to streams: XNACK, caps of XREAD, and idempotent XADD.
import { printed } from './errors.ts';

export const NACK_MODE_UNKNOWN = 'ERR mode must be SILENT, FAIL, or FATAL';
export const NACK_WITHOUT_IDS = 'ERR syntax error, expected IDS keyword';
export const NACK_IDS_NOT_POSITIVE = 'ERR numids must be a positive integer';
export const NACK_IDS_MISMATCH = "ERR number of IDs doesn't match numids";
export const NACK_RETRY_COUNT_NEGATIVE = 'ERR Invalid RETRYCOUNT value, must be >= 0';

export const MAXCOUNT_NOT_POSITIVE = 'ERR MAXCOUNT must be a positive integer';
export const MAXCOUNT_BELOW_COUNT = 'ERR MAXCOUNT must be greater than or equal to COUNT';
export const MAXSIZE_NOT_POSITIVE = 'ERR MAXSIZE must be a positive integer';

export function unknownNackOption(option: string): string {
  return `ERR Unrecognized XNACK option '${printed(option)}'`;
}

export const SENT_ID_TWICE = 'ERR IDMP/IDMPAUTO specified multiple times';
export const SENT_ID_NEEDS_PRODUCER = 'ERR IDMP requires a non-empty producer ID';
export const SENT_ID_EMPTY = 'ERR IDMP requires a non-empty idempotent ID';
export const SENT_ID_AUTO_NEEDS_PRODUCER = 'ERR IDMPAUTO requires a non-empty producer ID';
export const SENT_ID_NEEDS_STAR = 'ERR IDMP/IDMPAUTO can be used only with auto-generated IDs';
export const RECORDED_PRODUCER_EMPTY = 'ERR producer ID must be non-empty';
export const RECORDED_ID_EMPTY = 'ERR idempotent ID must be non-empty';
export const SENT_ID_OF_NO_ENTRY = 'ERR No such message in stream';
export const SENT_ID_OF_OTHER_ENTRY = 'ERR IID already exists for this producer with a different stream ID';
export const STREAM_SETTING_MISSING = 'ERR At least one parameter must be specified';
export const SENT_ID_DURATION_OUT_OF_RANGE = 'ERR IDMP-DURATION must be between 1 and 86400 seconds';
export const SENT_ID_COUNT_OUT_OF_RANGE = 'ERR IDMP-MAXSIZE must be between 1 and 10000 entries';
