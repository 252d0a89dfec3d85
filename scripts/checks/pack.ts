import { join } from 'node:path';
import { runTool } from './run-tool.ts';

/** Packs the package in `folder` as npm would publish it and returns the tarball's path. */
export async function packPackage(folder: string, destination: string): Promise<string> {
  const command = ['npm', 'pack', '--json', '--ignore-scripts', '--pack-destination', destination];
  const { exitCode, stdout, output } = await runTool(command, { cwd: folder });
  if (exitCode !== 0) throw new Error(`npm pack failed in ${folder}:\n${output}`);
  const [packed] = JSON.parse(stdout) as { filename: string }[];
  if (packed === undefined) throw new Error(`npm pack wrote nothing for ${folder}`);
  return join(destination, packed.filename);
}
