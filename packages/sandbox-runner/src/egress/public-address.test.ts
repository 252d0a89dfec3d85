import { networkInterfaces } from 'node:os';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isPublicAddress } from './public-address.ts';

const byte = fc.nat(255);

describe('isPublicAddress', () => {
  it.each(['1.1.1.1', '8.8.8.8', '11.0.0.1', '100.63.0.1', '172.32.0.1', '192.0.1.1', '2606:4700::1111'])(
    'is true of %s',
    (address) => expect(isPublicAddress(address)).toBe(true),
  );

  it.each([
    '0.0.0.0',
    '127.0.0.1',
    '10.1.2.3',
    '100.100.100.200',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::127.0.0.1',
    '::ffff:127.0.0.1',
    '::ffff:a9fe:a9fe',
    '::ffff:8.8.8.8',
    '64:ff9b::7f00:1',
    'fd00:ec2::254',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'ff02::1',
    '2001:0:7f00:1::',
    '2002:7f00:1::',
  ])('is false of %s', (address) => expect(isPublicAddress(address)).toBe(false));

  it('is false of every way to write a loopback or private address in IPv6', () => {
    const v4 = fc.oneof(
      fc.tuple(fc.constantFrom(10, 127), byte, byte, byte),
      fc.tuple(fc.constant(192), fc.constant(168), byte, byte),
    );
    fc.assert(
      fc.property(v4, ([a, b, c, d]) => {
        const hex = `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
        const written = [`::ffff:${hex}`, `::${hex}`, `64:ff9b::${hex}`, `2002:${hex}::`, `2001:0:${hex}::1`];
        expect([`${a}.${b}.${c}.${d}`, ...written].filter(isPublicAddress)).toEqual([]);
      }),
    );
  });

  it('is false of the loopback addresses of this machine', () => {
    const own = Object.values(networkInterfaces()).flatMap((found) => found ?? []);
    expect(own.filter((each) => each.internal && isPublicAddress(each.address))).toEqual([]);
  });
});
