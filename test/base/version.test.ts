import { expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import * as version from '../../src/base/version.ts';

it('is the version of the package', () => {
  expect(version.SERVER_NAME).toBe(packageJson.name);
  expect(version.MILLRACE_VERSION).toBe(packageJson.version);
  expect(version.REDIS_VERSION).toMatch(/^\d+\.\d+\.\d+$/);
});
