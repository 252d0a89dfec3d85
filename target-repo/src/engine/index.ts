// The public surface of the engine: what the game outside this folder may import.
export { ENGINE_NAME } from './name.ts';
