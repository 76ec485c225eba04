// What redis-server has made (record.ts): bodies of dumps, without their ends, and RDB files without their checksums.
import texts from './redis_dumps.json' with { type: 'json' };

const bytesOf = (text: string): Buffer => Buffer.from(text, 'base64');

export const REDIS_DUMPS: readonly Buffer[] = texts.dumps.map(bytesOf);
export const REDIS_FILES: readonly Buffer[] = texts.files.map(bytesOf);
