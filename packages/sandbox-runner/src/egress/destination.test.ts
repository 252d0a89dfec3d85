import { describe, expect, it } from 'vitest';
import { isLoopback, nameOf, parseAuthority, parseDestination } from './destination.ts';

describe('parseDestination', () => {
  it.each([
    ['https://Crates.Example/npm/', 'crates.example:443'],
    ['http://crates.example', 'crates.example:80'],
    ['https://crates.example.:8443/x?y', 'crates.example:8443'],
    ['http://[::1]:4873', '[::1]:4873'],
    ['https://name:word@crates.example', 'crates.example:443'],
    ['http://2130706433:80/', '127.0.0.1:80'],
    ['https://BÜCHER.example', 'xn--bcher-kva.example:443'],
  ])('reads %s', (url, name) => {
    const found = parseDestination(url);
    expect(found && nameOf(found)).toBe(name);
  });

  it.each(['ftp://crates.example', 'crates.example', '', 'https://', 'file:///x'])('refuses %j', (url) => {
    expect(parseDestination(url)).toBeUndefined();
  });
});

describe('parseAuthority', () => {
  it.each([
    ['crates.example:443', 'crates.example:443'],
    ['[::FFFF:127.0.0.1]:80', '[::ffff:7f00:1]:80'],
    ['0x7f.1:80', '127.0.0.1:80'],
  ])('reads %s', (text, name) => {
    const found = parseAuthority(text);
    expect(found && nameOf(found)).toBe(name);
  });

  it.each([
    'crates.example',
    'crates.example:',
    'name@crates.example:443',
    'crates.example:443/../x',
    'crates.example:443?x',
    'crates.example#:443',
    'crates.example:65536',
    'a b:443',
    ':443',
    'x\\y:443',
    'https://crates.example:443',
  ])('refuses %j', (text) => {
    expect(parseAuthority(text)).toBeUndefined();
  });
});

it.each([
  ['localhost', true],
  ['127.8.9.1', true],
  ['::1', true],
  ['127.example', false],
  ['10.0.0.1', false],
])('isLoopback(%s) is %s', (host, expected) => {
  expect(isLoopback(host)).toBe(expected);
});
