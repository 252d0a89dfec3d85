/** How often the properties of the engine are tried: `npm test`, and with TEST_DEEP. */
export const deep = process.env['TEST_DEEP'] !== undefined;

/** Random workflows with failures through the router: at least 3,000, deep at least 50,000. */
export const ROUTER_RUNS = deep ? 60_000 : 3_200;

export const FRONT_DOOR_RUNS = {
  /** Random workflows loaded from a directory and run at the front door. */
  workflows: deep ? 2_000 : 25,
  /** Ways in which runs at the same time take turns. */
  interleavings: deep ? 1_000 : 25,
};
