// Memory for each connection: fresh, after one command, and idle some time later.
import { GeneratorRun } from '../generator.ts';
import type { ConnectionsTrial } from '../trials.ts';
import { rssBytesOf } from '../usage.ts';
import { type Outcome, type Turn, withServer } from './turn.ts';

export async function measureConnections(trial: ConnectionsTrial, turn: Turn): Promise<Outcome> {
  return withServer(turn, 1, async (server) => {
    await server.client.ping();
    const before = rssBytesOf(server.pid);
    const perConnection = () => (rssBytesOf(server.pid) - before) / trial.connections;
    const run = new GeneratorRun(turn.generator, {
      mode: 'hold',
      port: turn.port,
      connections: trial.connections,
    });
    await run.stage('connected');
    const rssConnected = perConnection();
    run.next();
    await run.stage('served');
    const rssServed = perConnection();
    await new Promise((resolve) => setTimeout(resolve, trial.idleSeconds * 1000));
    const rssIdle = perConnection();
    run.next();
    await run.result; // fails if a single connection gets no answer
    return { figures: { rssConnected, rssServed, rssIdle }, errors: [] };
  });
}
