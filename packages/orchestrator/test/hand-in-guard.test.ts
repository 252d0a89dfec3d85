import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BranchNameSchema, CommitShaSchema, type CommitSha } from '@agentswarm/core';
import { openGitSession } from '@agentswarm/git';
import { createMergeQueue } from '@agentswarm/merge-queue';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createHandInGuard } from '../src/index.ts';

let path: string;

const git = (...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=T', '-c', 'user.email=t@example.invalid', ...args], {
    cwd: path,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim();

function commit(files: Record<string, string>): CommitSha {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  git('add', '-A');
  git('commit', '--quiet', '-m', 'files');
  return CommitShaSchema.parse(git('rev-parse', 'HEAD'));
}

beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'hand-in-guard-'));
  git('init', '--quiet', '--initial-branch=main');
});
afterEach(() => rmSync(path, { recursive: true }));

it.each([
  ['a stale copy', { 'a.txt': 'old\n' }, 'silent_revert'],
  ['conflict markers', { 'b.txt': '<<<<<<< ours\n=======\n>>>>>>> theirs\n' }, 'conflict_markers'],
  ['another case', { 'A.txt': '' }, 'unsafe_path'],
  ['work', { 'b.txt': 'b\n' }, undefined],
])('says of %s what the queue says', async (_what, files, reason) => {
  commit({ 'a.txt': 'old\n' });
  const main = commit({ 'a.txt': 'new\n' });
  git('checkout', '--quiet', '-b', 'work');
  const head = commit(files);
  await using session = await openGitSession({ repository: path });
  const findings = await createHandInGuard(session)({ main, head });
  expect(findings.map((finding) => finding.reason)).toEqual(reason === undefined ? [] : [reason]);

  const branch = BranchNameSchema.parse('work');
  await using queue = await createMergeQueue({ repository: path, target: BranchNameSchema.parse('main') });
  queue.enqueue({ ticket: 'work.1', branch, head, priority: 5 });
  await queue.drain();
  await queue.stop();
  const told: unknown[] = [];
  for await (const event of queue.events()) {
    if (event.type === 'branch_refused') told.push({ reason: event.reason, message: event.message });
  }
  expect(told).toEqual(findings.map((finding) => ({ reason: finding.reason, message: finding.message })));
});
