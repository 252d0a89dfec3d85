import { existsSync, lstatSync, readlinkSync, realpathSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Mount } from './bubblewrap.ts';

const ROOT_FOLDERS = ['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32', '/libexec'];

/** Configuration that programs need and that holds nothing personal. */
const ETC_ENTRIES = [
  'alternatives',
  'ca-certificates',
  'fonts',
  'ld.so.cache',
  'ld.so.conf',
  'ld.so.conf.d',
  'localtime',
  'mime.types',
  'pki/ca-trust',
  'pki/tls/certs',
  'protocols',
  'services',
  'ssl/certs',
  'ssl/openssl.cnf',
];

/** Only when the sandbox may use the network of the host. */
const NETWORK_ENTRIES = ['hosts', 'resolv.conf'];

/** Where package managers keep tokens for all users of a machine. */
const SYSTEM_SECRETS = [
  '/usr/etc/npmrc',
  '/usr/local/etc/npmrc',
  '/usr/etc/gitconfig',
  '/usr/local/etc/gitconfig',
];

const GENERATED: Readonly<Record<string, string>> = {
  passwd:
    'root:x:0:0:root:/nonexistent:/usr/sbin/nologin\nagent:x:1000:1000:agent:/workspace/home:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n',
  group: 'root:x:0:\nagent:x:1000:\nnogroup:x:65534:\n',
  'nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\n',
  hosts: '127.0.0.1 localhost sandbox\n::1 localhost\n',
};

/** The part of the operating system that every sandbox sees. */
export interface SystemView {
  readonly readOnly: readonly Mount[];
  readonly links: readonly { readonly target: string; readonly path: string }[];
  readonly blanked: readonly string[];
}

/** Writes the few generated files of `/etc` into a folder. */
export async function writeGeneratedEtc(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(emptyFileIn(folder), '');
  await mkdir(emptyFolderIn(folder), { recursive: true });
  for (const [name, text] of Object.entries(GENERATED)) {
    await writeFile(join(folder, name), text);
  }
}

/** A file that {@link writeGeneratedEtc} leaves empty. */
export function emptyFileIn(etcFolder: string): string {
  return join(etcFolder, 'empty');
}

/** A folder that {@link writeGeneratedEtc} leaves empty. */
export function emptyFolderIn(etcFolder: string): string {
  return join(etcFolder, 'nothing');
}

/** Looks at the host once; `etcFolder` is the one of {@link writeGeneratedEtc}. */
export function readSystemView(etcFolder: string, network: 'open' | 'closed'): SystemView {
  const readOnly: Mount[] = [{ from: '/usr', to: '/usr' }];
  const links: { target: string; path: string }[] = [];
  for (const path of ROOT_FOLDERS.filter((folder) => existsSync(folder))) {
    if (lstatSync(path).isSymbolicLink()) links.push({ target: readlinkSync(path), path });
    else readOnly.push({ from: path, to: path });
  }
  const fromHost = network === 'open' ? [...ETC_ENTRIES, ...NETWORK_ENTRIES] : ETC_ENTRIES;
  for (const path of fromHost.map((name) => `/etc/${name}`).filter((entry) => existsSync(entry))) {
    readOnly.push({ from: realpathSync(path), to: path });
  }
  for (const name of Object.keys(GENERATED)) {
    if (network === 'open' && NETWORK_ENTRIES.includes(name) && existsSync(`/etc/${name}`)) continue;
    readOnly.push({ from: join(etcFolder, name), to: `/etc/${name}` });
  }
  return { readOnly, links, blanked: SYSTEM_SECRETS.filter((path) => existsSync(path)) };
}
