import { fileURLToPath } from 'node:url';

/** The checkout this code runs from; undefined when it is installed. */
const CHECKOUT = import.meta.url.endsWith('.ts')
  ? fileURLToPath(new URL('../../../', import.meta.url))
  : undefined;

/** What a person in a directory types to call this command: in a checkout it is a script of the repository. */
export function commandIn(directory: string): string {
  return CHECKOUT !== undefined && `${directory}/`.startsWith(CHECKOUT)
    ? 'npm run -s agentswarm --'
    : 'agentswarm';
}
