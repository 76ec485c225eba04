// Passwords: kept as SHA-256, compared in a time that does not depend on where they differ.
import { createHash, timingSafeEqual } from 'node:crypto';

export const DEFAULT_USER = 'default';

/** Whether the bytes are one of the passwords, given as digests; all are looked at, whichever is right. */
export function isPassword(given: Uint8Array, digests: readonly string[]): boolean {
  const own = Buffer.from(passwordDigest(given));
  let isRight = false;
  for (const digest of digests) if (timingSafeEqual(own, Buffer.from(digest))) isRight = true;
  return isRight;
}

/** SHA-256 of a password in hexadecimal digits. */
export function passwordDigest(password: Uint8Array): string {
  return createHash('sha256').update(password).digest('hex');
}

/** Whether a text can be a digest: 64 digits in lower case. */
export function isDigest(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}
