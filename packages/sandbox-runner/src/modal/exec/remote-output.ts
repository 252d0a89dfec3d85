import type { OutputChunk } from '@agentswarm/core';
import { LineQueue } from '../../process/line-queue.ts';
import { OutputCapture } from '../../process/output-capture.ts';
import { ReaderQueue } from '../../process/reader-queue.ts';

/** What a command may send ahead of the credit it is given for what was taken. */
export const FIRST_CREDIT_BYTES = 1024 * 1024;

/** Takes both streams of a remote command; asks for more only as far as its reader keeps up. */
export class RemoteOutput {
  readonly lines: LineQueue;
  readonly output: ReaderQueue<OutputChunk>;
  readonly #stdout: OutputCapture;
  readonly #stderr: OutputCapture;
  readonly #giveCredit: (bytes: number) => void;
  #owedBytes = 0;
  #hasRoom = true;
  #isEnding = false;

  constructor(maxBytes: number, giveCredit: (bytes: number) => void) {
    const onRoom = () => {
      this.#hasRoom = true;
      this.#payOwed();
    };
    this.lines = new LineQueue(onRoom);
    this.output = new ReaderQueue<OutputChunk>(onRoom);
    this.#stdout = new OutputCapture(maxBytes);
    this.#stderr = new OutputCapture(maxBytes);
    this.#giveCredit = giveCredit;
  }

  add({ stream, bytes }: OutputChunk): void {
    const isStdout = stream === 'stdout';
    (isStdout ? this.#stdout : this.#stderr).add(bytes);
    this.#owedBytes += bytes.length;
    // What was sent within the credit is kept, room or no room; what a command says while it is ended, if there is.
    if (this.#hasRoom || !this.#isEnding) {
      const hasRoom = [this.output.add({ stream, bytes }, bytes.length)];
      if (isStdout) hasRoom.push(this.lines.add(bytes));
      this.#hasRoom = !hasRoom.includes(false);
    }
    if (this.#hasRoom || this.#isEnding) this.#payOwed();
  }

  /** The command is being ended: its end, which comes after all output, no longer waits for the reader. */
  ending(): void {
    this.#isEnding = true;
    this.#payOwed();
  }

  end(): void {
    this.lines.end();
    this.output.end();
  }

  texts(): { readonly stdout: string; readonly stderr: string } {
    return { stdout: this.#stdout.text(), stderr: this.#stderr.text() };
  }

  #payOwed(): void {
    if (this.#owedBytes === 0) return;
    this.#giveCredit(this.#owedBytes);
    this.#owedBytes = 0;
  }
}
