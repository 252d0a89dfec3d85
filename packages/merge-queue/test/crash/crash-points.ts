import childProcess, { type ChildProcess, type SpawnOptions } from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';

/**
 * Every moment of this process at which something durable may be half done, in the order they came.
 * The process kills itself at the one that `CRASH_AT` names.
 */
export const points: string[] = [];

const wanted = process.env['CRASH_AT'];
const counts = new Map<string, number>();

/** A moment. `during` is after something was begun and before it has answered. */
export function point(when: 'before' | 'during' | 'after', what: string): void {
  const count = (counts.get(`${when} ${what}`) ?? 0) + 1;
  counts.set(`${when} ${what}`, count);
  points.push(`${when} ${what} ${count}`);
  if (points.at(-1) === wanted) process.kill(process.pid, 'SIGKILL');
}

const spawnOriginal = childProcess.spawn as (
  program: string,
  args: readonly string[],
  options: SpawnOptions,
) => ChildProcess;

/** Stands before the real `spawn`: everything the queue does to git goes through it. */
function spawn(program: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  const command = args.find((arg) => /^[a-z]+(-[a-z]+)*$/.test(arg) && arg !== 'git') ?? program;
  point('before', command);
  const child = spawnOriginal(program, args, options);
  point('during', command);
  if (args.some((arg) => arg.startsWith('--batch') || arg === '--stdin')) watchQuestions(child, command);
  child.once('close', () => point('after', command));
  return child;
}

/** A process that stays: each question and its answer are moments, named after the refs they change. */
function watchQuestions({ stdin, stdout }: ChildProcess, command: string): void {
  if (stdin === null || stdout === null) return;
  const write = stdin.write.bind(stdin) as (chunk: unknown) => boolean;
  let about = command;
  stdin.write = (chunk: unknown) => {
    about = refsIn(String(chunk)) ?? `${command} line`;
    point('before', about);
    const isWritten = write(chunk);
    point('during', about);
    return isWritten;
  };
  stdout.on('data', (answer: Buffer) => {
    if (command !== 'update-ref' || answer.includes('commit: ok')) point('after', about);
  });
}

function refsIn(question: string): string | undefined {
  const refs = [...question.matchAll(/(update|delete) refs\/(\S+?)\0/g)].map(([, verb, ref = '']) => {
    return `${verb} ${ref.replace(/^agentswarm\/queue\/main\//, '')}`;
  });
  return refs.length === 0 ? undefined : refs.join('+');
}

Object.assign(childProcess, { spawn });
syncBuiltinESMExports();
