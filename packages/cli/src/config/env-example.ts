import { SETTINGS, SwarmConfigSchema, type Setting } from '@agentswarm/core';

/** Settings a newcomer has to look at first. */
const FIRST: ReadonlySet<string> = new Set(['LLM_BASE_URL', 'LLM_API_KEY', 'LLM_MODEL']);

/** The text of `.env.example`: every setting there is, with its accepted form and default. */
export function formatEnvExample(): string {
  const first = SETTINGS.filter((setting) => FIRST.has(setting.env));
  const rest = SETTINGS.filter((setting) => !FIRST.has(setting.env));
  return [
    '# Copy to .env and fill in. Never commit .env: it holds keys.',
    '# Flags win over the environment, the environment over .env, .env over agentswarm.config.json.',
    '',
    ...first.flatMap((setting) => [`# ${setting.accepts}`, `${setting.env}=${defaultOf(setting)}`, '']),
    '# Everything below is optional; the value shown is the default, if there is one.',
    '',
    ...rest.flatMap((setting) => [`# ${setting.accepts}`, `# ${setting.env}=${defaultOf(setting)}`, '']),
  ].join('\n');
}

function defaultOf({ key }: Setting): string {
  const value: unknown = SwarmConfigSchema.parse({})[key];
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
