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

/** Networks of organisations. */
const PRIVATE_V4 = [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const;

/** Metadata services of clouds that are within the private networks. */
const METADATA = ['100.100.100.200', 'fd00:ec2::254'];

const notPublic = new BlockList();
for (const [address, bits] of NOT_PUBLIC_V4) notPublic.addSubnet(address, bits, 'ipv4');
for (const [address, bits] of TUNNELLED_V6) notPublic.addSubnet(address, bits, 'ipv6');

/** Everything else in IPv6 is loopback, link-local, private, multicast, or an IPv4 address in disguise. */
const globalV6 = new BlockList();
globalV6.addSubnet('2000::', 3, 'ipv6');

const privateV4 = new BlockList();
for (const [address, bits] of PRIVATE_V4) privateV4.addSubnet(address, bits, 'ipv4');
const privateV6 = new BlockList();
privateV6.addSubnet('fc00::', 7, 'ipv6');
const metadata = new BlockList();
for (const address of METADATA) metadata.addAddress(address, isIPv6(address) ? 'ipv6' : 'ipv4');

/** Whether an address is in a network of an organisation, where its own services are: never this machine itself. */
export function isPrivateAddress(address: string): boolean {
  if (address.includes('%')) return false;
  const family = isIPv6(address) ? 'ipv6' : 'ipv4';
  if (metadata.check(address, family)) return false;
  return (family === 'ipv6' ? privateV6 : privateV4).check(address, family);
}

/** Whether an address (of either family) is one of the open internet, as far as its number says. */
export function isPublicAddress(address: string): boolean {
  // With a zone (`fe80::1%eth0`) it belongs to one network interface.
  if (address.includes('%')) return false;
  if (!isIPv6(address)) return !notPublic.check(address, 'ipv4');
  return globalV6.check(address, 'ipv6') && !notPublic.check(address, 'ipv6');
}
