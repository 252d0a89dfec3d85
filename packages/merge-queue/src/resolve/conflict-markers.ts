/** Whether a text still has a conflict in it. `=======` alone is a heading in some formats. */
export function hasConflictMarkers(text: string): boolean {
  return /^(?:<{7}|>{7}|\|{7})(?: |\r?$)/m.test(text);
}
