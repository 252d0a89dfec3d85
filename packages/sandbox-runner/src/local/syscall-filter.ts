/** System calls by number; every architecture has its own numbers for the older ones. */
interface Numbers {
  readonly audit: number;
  readonly clone: number;
  readonly ioctl: number;
  readonly socket: number;
  /** Take the number of a process: ptrace as second argument, the others as first. */
  readonly ptrace: number;
  readonly processMemory: readonly number[];
  readonly refused: readonly number[];
}

/**
 * Introduced with the same number everywhere: mounting by new calls, rings (which could make any socket),
 * taking open files from another process (pidfd_getfd).
 */
const REFUSED_EVERYWHERE = [425, 426, 427, 428, 429, 430, 431, 432, 433, 438, 442, 467];
const CLONE3 = 435;

/**
 * Refused: key rings (add_key, request_key, keyctl), since those of the user on the host are in reach;
 * bpf, perf_event_open, userfaultfd, syslog, open_by_handle_at; mount, umount, pivot_root; unshare, setns.
 */
const NUMBERS: Readonly<Partial<Record<NodeJS.Architecture, Numbers>>> = {
  x64: {
    audit: 0xc000003e,
    clone: 56,
    ioctl: 16,
    socket: 41,
    ptrace: 101,
    processMemory: [310, 311],
    refused: [248, 249, 250, 321, 298, 323, 103, 304, 165, 166, 155, 272, 308],
  },
  arm64: {
    audit: 0xc00000b7,
    clone: 220,
    ioctl: 29,
    socket: 198,
    ptrace: 117,
    processMemory: [270, 271],
    refused: [217, 218, 219, 280, 241, 282, 116, 265, 40, 39, 41, 97, 268],
  },
};

/** Unix, IPv4, IPv6, netlink. The others, as that of virtual machines, know no network namespaces. */
const SOCKET_FAMILIES = [1, 2, 10, 16];
/** Typing into a terminal, and talking to the console of the machine. */
const TERMINAL_REQUESTS = [0x5412, 0x541c];
/** All kinds of new namespaces that `clone` can make. */
const NAMESPACE_FLAGS = 0x7e020000;
/** Of bubblewrap, whose memory is not for commands. */
const FIRST_PROCESS = 1;
/** Where the second set of numbers of x64 begins. */
const X32_BIT = 0x40000000;

const LOAD = 0x20;
const IF_EQUAL = 0x15;
const IF_AT_LEAST = 0x35;
const IF_ANY_BIT = 0x45;
const RETURN = 0x06;
const ALLOW = 0x7fff0000;
const refusal = (errno: number): number => 0x00050000 | errno;
const EPERM = 1;
const ENOSYS = 38;
const EAFNOSUPPORT = 97;

/** Positions in what the kernel tells of a call; arguments are 64 bits wide, their lower half first. */
const CALL_NUMBER = 0;
const CALL_ARCHITECTURE = 4;
const FIRST_ARGUMENT = 16;
const SECOND_ARGUMENT = 24;

/** One step: code, value, and how many steps to skip when its condition holds, and when it does not. */
type Step = readonly [code: number, value: number, whenTrue?: number, whenFalse?: number];

/**
 * Builds the filter (a classic BPF program) of what commands may ask of the kernel: everything but the
 * calls that namespaces do not confine. Undefined for an architecture that it does not know.
 */
export function syscallFilter(architecture: NodeJS.Architecture): Uint8Array | undefined {
  const numbers = NUMBERS[architecture];
  return numbers === undefined ? undefined : assemble(stepsOf(numbers));
}

function stepsOf(numbers: Numbers): Step[] {
  const { audit, clone, ioctl, socket, ptrace, processMemory, refused } = numbers;
  const notOfTheFirst = [...refuse([FIRST_PROCESS], EPERM), [RETURN, ALLOW] as const];
  return [
    [LOAD, CALL_ARCHITECTURE],
    [IF_EQUAL, audit, 1, 0],
    [RETURN, refusal(ENOSYS)],
    [LOAD, CALL_NUMBER],
    [IF_AT_LEAST, X32_BIT, 0, 1],
    [RETURN, refusal(ENOSYS)],
    ...refuse([CLONE3], ENOSYS),
    ...refuse([...refused, ...REFUSED_EVERYWHERE], EPERM),
    ...whenCalled(clone, [
      [LOAD, FIRST_ARGUMENT],
      [IF_ANY_BIT, NAMESPACE_FLAGS, 0, 1],
      [RETURN, refusal(EPERM)],
      [RETURN, ALLOW],
    ]),
    ...whenCalled(ptrace, [[LOAD, SECOND_ARGUMENT], ...notOfTheFirst]),
    ...processMemory.flatMap((call) => whenCalled(call, [[LOAD, FIRST_ARGUMENT], ...notOfTheFirst])),
    ...whenCalled(ioctl, [[LOAD, SECOND_ARGUMENT], ...refuse(TERMINAL_REQUESTS, EPERM), [RETURN, ALLOW]]),
    ...whenCalled(socket, [
      [LOAD, FIRST_ARGUMENT],
      ...SOCKET_FAMILIES.flatMap((family): Step[] => [
        [IF_EQUAL, family, 0, 1],
        [RETURN, ALLOW],
      ]),
      [RETURN, refusal(EAFNOSUPPORT)],
    ]),
    [RETURN, ALLOW],
  ];
}

function refuse(values: readonly number[], errno: number): Step[] {
  return values.flatMap((value): Step[] => [
    [IF_EQUAL, value, 0, 1],
    [RETURN, refusal(errno)],
  ]);
}

function whenCalled(call: number, steps: readonly Step[]): Step[] {
  return [[IF_EQUAL, call, 0, steps.length], ...steps];
}

function assemble(steps: readonly Step[]): Uint8Array {
  const program = Buffer.alloc(steps.length * 8);
  for (const [index, [code, value, whenTrue = 0, whenFalse = 0]] of steps.entries()) {
    program.writeUInt16LE(code, index * 8);
    program.writeUInt8(whenTrue, index * 8 + 2);
    program.writeUInt8(whenFalse, index * 8 + 3);
    program.writeUInt32LE(value, index * 8 + 4);
  }
  return program;
}
