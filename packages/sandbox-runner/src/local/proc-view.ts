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

/** What covers parts of `/proc` in every sandbox. */
export interface ProcView {
  readonly readOnly: readonly Mount[];
  readonly blanked: readonly string[];
}

/** Looks at the `/proc` of the host once: the one inside has the same parts. */
export function readProcView(): ProcView {
  const existing = (names: readonly string[]) =>
    names.map((name) => `/proc/${name}`).filter((path) => existsSync(path));
  return {
    readOnly: existing(MACHINE_SETTINGS).map((path) => ({ from: path, to: path })),
    blanked: existing(MACHINE_SECRETS),
  };
}
