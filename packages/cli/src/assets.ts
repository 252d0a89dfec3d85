import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CliError } from './errors.ts';

// This file lies directly in src and its bundle directly in dist: relative URLs mean the same in both,
// except for folders the build copies from elsewhere in the repository.
const FROM_SOURCE = import.meta.url.endsWith('.ts');

/** The folder of files `agentswarm init` writes. */
export function templatesDirectory(): string {
  return existing('templates', './templates/', './templates/');
}

/** Every setting with its purpose and default, for `agentswarm init`. */
export function envExampleFile(): string {
  return existing('list of settings', '../../../.env.example', './.env.example');
}

/** The project `agentswarm demo` builds. */
export function demoTargetDirectory(): string {
  return existing('demo project', '../../../target-repo/', './target-repo/');
}

/** The authored answers `agentswarm demo` plays. */
export function demoScriptDirectory(): string {
  return existing('demo script', '../demo/voxelcraft/', './demo/voxelcraft/');
}

/** What a model is told by `agentswarm generate`. */
export function generatePromptFile(): string {
  return existing('prompt', '../../../prompts/generate.md', './prompts/generate.md');
}

/** The programs that talk to Modal, and what is deployed there. */
export function infraDirectory(): string {
  return existing('Python side', '../../../infra/', './infra/').replace(/\/$/, '');
}

/** The workflow `agentswarm engine init` writes. */
export function engineTemplateDirectory(): string {
  const manifest = import.meta.resolve('@agentswarm/dag-engine/package.json');
  return fileURLToPath(new URL('./templates/project_template/', manifest));
}

function existing(what: string, inSource: string, inBuild: string): string {
  const path = fileURLToPath(new URL(FROM_SOURCE ? inSource : inBuild, import.meta.url));
  if (existsSync(path)) return path;
  throw new CliError('CLI_ASSET_MISSING', `the ${what} is missing from this installation: ${path}`, {
    details: { path },
  });
}
