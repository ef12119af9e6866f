import manifest from '../../../package.json';
import { VERSION } from '../../../core/version';

test('the version that heartbeats tell is the one of the package', () => {
	expect(VERSION).toBe(manifest.version);
});
