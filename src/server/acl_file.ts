// The ACL file: a line for each user, `user <name> <rule> <rule> …`, words between single blanks, no quotes, no comments.
// If anything in it is wrong, nothing of it counts, and all that is wrong is told at once.
import { readFileSync } from 'node:fs';
import { errorText } from '../base/errno.ts';
import { type AclRules, hasBlanks, joinSelectors } from '../commands/acl_rules.ts';
import * as reasons from '../resp/acl_errors.ts';
import type { User } from '../session/acl_user.ts';

export interface AclFile {
  readonly users: Map<string, User>;
  /** What is wrong, in one line; '' if nothing is. */
  readonly errors: string;
}

/**
 * Reads the file.
 * @param shown its name in errors, as it was configured
 * @param create makes a user without rights
 */
export function readAclFile(
  shown: string,
  path: string,
  rules: AclRules,
  create: (name: string) => User,
): AclFile {
  const users = new Map<string, User>();
  let text: string;
  try {
    text = readFileSync(path, 'latin1');
  } catch (error) {
    return { users, errors: reasons.cannotOpen(shown, errorText(error)) };
  }
  let errors = '';
  text.split('\n').forEach((line, i) => {
    const trimmed = line.replace(/^[ \t\r]+|[ \t\r]+$/g, '');
    if (trimmed !== '') errors += readLine(trimmed.split(' '), i + 1, shown, rules, users, create);
  });
  return { users, errors: errors === '' ? '' : errors + reasons.LOAD_UNDONE };
}

/** Adds the user of a line; what is wrong with it. */
function readLine(
  words: readonly string[],
  line: number,
  shown: string,
  rules: AclRules,
  users: Map<string, User>,
  create: (name: string) => User,
): string {
  const place = `${shown}:${line}`;
  const name = words[1];
  if (words[0] !== 'user' || name === undefined) return reasons.lineWithoutUser(place);
  if (hasBlanks(name)) return reasons.badUserName(place, name);
  if (users.has(name)) return reasons.duplicateUser(name, line);
  const user = create(name);
  users.set(name, user);
  const joined = joinSelectors(words.slice(2));
  return Array.isArray(joined) ? applyRules(user, joined, place, rules) : reasons.unmatchedParenthesis(place);
}

/** Unknown commands are all told, of other errors the first: it may have led to those after it. */
function applyRules(user: User, words: readonly string[], place: string, rules: AclRules): string {
  let errors = '';
  let isBroken = false;
  for (const word of words) {
    const rule = word.replace(/^[\t\r]+|[\t\r]+$/g, '');
    const reason = rules.apply(user, rule);
    if (reason === reasons.UNKNOWN_COMMAND) {
      errors += reasons.unknownInRule(place, rule);
    } else if (reason !== '' && !isBroken) {
      errors += reasons.badLine(place, reason);
      isBroken = true;
    }
  }
  return errors;
}
