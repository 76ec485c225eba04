// Who is measured. The first is what the others are compared with.

export interface Target {
  readonly name: string;
  readonly command: string;
  /** In front of the flags that all servers share; "{root}" stands for the project's folder. */
  readonly prefix: readonly string[];
  /** Arguments that make the command print its version, where it can. */
  readonly version: readonly string[] | undefined;
  readonly optional: boolean; // left out silently where it is not installed
}

export const TARGETS: readonly Target[] = [
  { name: 'redis-server', command: 'redis-server', prefix: [], version: ['--version'], optional: true },
  { name: 'valkey-server', command: 'valkey-server', prefix: [], version: ['--version'], optional: true },
  {
    name: 'millrace',
    command: 'node',
    prefix: ['{root}/dist/millrace.js'],
    version: ['{root}/dist/millrace.js', '--version'],
    optional: false,
  },
];

export function serverFlags(port: number, ioThreads: number): string[] {
  return [
    ...['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
    ...['--io-threads', String(ioThreads), '--maxclients', '19000'],
  ];
}
