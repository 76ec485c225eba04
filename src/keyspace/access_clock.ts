// The 24 bits of an entry's access clock. Under LRU: seconds. Under LFU, as Redis documents it: 16 bits of minutes of the
// last decay, 8 bits of a counter that grows with the logarithm of the accesses.
//
//   LFU:  | minutes of last decay:16 | logarithmic counter:8 |
import type { Keyspace } from './keyspace.ts';

const LFU_INITIAL = 5;
const MINUTES_MASK = 0xffff;
const CLOCK_MAX = 0xffffff;

function minutesNow(keyspace: Keyspace): number {
  return Math.floor(keyspace.nowMs / 60000) & MINUTES_MASK;
}

/** Clock of a new entry under LFU. */
export function initialClock(keyspace: Keyspace): number {
  return (minutesNow(keyspace) << 8) | LFU_INITIAL;
}

/** The counter after decay: one less for every `lfu-decay-time` minutes without access. */
export function decayedFrequency(keyspace: Keyspace, clock: number): number {
  const counter = clock & 0xff;
  if (keyspace.lfuDecayMinutes === 0) return counter;
  return Math.max(0, counter - Math.floor(idleMinutes(keyspace, clock) / keyspace.lfuDecayMinutes));
}

/** Clock after an access under LFU. */
export function touchedClock(keyspace: Keyspace, clock: number): number {
  let counter = decayedFrequency(keyspace, clock);
  if (counter < 255) {
    const base = Math.max(0, counter - LFU_INITIAL);
    if (keyspace.random.unit() < 1 / (base * keyspace.lfuLogFactor + 1)) counter++;
  }
  return (minutesNow(keyspace) << 8) | counter;
}

/** Seconds since the last access under LRU. */
export function idleSeconds(keyspace: Keyspace, clock: number): number {
  return (keyspace.lruClock - clock) & 0xffffff;
}

/** Minutes since the last access under LFU. */
export function idleMinutes(keyspace: Keyspace, clock: number): number {
  return (minutesNow(keyspace) - (clock >>> 8)) & MINUTES_MASK;
}

/** Clock of an entry that was last used so many seconds ago, under LRU. What is too long ago counts as half the range. */
export function idleClock(keyspace: Keyspace, seconds: number): number {
  const clock = keyspace.lruClock - seconds;
  return clock >= 0 ? clock : (keyspace.lruClock + (CLOCK_MAX >> 1)) % CLOCK_MAX;
}

/** Clock of an entry with this logarithmic counter, under LFU. */
export function frequencyClock(keyspace: Keyspace, counter: number): number {
  return (minutesNow(keyspace) << 8) | counter;
}
