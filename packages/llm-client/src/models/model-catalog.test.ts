import { describe, expect, it } from 'vitest';
import { createModelCatalog } from './model-catalog.ts';
import type { ModelEntry } from './model-entry.ts';
import { parseModelFile } from './parse-model-file.ts';

const entry = (model: string | string[], contextWindow: number): ModelEntry => ({
  model,
  contextWindow,
  toolCalls: 'none',
  thinking: { mode: 'none' },
  source: 'test',
});

describe('createModelCatalog', () => {
  const catalog = createModelCatalog();

  it.each([
    ['glm-5', 202_752, 'native'],
    ['zai-org/GLM-5-FP8', 202_752, 'native'],
    ['hf.co/unsloth/GLM-4.7-Flash-GGUF:Q4_K_M', 200_000, 'native'],
    ['GLM-4.5-Air', 131_072, 'native'],
    ['Qwen/Qwen3-32B-AWQ', 40_960, 'native'],
    ['qwen3:latest', 40_960, 'native'],
    ['qwen3:32b', 40_960, 'native'],
    ['Qwen/Qwen3-30B-A3B-Instruct-2507-FP8', 262_144, 'native'],
    ['Qwen/Qwen3-Coder-Next', 262_144, 'native'],
    ['Qwen/Qwen2.5-Coder-7B-Instruct', 32_768, 'text'],
    ['meta-llama/Llama-3.3-70B-Instruct', 131_072, 'native'],
    ['openai/gpt-oss-120b', 131_072, 'native'],
    ['gpt-4o-2024-08-06', 128_000, 'native'],
    ['gpt-4o-2024-05-13', undefined, undefined],
    ['gpt-4.1-mini', 1_047_576, 'native'],
    ['glm-5.2', undefined, undefined],
    ['', undefined, undefined],
  ])('%s has a window of %s', (model, contextWindow, toolCalls) => {
    const found = catalog.find(model);
    expect([found?.contextWindow, found?.toolCalls]).toEqual([contextWindow, toolCalls]);
  });

  it('tells how to stop a model from thinking', () => {
    const thinking = catalog.find('glm-5')?.thinking;
    expect(thinking).toMatchObject({
      mode: 'switchable',
      off: { body: { chat_template_kwargs: { enable_thinking: false } } },
    });
  });

  it('names a price only together with where it is from', () => {
    for (const { price, source } of catalog.entries)
      if (price !== undefined) expect(source).toContain('pricing');
  });

  it('prefers the caller’s entries, exact names, long patterns and what comes first', () => {
    const own = createModelCatalog([
      entry('*', 1),
      entry('my-*', 2),
      entry(['my-model', 'MY-other'], 3),
      entry('my-model', 4),
      entry('org/my-model', 5),
    ]);
    const windows = ['gpt-4o', 'my-x', 'x/My-Model-FP8', 'my-OTHER', 'org/my-model'].map(
      (model) => own.find(model)?.contextWindow,
    );
    expect(windows).toEqual([1, 2, 3, 3, 5]);
  });

  it('takes characters of a pattern literally', () => {
    const own = createModelCatalog([entry('a.b(*', 7)]);
    expect([own.find('a.b(c')?.contextWindow, own.find('axb(c')]).toEqual([7, undefined]);
  });

  it('lets a star stand for any characters, none included', () => {
    const own = createModelCatalog([entry('own-*-x*b', 7)]);
    const knows = (model: string) => own.find(model) !== undefined;
    expect(['own-a-xb', 'own--x-x-bb', 'own-\n-x\nb'].filter(knows)).toHaveLength(3);
    expect(['own-xb', 'own-a-x', 'own-a-xbc', 'my-own-a-xb'].filter(knows)).toEqual([]);
  });

  it.each([
    ['suffixes', '-fp8'.repeat(250_000)],
    ['almost a suffix', `${'_q1'.repeat(250_000)}!`],
    ['almost a pattern', 'a'.repeat(500)],
  ])('stays fast on hostile names: %s', (_what, name) => {
    const own = createModelCatalog([entry(`${'*a'.repeat(20)}b`, 7)]);
    expect(own.find(name)).toBeUndefined();
  });
});

describe('parseModelFile', () => {
  it('lists every problem with its path', () => {
    const file = {
      models: [
        { ...entry('a', 1), contextWindow: -1 },
        { ...entry('b', 1), thinking: { mode: 'switchable', off: {} }, extra: 1 },
      ],
    };
    expect(() => parseModelFile(JSON.stringify(file), 'my.json')).toThrow(
      expect.objectContaining({
        code: 'CATALOG_INVALID',
        message: expect.stringMatching(
          /my\.json[^]*models\.0\.contextWindow[^]*models\.1\.thinking\.off[^]*extra/,
        ) as string,
      }),
    );
  });

  it.each(['', '{', '[]', '{"models":{}}'])('refuses %j', (text) => {
    expect(() => parseModelFile(text, 'x')).toThrow(expect.objectContaining({ code: 'CATALOG_INVALID' }));
  });
});
