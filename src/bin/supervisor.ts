// Tells the service manager that started this process when the server is ready and when it ends: systemd's protocol,
// datagrams of NAME=value lines to the socket that NOTIFY_SOCKET names (man sd_notify).
import type { Logger } from '../base/log.ts';

export type Supervision = 'no' | 'auto' | 'systemd' | 'upstart';

export interface SupervisorOptions {
  readonly mode: Supervision;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly log: Logger;
  /** Sends a datagram to the socket of that name; throws if it cannot. */
  readonly send: (path: string, text: string) => void;
}

export class Supervisor {
  readonly #socket: string;
  readonly #log: Logger;
  readonly #send: SupervisorOptions['send'];

  constructor({ mode, environment, log, send }: SupervisorOptions) {
    this.#log = log;
    this.#send = send;
    const socket = environment.NOTIFY_SOCKET ?? '';
    this.#socket = mode === 'auto' || mode === 'systemd' ? socket : '';
    if (mode === 'systemd' && socket === '') {
      log.warning('supervised systemd: there is no NOTIFY_SOCKET in the environment, so nobody is told');
    } else if (mode === 'upstart') {
      log.warning('supervised upstart: upstart is not supported, so nobody is told');
    }
  }

  /** Whether there is somebody to tell. */
  get active(): boolean {
    return this.#socket !== '';
  }

  ready(): void {
    this.#tell('READY=1\nSTATUS=Ready to accept connections\n');
  }

  stopping(): void {
    this.#tell('STOPPING=1\n');
  }

  #tell(text: string): void {
    if (!this.active) return;
    try {
      this.#send(this.#socket, text);
    } catch (error) {
      this.#log.warning(`The service manager cannot be told: ${(error as Error).message}`);
    }
  }
}
