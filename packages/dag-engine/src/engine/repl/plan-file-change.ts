import { applyPatch, createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff';
import { artifactOfFile } from './artifact-of-file.ts';
import type { CommandContext } from './command.ts';
import type { WorkspaceFile } from './read-workspace-file.ts';

/** What would become of a file. */
export type FileChange =
  | { readonly kind: 'change'; readonly text: string; readonly patch: string }
  | { readonly kind: 'misfit'; readonly reason: string };

type PlanContext = Pick<CommandContext, 'engine' | 'history' | 'sessionId' | 'workspaceRoot'>;

/** The change that the session's newest artifact about a file means; undefined when there is none. */
export function planFileChange(
  { engine, history, sessionId, workspaceRoot }: PlanContext,
  file: WorkspaceFile,
): FileChange | undefined {
  const taskIds = history.flatMap(({ session_id, engine_run_metadata }) => {
    const id = engine_run_metadata?.['task_id'];
    return session_id === sessionId && typeof id === 'string' ? [id] : [];
  });
  const artifacts = [...new Set(taskIds)].flatMap((id) => engine.artifactsOfTask(id));
  const artifact = artifactOfFile(artifacts, { place: file, workspaceRoot });
  if (artifact === undefined) return undefined;
  if (artifact.kind === 'content') return changeTo(file, artifact.content);
  const text = applyPatch(file.text, artifact.patch);
  if (text === false) return { kind: 'misfit', reason: `the patch does not fit ${file.name} as it is` };
  return changeTo(file, text);
}

function changeTo({ name, text: before }: WorkspaceFile, text: string): FileChange {
  const patch = createTwoFilesPatch(name, `${name} (artifact)`, before, text, '', '', {
    headerOptions: FILE_HEADERS_ONLY,
  });
  return { kind: 'change', text, patch };
}
