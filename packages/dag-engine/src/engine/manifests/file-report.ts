import { ManifestLoadError, SchemaValidationError, type ManifestError } from '../errors.ts';

/** How the problems of a file become errors; two files have classes of their own. */
export interface ErrorsOfFile {
  /** Of one entry. */
  readonly entry: (fieldPath: string, problem: string) => ManifestError;
  /** Of the file as a whole. */
  readonly file: (problem: string) => ManifestError;
  /** Whether messages may repeat what the file says. */
  readonly quotes: boolean;
}

/** Collects what is wrong with one file, so that everything can be told at once. */
export class FileReport {
  readonly fileName: string;
  readonly errors: ManifestError[] = [];
  readonly warnings: string[] = [];
  readonly quotes: boolean;
  readonly #errorsOf: ErrorsOfFile;
  readonly #paths = new Set<string>();

  constructor(fileName: string, errorsOf: Partial<ErrorsOfFile> = {}) {
    this.fileName = fileName;
    this.#errorsOf = {
      entry: (fieldPath, problem) => new SchemaValidationError({ fileName, fieldPath }, problem),
      file: (problem) => new ManifestLoadError(fileName, problem),
      quotes: true,
      ...errorsOf,
    };
    this.quotes = this.#errorsOf.quotes;
  }

  problem(fieldPath: string, problem: string): void {
    this.#paths.add(fieldPath);
    this.errors.push(this.#errorsOf.entry(fieldPath, problem));
  }

  /** The file as a whole says nothing. */
  unreadable(problem: string): void {
    this.errors.push(this.#errorsOf.file(problem));
  }

  hasProblemAt(fieldPath: string): boolean {
    return this.#paths.has(fieldPath);
  }

  warn(fieldPath: string, warning: string): void {
    this.warnings.push(`${this.fileName}${fieldPath === '' ? '' : ` at ${fieldPath}`}: ${warning}`);
  }
}
