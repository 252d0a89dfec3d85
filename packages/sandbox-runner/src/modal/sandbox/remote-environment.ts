import { withOwnFolders } from '../../inside/own-folders.ts';
import { networkEnvironment, type SandboxNetwork } from '../../network/sandbox-network.ts';
import { processLabels } from '../../process/process-table.ts';
import { REMOTE_HOME, REMOTE_TEMP } from '../files/remote-places.ts';

/** The whole environment of a command: its own, and what the backend tells every command. */
export function remoteEnvironment(
  own: Readonly<Record<string, string>>,
  of: { readonly id: string; readonly execId: string; readonly network: SandboxNetwork },
): Record<string, string> {
  const { id, execId, network } = of;
  const all = {
    PORT: String(network.ports.first),
    ...network.egress?.defaults,
    ...own,
    ...networkEnvironment(network),
    ...processLabels(id, execId),
  };
  return withOwnFolders(all, { home: REMOTE_HOME, temp: REMOTE_TEMP });
}
