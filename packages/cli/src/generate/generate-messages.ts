import { readFile } from 'node:fs/promises';
import type { ChatMessage } from '@agentswarm/llm-client';
import { generatePromptFile } from '../assets.ts';
import { languageOf } from './language-of.ts';

/** What a file is written from. */
export interface GenerateRequest {
  /** Path of the file, as typed. */
  readonly named: string;
  readonly prompt: string;
  /** Files given along, one after the other; empty when there are none. */
  readonly context: string;
}

/** The conversation that asks for a file's content. */
export async function generateMessages(request: GenerateRequest): Promise<ChatMessage[]> {
  const { named, prompt, context } = request;
  const language = languageOf(named);
  const parts = [
    [`File: ${named}`, ...(language === undefined ? [] : [`Language: ${language}`])].join('\n'),
    ...(context === '' ? [] : [`Files for context:\n\n${context}`]),
    `Request:\n${prompt}`,
  ];
  return [
    { role: 'system', content: await readFile(generatePromptFile(), 'utf8') },
    { role: 'user', content: parts.join('\n\n') },
  ];
}
