import { definePackage } from '../../scripts/tsup-package.ts';

export default definePackage(['src/index.ts', 'src/main.ts'], {
  assets: {
    'src/templates': 'templates',
    '../../.env.example': '.env.example',
    '../../prompts/generate.md': 'prompts/generate.md',
    'demo/voxelcraft': 'demo/voxelcraft',
    '../../target-repo': 'target-repo',
  },
});
