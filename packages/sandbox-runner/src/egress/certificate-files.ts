import { existsSync } from 'node:fs';
import { isAbsolute } from 'node:path';

/** Files and folders of certificates that settings name (`NODE_EXTRA_CA_CERTS`, `npm_config_cafile`, …), by variable. */
export function certificateFiles(env: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(env).filter(
      ([name, value]) => /cert|ca_?file|ca_?info/i.test(name) && isAbsolute(value) && existsSync(value),
    ),
  );
}
