/** What a graph needs to know of a node; it may carry anything else. */
export interface TaskNode {
  /** Not empty, unique in its graph. */
  readonly id: string;
  /** Ids of the nodes that come before this one. Default none; naming one twice is the same as once. */
  readonly dependsOn?: readonly string[];
}
