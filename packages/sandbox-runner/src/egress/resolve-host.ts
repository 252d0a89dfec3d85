import { lookup } from 'node:dns/promises';

/** Looks up the addresses of a name. Rejects when it has none. */
export type ResolveHost = (host: string) => Promise<readonly string[]>;

/** A look-up occupies one of the few threads that the files of this process need too. */
const MAX_AT_ONCE = 2;

/** The system's way to look up names. */
export const systemResolver: ResolveHost = async (host) => {
  const found = await lookup(host, { all: true });
  return found.map(({ address }) => address);
};

/** Asks a few at a time, and for each name once, however many wait for it meanwhile. */
export function createCalmResolver(resolve: ResolveHost): ResolveHost {
  const asked = new Map<string, Promise<readonly string[]>>();
  const waiting: (() => void)[] = [];
  let running = 0;
  const look = async (host: string) => {
    while (running >= MAX_AT_ONCE) await new Promise<void>((wake) => waiting.push(wake));
    running += 1;
    try {
      return await resolve(host);
    } finally {
      running -= 1;
      asked.delete(host);
      waiting.shift()?.();
    }
  };
  return (host) => {
    const looking = asked.get(host) ?? look(host);
    asked.set(host, looking);
    return looking;
  };
}
