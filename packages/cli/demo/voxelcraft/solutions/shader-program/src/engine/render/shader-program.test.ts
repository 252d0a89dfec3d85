import { describe, expect, test } from 'vitest';
import { CHUNK_SHADER } from './chunk-shader.ts';
import { createShaderProgram } from './shader-program.ts';
import type { ProgramContext } from './shader-program.ts';

/** Stands in for a driver: counts what is alive and fails on the word `broken`, as a compiler would. */
function createFakeContext(options: { linkFails?: boolean } = {}) {
  const sources = new Map<WebGLShader, string>();
  const alive = new Set<object>();
  const lookups: string[] = [];
  const make = <T extends object>(): T => {
    const handle = {} as T;
    alive.add(handle);
    return handle;
  };
  const free = (handle: object | null) => void (handle && alive.delete(handle));
  const context: ProgramContext = {
    VERTEX_SHADER: 35633,
    FRAGMENT_SHADER: 35632,
    COMPILE_STATUS: 35713,
    LINK_STATUS: 35714,
    createShader: () => make<WebGLShader>(),
    shaderSource: (shader, text) => void sources.set(shader, text),
    compileShader: () => undefined,
    getShaderParameter: (shader) => !sources.get(shader)?.includes('broken'),
    getShaderInfoLog: () => 'line 1: syntax error',
    deleteShader: free,
    createProgram: () => make<WebGLProgram>(),
    attachShader: () => undefined,
    linkProgram: () => undefined,
    getProgramParameter: () => options.linkFails !== true,
    getProgramInfoLog: () => 'varyings differ',
    deleteProgram: free,
    useProgram: () => undefined,
    getUniformLocation: (_program, name) => {
      lookups.push(name);
      return name === 'unused' ? null : ({} as WebGLUniformLocation);
    },
    getAttribLocation: (_program, name) => (name === 'position' ? 0 : -1),
  };
  return { context, alive, lookups };
}

describe('createShaderProgram', () => {
  test('keeps the program and frees the shaders', () => {
    const { context, alive } = createFakeContext();
    const program = createShaderProgram(context, CHUNK_SHADER);
    expect(alive.size).toBe(1);
    program.dispose();
    expect(alive.size).toBe(0);
  });

  test.each([
    ['vertex', { vertex: 'broken', fragment: '' }],
    ['fragment', { vertex: '', fragment: 'broken' }],
  ])('says why the %s shader does not compile and leaves nothing behind', (stage, source) => {
    const { context, alive } = createFakeContext();
    expect(() => createShaderProgram(context, source)).toThrow(
      `the ${stage} shader does not compile: line 1: syntax error`,
    );
    expect(alive.size).toBe(0);
  });

  test('says why it does not link and leaves nothing behind', () => {
    const { context, alive } = createFakeContext({ linkFails: true });
    expect(() => createShaderProgram(context, CHUNK_SHADER)).toThrow('does not link: varyings differ');
    expect(alive.size).toBe(0);
  });

  test('asks the driver for a uniform once, even for one that is not used', () => {
    const { context, lookups } = createFakeContext();
    const program = createShaderProgram(context, CHUNK_SHADER);
    for (const name of ['eye', 'eye', 'unused', 'unused']) program.uniform(name);
    expect(lookups).toEqual(['eye', 'unused']);
  });

  test('knows its attributes', () => {
    const program = createShaderProgram(createFakeContext().context, CHUNK_SHADER);
    expect(program.attribute('position')).toBe(0);
    expect(() => program.attribute('colour')).toThrow('no attribute colour');
  });
});

describe('chunk shader', () => {
  test('both stages are GLSL for WebGL2 from the first character on', () => {
    for (const text of [CHUNK_SHADER.vertex, CHUNK_SHADER.fragment])
      expect(text).toMatch(/^#version 300 es\n/);
  });

  test('the fragment stage reads exactly what the vertex stage writes', () => {
    const names = (text: string, keyword: string) =>
      [...text.matchAll(new RegExp(`^(?:flat )?${keyword} \\w+ (v\\w+);`, 'gm'))]
        .map((match) => match[1])
        .sort();
    expect(names(CHUNK_SHADER.fragment, 'in')).toEqual(names(CHUNK_SHADER.vertex, 'out'));
  });
});
