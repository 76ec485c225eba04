import { expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import * as version from '../../src/base/version.ts';

it('is the version of the package', () => {
  expect(version.serverName).toBe(packageJson.name);
  expect(version.serverVersion).toBe(packageJson.version);
  expect(version.redisVersion).toMatch(/^\d+\.\d+\.\d+$/);
});
