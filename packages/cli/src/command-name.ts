/** What a person types to call this command: in a checkout it is a script of the repository. */
export const COMMAND = import.meta.url.endsWith('.ts') ? 'npm run -s agentswarm --' : 'agentswarm';
