// The texts of access control: errors of commands that were refused or that change users, and why a rule is refused, which
// ends an error of ACL SETUSER, ACL LOAD or the configuration.
import { printed } from './errors.ts';

export const GENPASS_BITS =
  'ERR ACL GENPASS argument must be the number of bits for the output password, a positive number up to 4096';
export const NO_ACL_FILE =
  'ERR This Redis instance is not configured to use an ACL file. You may want to specify users via the ACL SETUSER ' +
  'command and then issue a CONFIG REWRITE (assuming you have a Redis configuration file set) in order to store users ' +
  'in the Redis configuration.';
export const DEFAULT_USER_STAYS = "ERR The 'default' user cannot be removed";
export const BAD_USER_NAME = "ERR Usernames can't contain spaces or null characters";
export const ACL_SAVE_FAILED =
  'ERR There was an error trying to save the ACLs. Please check the server logs for more information';
export const MAY_NOT_TOUCH_KEYS =
  'NOPERM this user has no permissions to access one of the keys used as arguments';
export const MAY_NOT_USE_CHANNELS =
  'NOPERM this user has no permissions to access one of the channels used as arguments';

export function mayNotRun(command: string): string {
  return `NOPERM this user has no permissions to run the '${command}' command`;
}

/** Rights that a command had when it was queued are gone. */
export function mayNotRunQueued(reason: string): string {
  return (
    'NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC call. This command is no ' +
    `longer allowed for the following reason: ${reason}`
  );
}

/** What ACL DRYRUN says of a command; no error. */
export function wouldNotRun(command: string): string {
  return `This user has no permissions to run the '${command}' command`;
}

/** `what` is key or channel. */
export function wouldNotUse(argument: string, what: string): string {
  return `This user has no permissions to access the '${printed(argument)}' ${what}`;
}

export function aclLoadFailed(errors: string): string {
  return `ERR ${errors}`;
}

export function unmatchedSelector(start: string): string {
  return `ERR Unmatched parenthesis in acl selector starting at '${printed(start)}'.`;
}

/** `reason` is one of those below. */
export function badRule(rule: string, reason: string): string {
  return `ERR Error in ACL SETUSER modifier '${printed(rule)}': ${reason}`;
}

export function userNotFound(user: string): string {
  return `ERR User '${printed(user)}' not found`;
}

export function commandNotFound(command: string): string {
  return `ERR Command '${printed(command)}' not found`;
}

export function unknownCategory(category: string): string {
  return `ERR Unknown category '${printed(category).slice(0, 128)}'`;
}

export const UNKNOWN_COMMAND = 'Unknown command or category name in ACL';
export const SYNTAX = 'Syntax error';
export const KEYS_AFTER_ALL =
  "Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid and does not have any effect. Try " +
  "'resetkeys' to start with an empty list of patterns";
export const CHANNELS_AFTER_ALL =
  "Adding a pattern after the * pattern (or the 'allchannels' flag) is not valid and does not have any effect. Try " +
  "'resetchannels' to start with an empty list of channels";
export const NO_SUCH_PASSWORD = 'The password you are trying to remove from the user does not exist';
export const BAD_DIGEST =
  'The password hash must be exactly 64 characters and contain only lowercase hexadecimal characters';
export const DUPLICATE_USER = 'Duplicate user found. A user can only be defined once in config files';
export const SPACES_IN_NAME = 'Spaces not allowed in ACL usernames';
export const FIRST_ARGUMENT_OF_SUBCOMMAND = 'Allowing first-arg of a subcommand is not supported';
export const USERS_IN_TWO_PLACES =
  'Configuring Redis with users defined in redis.conf and at the same setting an ACL file path is invalid. This setup ' +
  'is very likely to lead to configuration errors and security holes, please define either an ACL file or declare users ' +
  'directly in your redis.conf, but not both.';
export const LOAD_UNDONE =
  'WARNING: ACL errors detected, no change to the previously active ACL rules was performed';

/** `place` is the file and the number of the line. */
export function lineWithoutUser(place: string): string {
  return `${place} should start with user keyword followed by the username. `;
}

export function badUserName(place: string, name: string): string {
  return `'${place}: username '${name}' contains invalid characters. `;
}

export function duplicateUser(name: string, line: number): string {
  return `WARNING: Duplicate user '${name}' found on line ${line}. `;
}

export function unmatchedParenthesis(place: string): string {
  return `${place}: Unmatched parenthesis in selector definition.`;
}

export function unknownInRule(place: string, rule: string): string {
  return `${place}: Error in applying operation '${rule}': ${UNKNOWN_COMMAND}. `;
}

export function badLine(place: string, reason: string): string {
  return `${place}: ${reason}. `;
}

export function cannotOpen(path: string, reason: string): string {
  return `Error loading ACLs, opening file '${path}': ${reason}`;
}

/** `what` is the rule or the name that cannot be. */
export function badDeclaration(what: string, reason: string): string {
  return `Error in user declaration '${printed(what)}': ${reason}`;
}

export function loadingAborted(errors: string): string {
  return `Aborting Redis startup because of ACL errors: ${errors}`;
}

export function disabledUser(name: string): string {
  return (
    `The user '${name}' is disabled (there is no 'on' modifier in the user description). Make sure this is not a ` +
    'configuration error.'
  );
}
