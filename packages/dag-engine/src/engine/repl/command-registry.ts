import type { Command } from './command.ts';

/** The commands of one session; built-in ones cannot be replaced. */
export class CommandRegistry {
  readonly #builtIn: readonly Command[];
  #custom: readonly Command[] = [];

  constructor(builtIn: readonly Command[]) {
    this.#builtIn = builtIn;
  }

  /** By name. */
  get commands(): readonly Command[] {
    return [...this.#builtIn, ...this.#custom].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Names and aliases, with their slash. */
  get words(): readonly string[] {
    return this.commands.flatMap(({ name, aliases }) => [name, ...aliases]).map((word) => `/${word}`);
  }

  find(word: string): Command | undefined {
    return this.commands.find(({ name, aliases }) => name === word || aliases.includes(word));
  }

  /** Adds a command; gives the reason when it would hide another one. */
  register(command: Command): string | undefined {
    const taken = [command.name, ...command.aliases].find((word) => this.find(word) !== undefined);
    if (taken !== undefined) return `command /${command.name} is ignored: /${taken} exists`;
    this.#custom = [...this.#custom, command];
    return undefined;
  }

  /** Forgets the commands that are not built in. */
  reset(): void {
    this.#custom = [];
  }
}
