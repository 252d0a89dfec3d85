import { needsRoot, node, perl, type Attempt } from './attempt.ts';
import { declareAttempts } from './declare-attempts.ts';
import { hasIpv6 } from './host.ts';

const UNREACHABLE = /ENETUNREACH|EADDRNOTAVAIL|EHOSTUNREACH|ECONNREFUSED|EINVAL/;
const NO_NAMES = /EAI_AGAIN|ENOTFOUND|ECONNREFUSED/;
const NOBODY = 'whether somebody answers there depends on the network of the machine';

/** Connects and succeeds when something answers. */
const connect = (options: string) =>
  node(`const socket = require('node:net').connect(${options});
socket.on('data', (data) => { console.log(String(data)); process.exit(/canary|HTTP/.test(data) ? 0 : 4); });
socket.on('error', (error) => { console.log(error.code); process.exit(3); });
socket.on('end', () => process.exit(5));
setTimeout(() => { console.log('silence'); process.exit(6); }, 3000);`);

/** Sends a packet and succeeds when one comes back. */
const send = (port: number, address: string) =>
  node(`const socket = require('node:dgram').createSocket('udp4');
socket.on('message', () => process.exit(0));
socket.on('error', (error) => { console.log(error.code); process.exit(3); });
socket.send(Buffer.from('000001000001000000000000076578616d706c65036f72670000010001', 'hex'), ${port}, '${address}', (error) => {
  if (error) { console.log(error.code); process.exit(3); }
});
setTimeout(() => { console.log('silence'); process.exit(6); }, 1500);`);

const family = (title: string, number: number, type: number, protocol = 0): Attempt => ({
  title,
  needs: ['perl'],
  script: () => perl(`exit(socket(my $s, ${number}, ${type}, ${protocol}) ? 0 : (print("$!\\n"), 3)[1]);`),
});

const noAddress = (host: { readonly address: string | undefined }) =>
  host.address === undefined ? 'this machine is in no network' : undefined;

declareAttempts('services of the host', [
  {
    title: 'reach a loopback service',
    script: ({ host }) => connect(`{ host: '127.0.0.1', port: ${host.tcpPort} }`),
  },
  {
    title: 'reach a loopback service by another loopback address',
    script: ({ host }) => connect(`{ host: '127.9.8.7', port: ${host.tcpPort} }`),
    cannotSucceed: () => (process.platform === 'linux' ? undefined : 'only Linux has them all'),
  },
  {
    title: 'reach a loopback service over IPv6',
    script: ({ host }) => connect(`{ host: '::1', port: ${host.tcpPort} }`),
    cannotSucceed: () => (hasIpv6() ? undefined : 'this machine has no IPv6'),
  },
  {
    title: 'reach a loopback service with a shell alone',
    script: ({ host }) => `exec 3<>/dev/tcp/127.0.0.1/${host.tcpPort} && head -c 5 <&3`,
  },
  { title: 'reach a loopback service by UDP', script: ({ host }) => send(host.udpPort, '127.0.0.1') },
  {
    title: 'reach a service by the address of the machine',
    script: ({ host }) => connect(`{ host: '${host.address}', port: ${host.tcpPort} }`),
    cannotSucceed: noAddress,
  },
  {
    title: 'see the network of the machine',
    script: () =>
      node(`const all = Object.values(require('node:os').networkInterfaces()).flat();
process.exit(all.some((address) => !address.internal) ? 0 : 3);`),
    cannotSucceed: noAddress,
  },
  {
    title: 'reach an abstract socket',
    script: ({ host }) => connect(`{ path: '\\0${host.abstractSocket}' }`),
    cannotSucceed: () => (process.platform === 'linux' ? undefined : 'only Linux has them'),
  },
  ...[
    ['docker', 0],
    ['D-Bus', 1],
    ['Wayland', 2],
    ['gpg-agent', 3],
    ['ssh-agent', 4],
    ['X11', 5],
  ].map(([title, index]): Attempt => ({
    title: `reach a socket like that of ${title}`,
    script: ({ host }) => connect(`{ path: '${host.sockets[Number(index)] ?? '/nowhere'}' }`),
    cannotSucceed: (host) =>
      host.sockets[Number(index)] === undefined ? 'no folder for it can be made here' : undefined,
  })),
  {
    title: 'find any socket of the host',
    script: () => 'find /run /var/run /tmp /root /home /var/lib -type s 2>/dev/null | grep -q .',
  },
  {
    title: 'find the sockets that the environment of the user names',
    script: () =>
      '[ -n "$SSH_AUTH_SOCK$DBUS_SESSION_BUS_ADDRESS$DISPLAY$WAYLAND_DISPLAY$XAUTHORITY$DOCKER_HOST$GPG_AGENT_INFO$XDG_RUNTIME_DIR" ]',
    onlyInside: 'the environment is not passed on without isolation either',
    refusal: /^$/,
  },
  {
    title: 'see the sockets of the host',
    script: ({ host }) => `grep -F ${host.abstractSocket} /proc/net/unix`,
  },
]);

declareAttempts(
  'the network around',
  [
    {
      title: 'ask a name server',
      script: () => send(53, '8.8.8.8'),
      onlyInside: NOBODY,
      refusal: UNREACHABLE,
    },
    {
      title: 'find out the address of a name',
      script: () =>
        node(
          `require('node:dns').lookup('example.org', (error) => { console.log(error?.code); process.exit(error ? 3 : 0); });`,
        ),
      onlyInside: NOBODY,
      refusal: NO_NAMES,
    },
    {
      title: 'reach the metadata service of a cloud',
      script: () => connect(`{ host: '169.254.169.254', port: 80 }`),
      onlyInside: NOBODY,
      refusal: UNREACHABLE,
    },
    {
      title: 'reach the metadata service of a cloud over IPv6',
      script: () => connect(`{ host: 'fd00:ec2::254', port: 80 }`),
      onlyInside: NOBODY,
      refusal: UNREACHABLE,
    },
    {
      title: 'reach a neighbour by a link-local address',
      script: () => connect(`{ host: 'fe80::1%lo', port: 80 }`),
      onlyInside: NOBODY,
      refusal: UNREACHABLE,
    },
    {
      title: 'reach an address of the internet',
      script: () => connect(`{ host: '1.1.1.1', port: 443 }`),
      onlyInside: NOBODY,
      refusal: UNREACHABLE,
    },
    {
      title: 'announce itself to everybody',
      script: () =>
        node(`const socket = require('node:dgram').createSocket('udp4');
socket.bind(() => { socket.setBroadcast(true); socket.send('x', 5353, '224.0.0.251', (error) => { console.log(error?.code); process.exit(error ? 3 : 0); }); });`),
      onlyInside: NOBODY,
      refusal: UNREACHABLE,
    },
    { ...family('listen to the packets of a network', 17, 3), cannotSucceed: needsRoot },
    { ...family('make packets of its own', 2, 3, 1), cannotSucceed: needsRoot },
    family('make a socket to the machine around a virtual machine', 40, 1),
    family('make a socket to the ciphers of the kernel', 38, 5),
    family('make a socket of a rarely used kind', 21, 5),
  ].map((attempt) => ({
    ...attempt,
    // A kernel without the family refuses it to everybody.
    ...(/make a socket/.test(attempt.title) && {
      onlyInside: 'not every kernel has it',
      refusal: /not supported/,
    }),
  })),
);
