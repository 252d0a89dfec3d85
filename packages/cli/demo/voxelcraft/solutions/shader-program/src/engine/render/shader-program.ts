import type { ShaderSource } from './chunk-shader.ts';

/** The part of WebGL2 a program needs. */
export type ProgramContext = Pick<
  WebGL2RenderingContext,
  | 'VERTEX_SHADER'
  | 'FRAGMENT_SHADER'
  | 'COMPILE_STATUS'
  | 'LINK_STATUS'
  | 'createShader'
  | 'shaderSource'
  | 'compileShader'
  | 'getShaderParameter'
  | 'getShaderInfoLog'
  | 'deleteShader'
  | 'createProgram'
  | 'attachShader'
  | 'linkProgram'
  | 'getProgramParameter'
  | 'getProgramInfoLog'
  | 'deleteProgram'
  | 'useProgram'
  | 'getUniformLocation'
  | 'getAttribLocation'
>;

export interface ShaderProgram {
  use(): void;
  /** Null for a uniform the driver has optimised away; WebGL ignores writes to it. */
  uniform(name: string): WebGLUniformLocation | null;
  /** Throws for an attribute the program does not have. */
  attribute(name: string): number;
  dispose(): void;
}

/** Compiles and links; throws with the driver's log when that fails, having freed what it made. */
export function createShaderProgram(gl: ProgramContext, source: ShaderSource): ShaderProgram {
  const vertex = compile(gl, gl.VERTEX_SHADER, source.vertex);
  let fragment: WebGLShader;
  try {
    fragment = compile(gl, gl.FRAGMENT_SHADER, source.fragment);
  } catch (error) {
    gl.deleteShader(vertex);
    throw error;
  }
  const program = link(gl, vertex, fragment);
  const uniforms = new Map<string, WebGLUniformLocation | null>();
  return {
    use: () => gl.useProgram(program),
    uniform(name) {
      // Asking the driver is slow; every frame asks for the same names.
      const known = uniforms.get(name);
      if (known !== undefined) return known;
      const location = gl.getUniformLocation(program, name);
      uniforms.set(name, location);
      return location;
    },
    attribute(name) {
      const location = gl.getAttribLocation(program, name);
      if (location < 0) throw new Error(`the shader program has no attribute ${name}`);
      return location;
    },
    dispose: () => gl.deleteProgram(program),
  };
}

function compile(gl: ProgramContext, stage: GLenum, text: string): WebGLShader {
  const shader = gl.createShader(stage);
  if (shader === null) throw new Error('the WebGL context is lost');
  gl.shaderSource(shader, text);
  gl.compileShader(shader);
  if (gl.getShaderParameter(shader, gl.COMPILE_STATUS)) return shader;
  const log = gl.getShaderInfoLog(shader) ?? 'no log';
  gl.deleteShader(shader);
  const name = stage === gl.VERTEX_SHADER ? 'vertex' : 'fragment';
  throw new Error(`the ${name} shader does not compile: ${log}`);
}

function link(gl: ProgramContext, vertex: WebGLShader, fragment: WebGLShader): WebGLProgram {
  const program = gl.createProgram();
  gl.attachShader(program, vertex);
  gl.attachShader(program, fragment);
  gl.linkProgram(program);
  // The program keeps what it has linked.
  gl.deleteShader(vertex);
  gl.deleteShader(fragment);
  if (gl.getProgramParameter(program, gl.LINK_STATUS)) return program;
  const log = gl.getProgramInfoLog(program) ?? 'no log';
  gl.deleteProgram(program);
  throw new Error(`the shader program does not link: ${log}`);
}
