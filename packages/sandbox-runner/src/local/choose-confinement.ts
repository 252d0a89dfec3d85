import { certificateFiles } from '../egress/certificate-files.ts';
import type { RegistrySettings } from '../egress/registry-settings.ts';
import { SandboxError } from '../errors.ts';
import { confineWithBubblewrap } from './confine-bubblewrap.ts';
import { confineNothing } from './confine-none.ts';
import { confineWithSeatbelt } from './confine-seatbelt.ts';
import type { Confinement } from './confinement.ts';
import { probeIsolation } from './isolation.ts';
import { listHomes } from './list-homes.ts';

/** What decides how commands are held in; see `LocalBackendOptions`. */
interface ConfinementOptions {
  readonly root: string;
  readonly isolation: 'auto' | 'none';
  readonly runtime: { readonly readOnlyPaths: readonly string[]; readonly nodePath: string };
  readonly path?: string;
  readonly registry?: RegistrySettings;
}

/** Gives the means of this machine, with what commands see of it. @throws {SandboxError} ISOLATION_UNAVAILABLE */
export function chooseConfinement(options: ConfinementOptions, etcFolder: string): Confinement {
  const path = options.path ?? '';
  if (options.isolation === 'none') {
    return confineNothing({ path: path === '' ? '/usr/local/bin:/usr/bin:/bin' : path });
  }
  const probe = probeIsolation({ path });
  if (!probe.usable || probe.program === undefined) {
    throw new SandboxError('ISOLATION_UNAVAILABLE', `this machine cannot isolate: ${probe.reason}`, {
      details: { mechanism: probe.mechanism, reason: probe.reason ?? '' },
    });
  }
  const { readOnlyPaths, nodePath } = options.runtime;
  const visible = {
    program: probe.program,
    readOnlyPaths: [...readOnlyPaths, nodePath, ...certificateFiles(options.registry?.env ?? {}).values()],
    path,
    homes: listHomes(),
  };
  if (probe.mechanism === 'seatbelt') return confineWithSeatbelt(visible);
  const nestingForbidden = probe.nestingForbidden === true;
  return confineWithBubblewrap({ ...visible, root: options.root, etcFolder, nestingForbidden });
}
