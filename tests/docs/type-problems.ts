import { join } from 'node:path';
import ts from 'typescript';
import { repositoryRoot } from '../../scripts/checks/run-tool.ts';

/** What the compiler, as strict as in this repository, says of some files of a folder. */
export function findTypeProblems(root: string, names: readonly string[]): readonly string[] {
  const config = ts.readConfigFile(join(repositoryRoot, 'tsconfig.base.json'), (path) =>
    ts.sys.readFile(path),
  );
  const { options } = ts.convertCompilerOptionsFromJson(
    (config.config as { readonly compilerOptions: unknown }).compilerOptions,
    repositoryRoot,
  );
  const program = ts.createProgram(
    names.map((name) => join(root, name)),
    { ...options, typeRoots: [join(repositoryRoot, 'node_modules', '@types')] },
  );
  return names.flatMap((name) => {
    const source = program.getSourceFile(join(root, name));
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return found.map(({ messageText }) => `${name}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`);
  });
}
