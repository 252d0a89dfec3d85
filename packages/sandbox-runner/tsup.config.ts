import { definePackage } from '../../scripts/tsup-package.ts';

export default definePackage(['src/index.ts', 'src/testing.ts', 'src/main.ts', 'src/guard.ts']);
