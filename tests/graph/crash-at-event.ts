import { runSample } from './sample-run.ts';

// crash-at-event.ts FOLDER before|after NUMBER: the process kills itself around its n-th event.
const [folder = '', moment = '', number = ''] = process.argv.slice(2);
let events = 0;

const crash = () => {
  events += 1;
  if (events === Number(number)) process.kill(process.pid, 'SIGKILL');
};

await runSample(folder, moment === 'before' ? { before: crash } : { after: crash });
