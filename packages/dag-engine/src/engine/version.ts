/** Version of the engine, which is that of its package; on every event and in every engine's metadata. */
export const ENGINE_VERSION = '0.1.0';
