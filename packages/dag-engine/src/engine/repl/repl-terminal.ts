/** What came of asking a person for a line. */
export type LineRead =
  | { readonly kind: 'line'; readonly text: string }
  | { readonly kind: 'interrupted' }
  | { readonly kind: 'end' };

/** Where a person sits. */
export interface ReplTerminal extends AsyncDisposable {
  /** Whether a person can answer questions; piped input is plain text. */
  readonly isInteractive: boolean;
  readLine(prompt: string): Promise<LineRead>;
  /** Writes a line. */
  print(line: string): void;
  /** Calls back when a person interrupts what is running. */
  onInterrupt(listener: () => void): Disposable;
}
