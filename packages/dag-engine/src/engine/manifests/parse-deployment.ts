import type { DeploymentManifest } from '../model/manifest-set.ts';
import type { Fields } from './fields.ts';

/** Reads `deployment.yaml`. */
export function parseDeployment(root: Fields): DeploymentManifest {
  const fields = root.at('deployment');
  return {
    layout: fields.optionalText('layout'),
    manifest_version: fields.versionText('manifest_version'),
    bootstrap: fields.texts('bootstrap'),
    environment: fields.optionalText('environment'),
  };
}
