// Error texts of HOTKEYS.

export const SESSION_IN_PROGRESS = 'ERR hotkey tracking session already in progress';
export const SESSION_NOT_STOPPED = 'ERR hotkey tracking session in progress, stop tracking first';
export const METRICS_MISSING = 'ERR METRICS parameter is required';
export const METRICS_COUNT_OUT_OF_RANGE = 'ERR METRICS count must be > 0 and <= 2';
export const METRICS_MISCOUNTED = 'ERR METRICS count does not match number of metric types provided';
export const METRICS_UNKNOWN = 'ERR METRICS no valid metrics passed. Supported: CPU|NET';
export const COUNT_OUT_OF_RANGE = 'ERR COUNT must be between 1 and 64';
export const DURATION_OUT_OF_RANGE = 'ERR DURATION must be between 1 and 1000000';
export const SAMPLE_NOT_POSITIVE = 'ERR SAMPLE ratio must be positive';
export const SLOTS_WITHOUT_CLUSTER = 'ERR SLOTS parameter cannot be used in non-cluster mode';

export function metricTwice(name: string): string {
  return `ERR METRICS ${name} defined more than once!`;
}
