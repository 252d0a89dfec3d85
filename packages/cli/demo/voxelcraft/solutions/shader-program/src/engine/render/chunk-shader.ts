/** Source text of the two stages of a program. */
export interface ShaderSource {
  readonly vertex: string;
  readonly fragment: string;
}

/**
 * Draws chunk meshes. A rectangle of several blocks repeats its tile: `blockUv` counts blocks, and
 * only its fraction is looked up inside the tile.
 */
export const CHUNK_SHADER: ShaderSource = {
  vertex: `#version 300 es
in vec3 position;
in vec2 blockUv;
in float tile;
in float light;

uniform mat4 viewProjection;
uniform vec3 chunkOrigin;
uniform vec3 eye;

out vec2 vBlockUv;
out float vLight;
out float vDistance;
flat out float vTile;

void main() {
  vec3 world = chunkOrigin + position;
  vBlockUv = blockUv;
  vLight = light;
  vDistance = distance(world, eye);
  vTile = tile;
  gl_Position = viewProjection * vec4(world, 1.0);
}
`,
  fragment: `#version 300 es
precision highp float;

in vec2 vBlockUv;
in float vLight;
in float vDistance;
flat in float vTile;

uniform sampler2D atlas;
uniform float atlasColumns;
uniform float skyLight;
uniform vec3 fogColour;
uniform float fogDistance;

out vec4 colour;

void main() {
  vec2 corner = vec2(mod(vTile, atlasColumns), floor(vTile / atlasColumns));
  vec4 texel = texture(atlas, (corner + fract(vBlockUv)) / atlasColumns);
  if (texel.a < 0.5) discard;
  float fog = smoothstep(0.6, 1.0, vDistance / fogDistance);
  colour = vec4(mix(texel.rgb * vLight * skyLight, fogColour, fog), 1.0);
}
`,
};
