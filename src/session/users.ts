// All users of a server by name. The default one is always there: connections belong to it until they say otherwise.
import { Selector, User } from './acl_user.ts';
import { DEFAULT_USER } from './auth.ts';

export class Users {
  readonly default: User;
  readonly #users = new Map<string, User>();
  readonly #commands: number;

  /** @param commands how many commands rules may name */
  constructor(commands: number) {
    this.#commands = commands;
    this.default = this.create(DEFAULT_USER, true);
    allowAll(this.default);
    this.#users.set(DEFAULT_USER, this.default);
  }

  get size(): number {
    return this.#users.size;
  }

  find(name: string): User | undefined {
    return this.#users.get(name);
  }

  /** In the order of the bytes of their names. */
  sorted(): User[] {
    return [...this.#users.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** A user that may not do anything, disabled, which does not belong to the others yet. */
  create(name: string, allChannels: boolean): User {
    return new User(name, new Selector(this.#commands, allChannels));
  }

  add(user: User): void {
    this.#users.set(user.name, user);
  }

  remove(user: User): void {
    this.#users.delete(user.name);
  }
}

/** Makes a user what the default one is at first. */
export function allowAll(user: User): void {
  const { root } = user;
  user.enabled = true;
  user.nopass = true;
  root.allowed.fill(1);
  root.allowsUnknown = true;
  root.allCommands = true;
  root.allKeys = true;
  root.allChannels = true;
  user.settle();
}
