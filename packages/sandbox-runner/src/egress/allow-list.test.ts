import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchesPattern, parseAllowList } from './allow-list.ts';
import { parseAuthority, parseDestination } from './destination.ts';

function admits(entries: readonly string[], authority: string): boolean {
  const to = parseAuthority(authority);
  return to !== undefined && parseAllowList(entries).some((pattern) => matchesPattern(pattern, to));
}

describe('a list of allowed hosts', () => {
  it.each([
    ['example.org', 'example.org:443', true],
    ['example.org', 'example.org:80', true],
    ['example.org', 'example.org:8443', false],
    ['example.org', 'www.example.org:443', false],
    ['example.org', 'example.org.evil.example:443', false],
    ['example.org', 'notexample.org:443', false],
    ['example.org', 'EXAMPLE.org.:443', true],
    ['Example.ORG.', 'example.org:443', true],
    ['example.org:8443', 'example.org:8443', true],
    ['example.org:8443', 'example.org:443', false],
    ['*.example.org', 'a.example.org:443', true],
    ['*.example.org', 'a.b.example.org:80', true],
    ['*.example.org', 'example.org:443', false],
    ['*.example.org', 'aexample.org:443', false],
    ['*.example.org', '.example.org:443', false],
    ['*.example.org:81', 'a.example.org:81', true],
    ['*.example.org:81', 'a.example.org:443', false],
    ['bücher.example', 'xn--bcher-kva.example:443', true],
    ['xn--bcher-kva.example', 'BÜCHER.example:443', true],
    ['127.0.0.1', '127.0.0.1:80', true],
    ['127.0.0.1', '127.1:80', true],
    ['127.0.0.1', '127.0.0.2:80', false],
    ['127.0.0.1', 'localhost:80', false],
    ['127.0.0.1', '[::ffff:127.0.0.1]:80', false],
    ['[::1]:3000', '[0:0::1]:3000', true],
    ['[::1]', '[::1]:3000', false],
  ])('%s: %s is admitted: %s', (entry, authority, expected) => {
    expect(admits([entry], authority)).toBe(expected);
  });

  it('admits nothing when it is empty', () => {
    expect(admits([], 'example.org:443')).toBe(false);
  });

  it.each([
    ['', 'is neither'],
    ['*', 'is neither'],
    ['*.', 'is neither'],
    ['*.*.example.org', 'is neither'],
    ['a.*.example.org', 'is neither'],
    ['*example.org', 'is neither'],
    ['https://example.org', 'is neither'],
    ['example.org/x', 'is neither'],
    ['user@example.org', 'is neither'],
    ['exa mple.org', 'is neither'],
    ['example.org:', 'is neither'],
    ['example.org:x', 'is neither'],
    ['example%2eorg', 'is neither'],
    ['::1', 'is neither'],
    ['[::1', 'is neither'],
    ['[example.org]', 'is neither'],
    ['example.org:0', 'has a port that does not exist'],
    ['example.org:65536', 'has a port that does not exist'],
    ['a..example.org', 'is neither'],
    ['.example.org', 'is neither'],
    ['localhost', 'by address'],
    ['x.localhost:80', 'by address'],
    ['127.1', 'is the address 127.0.0.1'],
    ['0x7f000001:80', 'is the address 127.0.0.1'],
    ['*.127.0.0.1', 'below an address'],
    ['*.0.1:80', 'below an address'],
  ])('refuses %j: it %s', (entry, problem) => {
    expect(() => parseAllowList(['example.org', entry])).toThrow(
      expect.objectContaining({
        code: 'SANDBOX_SPEC_INVALID',
        message: expect.stringContaining(problem),
        details: { entry },
      }),
    );
  });

  const label = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);
  const name = fc.array(label, { minLength: 2, maxLength: 4 }).map((labels) => labels.join('.'));
  const port = fc.integer({ min: 1, max: 65_535 });
  const spelled = (text: string) =>
    fc
      .tuple(fc.array(fc.boolean(), { minLength: text.length, maxLength: text.length }), fc.boolean())
      .map(([upper, dot]) => {
        const letters = Array.from(text, (letter, index) => (upper[index] ? letter.toUpperCase() : letter));
        return `${letters.join('')}${dot ? '.' : ''}`;
      });

  it('goes by what is named, however it is spelled', () => {
    const cases = fc
      .tuple(name, port)
      .chain(([host, number]) => fc.tuple(fc.constant(number), spelled(host), spelled(host)));
    fc.assert(
      fc.property(cases, port, ([number, written, asked], other) => {
        expect(admits([`${written}:${number}`], `${asked}:${number}`)).toBe(true);
        expect(admits([`${written}:${number}`], `${asked}:${other}`)).toBe(other === number);
      }),
    );
  });

  it('admits names below a wildcard, and neither itself nor what only ends like it', () => {
    fc.assert(
      fc.property(name, label, (host, first) => {
        expect(admits([`*.${host}`], `${first}.${host}:443`)).toBe(true);
        for (const like of [host, `${first}${host}`, `${host}.${first}`]) {
          expect(admits([`*.${host}`], `${like}:443`)).toBe(false);
        }
      }),
    );
  });

  it('reads any text or refuses it, and never admits more than the text names', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.webAuthority(), fc.ipV6()), (entry) => {
        try {
          const [pattern] = parseAllowList([entry]);
          expect(pattern?.host).toBe(
            parseDestination(`http://${pattern?.host.includes(':') ? `[${pattern.host}]` : pattern?.host}`)
              ?.host,
          );
          expect(matchesPattern(pattern!, { host: 'elsewhere.example', port: 443 })).toBe(false);
        } catch (error) {
          expect(error).toMatchObject({ code: 'SANDBOX_SPEC_INVALID' });
        }
      }),
    );
  });
});
