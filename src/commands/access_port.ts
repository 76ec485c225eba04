// What commands ask of access control.
import type { Users } from '../session/users.ts';
import type { CommandCatalog } from './acl_catalog.ts';

export interface AccessPort {
  readonly users: Users;
  readonly catalog: CommandCatalog;

  /** Makes the current client the user of this name if the password is right; else notes that and answers false. */
  login(name: string, password: Uint8Array): boolean;
  /** Makes the current client what a new connection is. */
  logout(): void;
  /** Whether the current client's user may run the current command and read every key there is. */
  mayReadAll(): boolean;

  /** Changes a user by rules, or makes it; the error to reply, after which nothing has changed, or ''. */
  setUser(name: string, rules: readonly string[]): string;
  /** Deletes a user and closes the connections of its clients; whether there was one. */
  deleteUser(name: string): boolean;
  /** Takes all users from the ACL file; the errors in it, after which nothing has changed, or ''. */
  load(): string;
  /** Each user as it stands in a file behind the word `user`. */
  lines(): string[];
  /** Writes all users to the ACL file; false if that failed, which the log then explains. */
  save(): boolean;
}
