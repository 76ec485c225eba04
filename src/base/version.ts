// What this program calls itself.

export const SERVER_NAME = 'millrace';
/** Equal to that of package.json. */
export const MILLRACE_VERSION = '0.1.0';
/** The version of Redis whose commands and formats this server speaks; clients read it as `redis_version`. */
export const REDIS_VERSION = '7.2.4';
