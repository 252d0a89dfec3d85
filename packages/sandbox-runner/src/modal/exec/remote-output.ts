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

  constructor(maxBytes: number, giveCredit: (bytes: number) => void) {
    const onRoom = () => this.#payOwed();
    this.lines = new LineQueue(onRoom);
    this.output = new ReaderQueue<OutputChunk>(onRoom);
    this.#stdout = new OutputCapture(maxBytes);
    this.#stderr = new OutputCapture(maxBytes);
    this.#giveCredit = giveCredit;
  }

  add({ stream, bytes }: OutputChunk): void {
    const isStdout = stream === 'stdout';
    (isStdout ? this.#stdout : this.#stderr).add(bytes);
    const hasRoom = [this.output.add({ stream, bytes }, bytes.length)];
    if (isStdout) hasRoom.push(this.lines.add(bytes));
    this.#owedBytes += bytes.length;
    if (!hasRoom.includes(false)) this.#payOwed();
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
