/** What the game calls itself: the page title, the save format and the log prefix all use it. */
export const ENGINE_NAME = 'VoxelCraft';
