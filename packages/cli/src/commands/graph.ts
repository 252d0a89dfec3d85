import type { Command } from 'commander';
import type { GraphFlags, ReadyFlags } from '../actions/show-graph.ts';
import type { CommandDeps } from './command-deps.ts';
import { addExamples } from './options.ts';

export function defineGraph(program: Command, { context, finish }: CommandDeps): void {
  const graph = program
    .command('graph')
    .summary('look at a graph of tasks')
    .description(
      'Reads {"nodes": [{"id": "…", "dependsOn": ["…"]}]} and answers questions about it. Nodes may have other fields.',
    );
  addExamples(graph, [
    ['agentswarm graph validate plan.json', 'duplicate ids, unknown dependencies, cycles: all at once'],
    ['agentswarm graph ready plan.json --done core api', 'what can be begun now?'],
    ['agentswarm graph mermaid < plan.json > plan.mmd', 'draw it'],
  ]);
  const actions = () => import('../actions/show-graph.ts');
  addJson(subcommand(graph, 'validate', 'say everything that is wrong with it'), 'one JSON object').action(
    async (file: string, flags: GraphFlags) =>
      finish(await (await actions()).validateGraph(context, file, flags)),
  );
  addJson(subcommand(graph, 'sort', 'list the nodes, each after its dependencies')).action(
    async (file: string, flags: GraphFlags) =>
      finish(await (await actions()).sortGraph(context, file, flags)),
  );
  addJson(subcommand(graph, 'ready', 'list the nodes that can be begun now'))
    .option('--done <id...>', 'nodes that are complete, besides those whose "status" says so')
    .action(async (file: string, flags: ReadyFlags) =>
      finish(await (await actions()).showReady(context, file, flags)),
    );
  subcommand(graph, 'mermaid', 'draw it as a Mermaid flowchart').action(async (file: string) =>
    finish(await (await actions()).drawGraph(context, file)),
  );
}

function subcommand(graph: Command, name: string, summary: string): Command {
  return graph
    .command(name)
    .summary(summary)
    .description(`Reads a graph to ${summary}.`)
    .argument('[file]', 'the graph as JSON; - is standard input', '-');
}

function addJson(command: Command, what = 'the nodes as JSON, all their fields'): Command {
  return command.option('--json', what);
}
