/**
 * Cuts a text that has replaced the joined pieces into as many pieces. Pieces before and after the place that
 * changed stay as they are; the first of those between takes what is new, the others are empty.
 */
export function recut(pieces: readonly string[], text: string): readonly string[] {
  let start = 0;
  let first = 0;
  for (; first < pieces.length && text.startsWith(pieceAt(pieces, first), start); first += 1) {
    start += pieceAt(pieces, first).length;
  }
  let end = text.length;
  let last = pieces.length - 1;
  for (; last > first; last -= 1) {
    const piece = pieceAt(pieces, last);
    if (end - piece.length < start || !text.endsWith(piece, end)) break;
    end -= piece.length;
  }
  if (first === pieces.length && start === text.length) return pieces;
  // A text that only goes on after the last piece changes the last piece.
  const changed = Math.min(first, pieces.length - 1);
  const from = changed === first ? start : start - pieceAt(pieces, changed).length;
  return pieces.map((piece, index) => {
    if (index < changed || index > last) return piece;
    return index === changed ? text.slice(from, end) : '';
  });
}

function pieceAt(pieces: readonly string[], index: number): string {
  return pieces[index] ?? '';
}
