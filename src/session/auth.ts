// Passwords: compared in a time that does not depend on where they differ.
import { createHash, timingSafeEqual } from 'node:crypto';

export const DEFAULT_USER = 'default';

/** Whether the bytes are the password, a string with one character for each byte. */
export function isPassword(given: Uint8Array, password: string): boolean {
  return timingSafeEqual(digest(given), digest(Buffer.from(password, 'latin1')));
}

/** A password as ACL LIST shows it. */
export function passwordDigest(password: string): string {
  return digest(Buffer.from(password, 'latin1')).toString('hex');
}

function digest(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
