// Every directive there is: names, kinds, defaults and bounds, as in Redis 7.0 and 7.2; those that came later
// or exist in Valkey alone have their own defaults. The rows are in table/, by subject.

import type { Directive } from './kind.ts';
import { clusterDirectives } from './table/cluster.ts';
import { encodingsDirectives } from './table/encodings.ts';
import { memoryDirectives } from './table/memory.ts';
import { networkDirectives } from './table/network.ts';
import { observabilityDirectives } from './table/observability.ts';
import { persistenceDirectives } from './table/persistence.ts';
import { processDirectives } from './table/process.ts';
import { replicationDirectives } from './table/replication.ts';
import { securityDirectives } from './table/security.ts';

export const directives = {
  ...networkDirectives,
  ...processDirectives,
  ...memoryDirectives,
  ...persistenceDirectives,
  ...replicationDirectives,
  ...securityDirectives,
  ...encodingsDirectives,
  ...observabilityDirectives,
  ...clusterDirectives,
};

type Directives = typeof directives;

export type SettingName = keyof Directives;

/** Type of the value of a setting. */
export type SettingValue<N extends SettingName> = Directives[N] extends Directive<infer T> ? T : never;

/** Names of the settings whose value is a `T`. */
export type SettingOf<T> = { [N in SettingName]: SettingValue<N> extends T ? N : never }[SettingName];
