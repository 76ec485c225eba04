// What a configuration may ask for that this server cannot do yet. Where access would be less guarded than asked for, or
// the data not the ones asked for, it does not start; elsewhere it says so and starts.
import type { Logger } from '../base/log.ts';
import type { Config } from '../config/config.ts';

/** The configuration asks for something without which the server must not start. */
export class MissingError extends Error {
  override readonly name = 'MissingError';
}

/** Warns of settings without effect. Throws MissingError. */
export function checkMissing(config: Config, log: Logger): void {
  if (config.value('replicaof') !== null) throw new MissingError('replicaof: there is no replication yet');
  if (config.boolean('cluster-enabled')) warn(log, 'cluster-enabled', 'this is a server by itself');
  if (config.boolean('syslog-enabled'))
    warn(log, 'syslog-enabled', 'the log goes where it would go without it');
}

function warn(log: Logger, name: string, consequence: string): void {
  log.warning(`WARNING: ${name} has no effect yet: ${consequence}`);
}
