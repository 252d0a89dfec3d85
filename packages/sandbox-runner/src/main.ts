import { closeSync, openSync, writeSync } from 'node:fs';
import { connect, createServer } from 'node:net';

/**
 * Runs inside a sandbox: passes connections to a loopback port on to a Unix socket. Says `ready` and
 * closes its output once it listens; ends with the sandbox's processes.
 */
const [socketPath = '', port = ''] = process.argv.slice(2);

const server = createServer({ allowHalfOpen: true }, (inside) => {
  const outside = connect({ path: socketPath, allowHalfOpen: true });
  // A broken connection is for the two who talk over it to notice.
  inside.on('error', () => outside.destroy());
  outside.on('error', () => inside.destroy());
  inside.pipe(outside).pipe(inside);
});
server.listen(Number(port), '127.0.0.1', () => {
  writeSync(1, 'ready');
  closeSync(1);
  // Takes the number that became free, so that no connection gets that of the standard output.
  openSync('/dev/null', 'w');
});
