const FOLDER = 'documents';

/** Where a document of this title is, relative to the workspace. A title that is a file's name already stays one. */
export function documentPath(title: string): string {
  if (/^[\w-]+(\.[\w-]+)+$/.test(title)) return `${FOLDER}/${title}`;
  const slug = title
    .replace(/[^A-Za-z0-9_-]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .toLowerCase();
  return `${FOLDER}/${slug === '' ? 'document' : slug}.md`;
}
