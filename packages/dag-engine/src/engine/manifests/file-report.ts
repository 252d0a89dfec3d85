import { SchemaValidationError, type ManifestError } from '../errors.ts';

/** How a file's problem becomes an error: most are a {@link SchemaValidationError}, two files have their own class. */
export type ErrorOfProblem = (fieldPath: string, problem: string) => ManifestError;

/** Collects what is wrong with one file, so that everything can be told at once. */
export class FileReport {
  readonly fileName: string;
  readonly errors: ManifestError[] = [];
  readonly warnings: string[] = [];
  /** Whether messages may repeat what the file says. */
  readonly quotes: boolean;
  readonly #errorOf: ErrorOfProblem;

  constructor(
    fileName: string,
    options: { readonly errorOf?: ErrorOfProblem; readonly quotes?: boolean } = {},
  ) {
    this.fileName = fileName;
    this.quotes = options.quotes ?? true;
    this.#errorOf =
      options.errorOf ??
      ((fieldPath, problem) => new SchemaValidationError({ fileName, fieldPath }, problem));
  }

  problem(fieldPath: string, problem: string): void {
    this.errors.push(this.#errorOf(fieldPath, problem));
  }

  warn(fieldPath: string, warning: string): void {
    this.warnings.push(`${this.fileName}${fieldPath === '' ? '' : ` at ${fieldPath}`}: ${warning}`);
  }
}
