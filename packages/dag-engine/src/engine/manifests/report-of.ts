import { CliError, ManifestLoadError } from '../errors.ts';
import { FileReport } from './file-report.ts';
import type { ManifestName } from './manifest-names.ts';

/** The report of a manifest, with the error class that file's problems have. */
export function reportOf(name: ManifestName): FileReport {
  if (name === 'provider_credentials.yaml') {
    return new FileReport(name, {
      entry: (path, problem) => credentialError(name, path, problem),
      quotes: false,
    });
  }
  if (name === 'cli_profiles.yaml') {
    return new FileReport(name, {
      entry: (path, problem) =>
        new CliError(`${name} at ${path}: ${problem}`, { file_name: name, field_path: path, problem }),
      file: (problem) =>
        new CliError(`Error loading ${name}: ${problem}`, { file_name: name, field_path: null, problem }),
    });
  }
  return new FileReport(name);
}

function credentialError(name: string, fieldPath: string, problem: string): ManifestLoadError {
  const index = /\[(\d+)\]/.exec(fieldPath)?.[1];
  const where = index === undefined ? '' : `Invalid credential at index ${index}: `;
  return new ManifestLoadError(name, `${where}${problem}`, { fieldPath });
}
