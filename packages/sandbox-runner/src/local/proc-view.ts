import { existsSync } from 'node:fs';
import type { Mount } from './bubblewrap.ts';

/**
 * Parts of `/proc` that are settings of the whole machine. Namespaces do not protect them: where the
 * user on the host is root, a process inside still owns their files, and needs no capability to write them.
 */
const MACHINE_SETTINGS = [
  'sys',
  'sysrq-trigger',
  'irq',
  'bus',
  'fs',
  'acpi',
  'scsi',
  'asound',
  'driver',
  'tty',
];

/** Parts of `/proc` that tell of the machine's memory, devices, keys and users; no tool needs them. */
const MACHINE_SECRETS = [
  'cmdline',
  'config.gz',
  'iomem',
  'ioports',
  'kallsyms',
  'kcore',
  'key-users',
  'keys',
  'kmsg',
  'kpagecgroup',
  'kpagecount',
  'kpageflags',
  'latency_stats',
  'mtrr',
  'pagetypeinfo',
  'sched_debug',
  'slabinfo',
  'timer_list',
  'timer_stats',
  'vmallocinfo',
];

/**
 * The first process of the namespace is bubblewrap's own: whoever writes its memory decides when the
 * namespace ends, and whether the host hears of it. Nobody inside needs to see it.
 */
const FIRST_PROCESS = '/proc/1';

/** What covers parts of `/proc` in every sandbox. */
export interface ProcView {
  readonly readOnly: readonly Mount[];
  readonly blanked: readonly string[];
}

/** Looks at the `/proc` of the host once: the one inside has the same parts. */
export function readProcView(emptyFolder: string): ProcView {
  const existing = (names: readonly string[]) =>
    names.map((name) => `/proc/${name}`).filter((path) => existsSync(path));
  return {
    readOnly: [
      { from: emptyFolder, to: FIRST_PROCESS },
      ...existing(MACHINE_SETTINGS).map((path) => ({ from: path, to: path })),
    ],
    blanked: existing(MACHINE_SECRETS),
  };
}
