import { join } from 'node:path';

/** What `agentswarm infra` can do. */
export type InfraRequest =
  | { readonly kind: 'deploy' }
  | { readonly kind: 'status' }
  | { readonly kind: 'stop'; readonly app: string | undefined; readonly isSure: boolean };

export interface InfraPlace {
  /** Folder of the deployments. */
  readonly infra: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The arguments of the interpreter that do it. Pure. */
export function modalArguments(request: InfraRequest, { infra, env }: InfraPlace): readonly string[] {
  const modal = ['-m', 'modal'];
  switch (request.kind) {
    case 'deploy':
      return [...modal, 'deploy', join(infra, 'deploy_glm5.py')];
    case 'status':
      return [...modal, 'app', 'list'];
    case 'stop':
      return [...modal, 'app', 'stop', ...(request.isSure ? ['--yes'] : []), request.app ?? modelServer(env)];
  }
}

/** As infra/glm5_settings.py names it: a rehearsal is another app. */
function modelServer(env: InfraPlace['env']): string {
  return env['GLM5_WEIGHTS'] === 'dummy' ? 'agentswarm-glm5-rehearsal' : 'agentswarm-glm5';
}

/** A command line that a shell reads as these words. Pure. */
export function toShellLine(words: readonly string[]): string {
  return words
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(' ');
}
