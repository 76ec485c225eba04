// The library: a Redis-compatible server inside your own program.
export { createServer, MillraceServer, type MillraceServerEvents } from './server/embed.ts';
export type { CreateServerOptions } from './server/options.ts';
