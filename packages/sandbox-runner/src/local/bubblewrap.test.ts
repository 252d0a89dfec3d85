import { describe, expect, it } from 'vitest';
import { bubblewrapArguments, type BubblewrapRequest } from './bubblewrap.ts';

const request: BubblewrapRequest = {
  view: {
    links: [{ target: 'usr/bin', path: '/bin' }],
    temp: { from: '/srv/root/x/tmp', to: '/tmp' },
    readOnly: [
      { from: '/opt/tool/lib', to: '/opt/tool/lib' },
      { from: '/opt/tool', to: '/opt/tool' },
      { from: '/opt/toolbox', to: '/opt/toolbox' },
      { from: '/elsewhere', to: '/opt/tool/share' },
      { from: '/tmp/build/tool', to: '/tmp/build/tool' },
      { from: '/tmp/program', to: '/tmp/program' },
    ],
    hidden: ['/srv/root'],
    writable: [{ from: '/srv/root/x/repo', to: '/workspace/repo' }],
    readOnlyLast: [{ from: '/layer', to: '/workspace/repo/node_modules' }],
    blanked: ['/usr/etc/npmrc'],
    emptyFile: '/srv/empty',
    scratch: [{ from: '/srv/root/x/scratch/.vite', to: '/workspace/repo/node_modules/.vite' }],
  },
  network: 'none',
  nestingForbidden: true,
  env: { A: '1' },
  cwd: '/workspace/repo',
};

describe('bubblewrapArguments', () => {
  const text = (changes: Partial<BubblewrapRequest> = {}) =>
    bubblewrapArguments({ ...request, ...changes }).join(' ');

  it('always leaves every namespace of the host, all capabilities and the environment behind', () => {
    for (const network of ['none', 'gateway', 'registries', 'open', { allow: ['example.org'] }] as const) {
      for (const option of [
        '--unshare-user',
        '--unshare-pid',
        '--unshare-ipc',
        '--unshare-uts',
        '--unshare-cgroup-try',
        '--cap-drop ALL',
        '--die-with-parent',
        '--new-session',
        '--clearenv',
      ]) {
        expect(text({ network })).toContain(option);
      }
    }
  });

  it('shares the network only when it is open', () => {
    expect(text({ network: 'none' })).toContain('--unshare-net');
    expect(text({ network: 'gateway' })).toContain('--unshare-net');
    expect(text({ network: { allow: ['open'] } })).toContain('--unshare-net');
    expect(text({ network: 'open' })).not.toContain('--unshare-net');
  });

  it('mounts what is visible already only once, in an order in which nothing hides another', () => {
    const order = [
      '--bind /srv/root/x/tmp /tmp',
      '--tmpfs /tmp/build',
      '--ro-bind /opt/tool /opt/tool',
      '--ro-bind /elsewhere /opt/tool/share',
      '--ro-bind /opt/toolbox /opt/toolbox',
      '--ro-bind /tmp/build/tool /tmp/build/tool',
      '--tmpfs /srv/root',
      '--bind /srv/root/x/repo /workspace/repo',
      '--ro-bind /layer /workspace/repo/node_modules',
      '--ro-bind /srv/empty /usr/etc/npmrc',
      '--bind /srv/root/x/scratch/.vite /workspace/repo/node_modules/.vite',
      '--remount-ro /tmp/build',
      '--remount-ro / ',
    ];
    const positions = order.map((part) => text().indexOf(part));
    expect(positions).toEqual(positions.toSorted((a, b) => a - b));
    expect(positions).not.toContain(-1);
    expect(text()).not.toContain('/opt/tool/lib');
  });

  it('binds for writing only what is writable', () => {
    const args = bubblewrapArguments(request);
    const writable = args.flatMap((argument, index) => (argument === '--bind' ? [args[index + 1]] : []));
    expect(writable).toEqual(['/srv/root/x/tmp', '/srv/root/x/repo', '/srv/root/x/scratch/.vite']);
  });

  it('leaves no folder in memory writable', () => {
    const args = bubblewrapArguments(request);
    const following = (option: string) =>
      args.flatMap((argument, index) => (argument === option ? [args[index + 1]] : []));
    expect(following('--remount-ro')).toEqual(expect.arrayContaining([...following('--tmpfs'), '/dev', '/']));
  });
});
