import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { certificateFiles } from '../egress/certificate-files.ts';
import type { RegistrySettings } from '../egress/registry-settings.ts';
import type { RunInside } from '../inside/inside-command.ts';
import { writeByCommand } from '../inside/inside-files.ts';

const FOLDER = '/workspace';

/** Registry settings of the host as they hold in a remote sandbox. */
export interface RemoteCertificates {
  /** They name the copies. A folder of certificates is not copied, and no longer named. */
  readonly settings: RegistrySettings;
  /** Copies what they name into a sandbox. */
  place(run: RunInside): Promise<void>;
}

export function planCertificates(settings: RegistrySettings): RemoteCertificates {
  const named = certificateFiles(settings.env);
  const files = [...new Set(named.values())].filter((path) => statSync(path).isFile());
  const nameOf = (path: string) => `certificates/${files.indexOf(path)}.pem`;
  const env = Object.entries(settings.env).flatMap(([name, value]) => {
    const file = named.get(name);
    if (file === undefined) return [[name, value] as const];
    return files.includes(file) ? [[name, `${FOLDER}/${nameOf(file)}`] as const] : [];
  });
  return {
    settings: { ...settings, env: Object.fromEntries(env) },
    place: async (run) => {
      for (const file of files) {
        await writeByCommand(run, { folder: FOLDER, relative: nameOf(file) }, await readFile(file));
      }
    },
  };
}
