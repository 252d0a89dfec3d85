import { definePackage } from '../../scripts/tsup-package.ts';

/** What `agentswarm infra deploy` sends to Modal, and what finds it there. */
const DEPLOYED = [
  'deploy_glm5.py',
  'endpoint_forwarder.py',
  'glm5_client.py',
  'glm5_settings.py',
  'openai_endpoint.py',
  'proxy_token.py',
  'requirements.txt',
  'server_process.py',
];

export default definePackage(['src/index.ts', 'src/main.ts'], {
  assets: {
    'src/templates': 'templates',
    '../../.env.example': '.env.example',
    '../../prompts/generate.md': 'prompts/generate.md',
    'demo/voxelcraft': 'demo/voxelcraft',
    '../../target-repo': 'target-repo',
    '../../infra/modal_shim': 'infra/modal_shim',
    '../../infra/fake_modal': 'infra/fake_modal',
    ...Object.fromEntries(DEPLOYED.map((name) => [`../../infra/${name}`, `infra/${name}`])),
  },
});
