// The library: a Redis-compatible server inside your own program.
export { createServer, type CreateServerOptions, MillraceServer } from './server/embed.ts';
