import { existsSync } from 'node:fs';
import { constants, copyFile, mkdir, readdir } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { engineTemplateDirectory } from '../assets.ts';
import { commandIn } from '../command-name.ts';
import { print, type CliContext } from '../context.ts';
import { CliError } from '../errors.ts';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import { formatList } from '../view/format.ts';

/** `agentswarm engine init DIR`: writes a workflow to begin with; all of its files or none. */
export async function initEngine(context: CliContext, dir: string): Promise<ExitCode> {
  const [template, directory] = [engineTemplateDirectory(), resolve(context.directory, dir)];
  const entries = await readdir(template, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(template, join(entry.parentPath, entry.name)))
    .toSorted();
  const taken = files.filter((file) => existsSync(join(directory, file)));
  if (taken.length > 0) {
    throw new CliError('CLI_FILES_EXIST', `${directory} already has ${formatList(taken)}`, {
      details: { directory, files: taken },
    });
  }
  for (const file of files) {
    await mkdir(dirname(join(directory, file)), { recursive: true });
    await copyFile(join(template, file), join(directory, file), constants.COPYFILE_EXCL);
  }
  const command = commandIn(context.directory);
  print(context, [
    ...files.map((file) => `written  ${join(dir, file)}`),
    '',
    'Next:',
    `  ${command} engine validate ${join(dir, 'config')}`,
    `  cp ${join(dir, '.env.template')} ${join(dir, '.env')}   then fill in where the model is`,
    `  ${command} engine run ${join(dir, 'config')} --input '"What is here?"'`,
  ]);
  return EXIT_CODES.goalMet;
}
