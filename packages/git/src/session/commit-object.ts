import type { CommitSha } from '@agentswarm/core';
import type { Identity } from '../commit-tree.ts';
import { parseSha } from '../refs.ts';
import type { CommitObject } from './git-session.ts';

export interface CommitParts {
  readonly tree: CommitSha;
  readonly parents: readonly CommitSha[];
  readonly message: string;
  readonly author: Identity & { readonly date?: string };
  readonly committer: Identity;
  readonly dateMs: number;
}

/** The bytes of a commit, as `git commit-tree` would write them. */
export function encodeCommit({ tree, parents, message, author, committer, dateMs }: CommitParts): Buffer {
  const date = `${Math.floor(dateMs / 1000)} +0000`;
  const lines = [
    `tree ${tree}`,
    ...parents.map((parent) => `parent ${parent}`),
    `author ${person(author)} ${author.date ?? date}`,
    `committer ${person(committer)} ${date}`,
    '',
    message.endsWith('\n') || message === '' ? message : `${message}\n`,
  ];
  return Buffer.from(lines.join('\n'));
}

/** Reads a commit as stored. Text in another encoding than UTF-8 is read as far as it goes. */
export function decodeCommit(content: Buffer): CommitObject {
  const text = content.toString('utf8');
  const end = text.indexOf('\n\n');
  const headers = (end === -1 ? text : text.slice(0, end)).split('\n');
  const values = (name: string) =>
    headers.flatMap((line) => (line.startsWith(`${name} `) ? [line.slice(name.length + 1)] : []));
  const [, name = '', email = '', date = ''] =
    /^(.*?) ?<([^>]*)> (.*)$/.exec(values('author')[0] ?? '') ?? [];
  return {
    tree: parseSha(values('tree')[0] ?? ''),
    parents: values('parent').map(parseSha),
    author: { name, email, date },
    message: end === -1 ? '' : text.slice(end + 2),
  };
}

/** Git leaves out what would break the line of a person. */
function person({ name, email }: Identity): string {
  const clean = (text: string) => text.replaceAll(/[\n\0<>]/g, '').trim();
  return `${clean(name)} <${clean(email)}>`;
}
