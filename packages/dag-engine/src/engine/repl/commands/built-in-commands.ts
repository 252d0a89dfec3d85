import type { Command } from '../command.ts';
import { applyPatchCommand } from './apply-patch-command.ts';
import { attachCommand } from './attach-command.ts';
import { diffCommand } from './diff-command.ts';
import { editLastCommand } from './edit-last-command.ts';
import { helpCommand } from './help-command.ts';
import { historyCommand } from './history-command.ts';
import { modeCommand } from './mode-command.ts';
import { openCommand } from './open-command.ts';
import { queueCommand, queueStatusCommand, runQueueCommand } from './queue-commands.ts';
import { quitCommand } from './quit-command.ts';
import { retryCommand } from './retry-command.ts';

export const BUILT_IN_COMMANDS: readonly Command[] = [
  helpCommand,
  modeCommand,
  attachCommand,
  historyCommand,
  retryCommand,
  editLastCommand,
  openCommand,
  diffCommand,
  applyPatchCommand,
  quitCommand,
  queueCommand,
  runQueueCommand,
  queueStatusCommand,
];
