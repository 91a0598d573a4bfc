// The pinned tools live in scripts/node; this is how a module here gets one.
import { createRequire } from 'node:module';

export const require = createRequire(new URL('../node/package.json', import.meta.url));
