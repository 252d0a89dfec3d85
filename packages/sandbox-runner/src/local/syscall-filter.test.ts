import { describe, expect, it } from 'vitest';
import { syscallFilter } from './syscall-filter.ts';

const AUDIT = { x64: 0xc000003e, arm64: 0xc00000b7 } as const;
type Architecture = keyof typeof AUDIT;
type Call = readonly [number, ...number[]];

/** Runs a filter as the kernel would; gives `allow` or the number of the error. */
function verdict(architecture: Architecture, call: Call, audit: number = AUDIT[architecture]) {
  const program = Buffer.from(syscallFilter(architecture) ?? []);
  const [number, ...args] = call;
  const data = Buffer.alloc(64);
  data.writeUInt32LE(number, 0);
  data.writeUInt32LE(audit, 4);
  for (const [index, value] of args.entries()) data.writeBigUInt64LE(BigInt(value), 16 + index * 8);
  const tests: Readonly<Record<number, (a: number, k: number) => boolean>> = {
    0x15: (a, k) => a === k,
    0x35: (a, k) => a >= k,
    0x45: (a, k) => (a & k) !== 0,
  };
  let accumulator = 0;
  for (let at = 0; at < program.length; at += 8) {
    const code = program.readUInt16LE(at);
    const value = program.readUInt32LE(at + 4);
    if (code === 0x06) return value === 0x7fff0000 ? 'allow' : value & 0xffff;
    if (code === 0x20) accumulator = data.readUInt32LE(value);
    else at += 8 * program.readUInt8(at + (tests[code]?.(accumulator, value) === true ? 2 : 3));
  }
  return 'fell off the end';
}

/** From the kernel's own tables. */
const CALLS: Readonly<Record<string, Readonly<Record<Architecture, number>>>> = {
  read: { x64: 0, arm64: 63 },
  ptrace: { x64: 101, arm64: 117 },
  process_vm_readv: { x64: 310, arm64: 270 },
  process_vm_writev: { x64: 311, arm64: 271 },
  clone: { x64: 56, arm64: 220 },
  ioctl: { x64: 16, arm64: 29 },
  socket: { x64: 41, arm64: 198 },
  keyctl: { x64: 250, arm64: 219 },
  bpf: { x64: 321, arm64: 280 },
  perf_event_open: { x64: 298, arm64: 241 },
  unshare: { x64: 272, arm64: 97 },
  mount: { x64: 165, arm64: 40 },
  io_uring_setup: { x64: 425, arm64: 425 },
  clone3: { x64: 435, arm64: 435 },
};

describe.each(['x64', 'arm64'] as const)('syscallFilter for %s', (architecture) => {
  const ask = (name: string, ...args: number[]) =>
    verdict(architecture, [CALLS[name]?.[architecture] ?? -1, ...args]);

  it.each(['keyctl', 'bpf', 'perf_event_open', 'unshare', 'mount', 'io_uring_setup'])(
    'refuses %s',
    (name) => {
      expect(ask(name)).toBe(1);
    },
  );

  it('lets programs work', () => {
    expect([ask('read'), ask('ptrace')]).toEqual(['allow', 'allow']);
  });

  it('admits threads and processes, and no new namespaces', () => {
    expect(ask('clone', 0x3d0f00)).toBe('allow');
    expect(ask('clone', 17)).toBe('allow');
    expect(ask('clone', 0x10000000 | 17)).toBe(1);
    // Programs then use clone, whose flags can be seen.
    expect(ask('clone3')).toBe(38);
  });

  it('keeps the memory of the first process from the others', () => {
    expect([ask('ptrace', 16, 2), ask('ptrace', 0, 0)]).toEqual(['allow', 'allow']);
    expect([ask('ptrace', 16, 1), ask('process_vm_readv', 1), ask('process_vm_writev', 1)]).toEqual([
      1, 1, 1,
    ]);
    expect(ask('process_vm_writev', 2)).toBe('allow');
  });

  it('admits what asks a terminal, and not what types into it', () => {
    expect(ask('ioctl', 0, 0x5413)).toBe('allow');
    expect(ask('ioctl', 0, 0x5412)).toBe(1);
    // The kernel looks at the lower half only.
    expect(ask('ioctl', 0, 0x1_0000_5412)).toBe(1);
  });

  it('admits sockets of the families that have network namespaces', () => {
    const admitted = Array.from({ length: 46 }, (_, family) => family).filter(
      (family) => ask('socket', family) === 'allow',
    );
    expect(admitted).toEqual([1, 2, 10, 16]);
    expect(ask('socket', 40)).toBe(97);
  });

  it('refuses every call by the numbers of another architecture', () => {
    expect(verdict(architecture, [0], 0x40000003)).toBe(38);
    expect(verdict(architecture, [0x40000000])).toBe(38);
  });
});

describe('syscallFilter', () => {
  it('is unknown for other architectures', () => {
    expect(syscallFilter('ppc64')).toBeUndefined();
  });
});
