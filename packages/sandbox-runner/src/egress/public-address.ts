import { BlockList, isIPv6 } from 'node:net';

/** This machine, its networks, and what is no single machine. */
const NOT_PUBLIC_V4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  // Shared by the customers of a carrier; some clouds serve metadata here.
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  // Link-local, the metadata service of clouds among them.
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const;

/** Of these, the ones that carry an IPv4 address inside, which may be any (Teredo, 6to4). */
const TUNNELLED_V6 = [
  ['2001::', 32],
  ['2002::', 16],
] as const;

const notPublic = new BlockList();
for (const [address, bits] of NOT_PUBLIC_V4) notPublic.addSubnet(address, bits, 'ipv4');
for (const [address, bits] of TUNNELLED_V6) notPublic.addSubnet(address, bits, 'ipv6');

/** Everything else in IPv6 is loopback, link-local, private, multicast, or an IPv4 address in disguise. */
const globalV6 = new BlockList();
globalV6.addSubnet('2000::', 3, 'ipv6');

/** Whether an address (of either family) is one of the open internet, as far as its number says. */
export function isPublicAddress(address: string): boolean {
  // With a zone (`fe80::1%eth0`) it belongs to one network interface.
  if (address.includes('%')) return false;
  if (!isIPv6(address)) return !notPublic.check(address, 'ipv4');
  return globalV6.check(address, 'ipv6') && !notPublic.check(address, 'ipv6');
}
