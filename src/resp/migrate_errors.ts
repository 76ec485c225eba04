// Error texts of MIGRATE.

export const KEY_MUST_BE_EMPTY =
  'ERR When using MIGRATE KEYS option, the key argument must be set to the empty string';
export const CONNECTING_FAILED = 'IOERR error or timeout connecting to the client';
export const WRITING_FAILED = 'IOERR error or timeout writing to target instance';
export const READING_FAILED = 'IOERR error or timeout reading to target instance';

export function targetRefused(text: string): string {
  return `ERR Target instance replied with error: ${text}`;
}
