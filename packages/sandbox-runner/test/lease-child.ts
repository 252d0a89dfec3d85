import { leasePorts } from '../src/network/port-leases.ts';

// node lease-child.ts FOLDER COUNT: leases ranges, prints their first ports, and holds them until its
// standard input ends; then it releases them, or with a last argument dies holding them.
const [folder = '', count = '1', dies] = process.argv.slice(2);
const leases = await Promise.all(
  Array.from({ length: Number(count) }, () => leasePorts(folder, { ranges: 40 })),
);
process.stdout.write(`${leases.map(({ range }) => range.first).join(' ')}\n`);
process.stdin.resume().once('end', () => {
  if (dies !== undefined) process.exit(0);
  void Promise.all(leases.map((lease) => lease[Symbol.asyncDispose]()));
});
