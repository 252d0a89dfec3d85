import { basename, extname } from 'node:path';

const BY_EXTENSION: Readonly<Record<string, string>> = {
  '.c': 'C',
  '.cc': 'C++',
  '.cpp': 'C++',
  '.cs': 'C#',
  '.css': 'CSS',
  '.go': 'Go',
  '.h': 'C',
  '.hpp': 'C++',
  '.html': 'HTML',
  '.java': 'Java',
  '.js': 'JavaScript',
  '.json': 'JSON',
  '.jsx': 'JavaScript with JSX',
  '.kt': 'Kotlin',
  '.lua': 'Lua',
  '.md': 'Markdown',
  '.mjs': 'JavaScript (ES module)',
  '.mts': 'TypeScript (ES module)',
  '.php': 'PHP',
  '.py': 'Python',
  '.rb': 'Ruby',
  '.rs': 'Rust',
  '.scss': 'SCSS',
  '.sh': 'POSIX shell',
  '.sql': 'SQL',
  '.swift': 'Swift',
  '.toml': 'TOML',
  '.ts': 'TypeScript',
  '.tsx': 'TypeScript with JSX',
  '.txt': 'plain text',
  '.vue': 'Vue',
  '.xml': 'XML',
  '.yaml': 'YAML',
  '.yml': 'YAML',
  '.zig': 'Zig',
};
const BY_NAME: Readonly<Record<string, string>> = { Dockerfile: 'Dockerfile', Makefile: 'Makefile' };

/** The language of a file by its name, for people and models; undefined when the name does not tell. */
export function languageOf(path: string): string | undefined {
  return BY_NAME[basename(path)] ?? BY_EXTENSION[extname(path).toLowerCase()];
}
