// What this program calls itself.

export const serverName = 'millrace';
/** Equal to that of package.json. */
export const serverVersion = '0.1.0';
/** The version of Redis whose commands and formats this server speaks; clients read it as `redis_version`. */
export const redisVersion = '7.2.4';
