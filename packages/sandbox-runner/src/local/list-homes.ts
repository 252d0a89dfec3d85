import { homedir, userInfo } from 'node:os';
import { errnoOf } from '../errors.ts';

/** Home folders of the user. A user without an entry on this machine, as in containers, may have none. */
export function listHomes(): string[] {
  return [...new Set([homedir, () => userInfo().homedir].flatMap(askSystem))];
}

function askSystem(ask: () => string): string[] {
  try {
    return [ask()];
  } catch (error) {
    if (errnoOf(error) === 'ERR_SYSTEM_ERROR') return [];
    throw error;
  }
}
