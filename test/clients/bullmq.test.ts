// BullMQ needs scripts, which there are not yet: it has to find that out by a clear error, not by waiting.
import { Queue } from 'bullmq';
import { expect, it } from 'vitest';
import { createServer } from '../../src/server/embed.ts';

it('accepts the server, and is told that there are no scripts', async () => {
  await using server = await createServer();
  const queue = new Queue('queue', { connection: { host: server.host, port: server.port } });
  await queue.waitUntilReady();
  await expect(queue.add('job', {})).rejects.toThrow("ERR unknown command 'eval'");
  await queue.close();
});
