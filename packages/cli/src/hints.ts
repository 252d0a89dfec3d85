import type { SwarmError } from '@agentswarm/core';

/** What to do about a failure, by its code: advice is given here and nowhere else. */
const HINTS: Readonly<Record<string, string>> = {
  CLI_NO_ENDPOINT:
    'run `agentswarm init` and fill in LLM_BASE_URL, LLM_API_KEY and LLM_MODEL in .env, or `agentswarm demo` to see it work without a key',
  CLI_USAGE: 'see `agentswarm --help`',
  CLI_TARGET_NOT_FOUND: 'name the repository with --target DIR, or run `agentswarm init` in it',
  CLI_REPOSITORY:
    'name the repository with --repo DIR and the branch with --target BRANCH; `git fetch --unshallow` completes a shallow clone',
  QUEUE_BUSY: 'wait until that process has ended; the branches not landed by it can be landed then',
  TARGET_UNREACHABLE:
    'check the remote and your access to it, then run the command again: what has landed stays landed',
  CLI_RUN_LIVE:
    'watch it with `agentswarm status` or `agentswarm log --follow`, end it with `agentswarm stop`',
  CLI_RUN_NOT_FOUND: 'start one with `agentswarm run`',
  CLI_NOTHING_TO_RESUME: 'start a new run with `agentswarm run`',
  CLI_RUN_PROCESS_GONE: 'look for the process that holds the lock, or stop it where it was started',
  CLI_DIRECTORY_NOT_EMPTY: 'choose another directory with --dir',
  CLI_NO_WORKFLOW:
    'name the folder that holds workflow.yaml; `agentswarm engine init DIR` writes one to begin with',
  CLI_FILES_EXIST: 'name a new folder, or move those files away',
  CLI_INPUT_INVALID: `an input is JSON, so a text has quotes of its own: '"Hello"'; @FILE reads a file, - standard input`,
  CLI_ANSWERS_INVALID: 'the form is {"answers": {"NODE": REPLY}}, a reply being any JSON',
  CLI_TASK_NOT_FOUND: '`agentswarm engine inspect DIR` lists the tasks there are',
  CLI_NOTHING_TO_EVALUATE:
    'cases are in evaluations.yaml; --tag selects those that have the tag, by themselves or their suite',
  CLI_ENDPOINT_UNKNOWN: '`agentswarm model list` shows the endpoints that are configured',
  CLI_PROMPT_EMPTY: 'a prompt is a text, @FILE, or - for standard input',
  CLI_CONTEXT_TOO_LARGE: 'give fewer or smaller files, or raise --max-context-bytes',
  CLI_OUTPUT_REFUSED: 'name a file below the directory you are in',
  CLI_OUTPUT_EXISTS: '--force overwrites it',
  CLI_ANSWER_CUT: 'raise LLM_MAX_TOKENS (--max-tokens), or `max_tokens` of the agent',
  CLI_ANSWER_EMPTY: 'try again, or another model with --model',
  CLI_ATTEMPT_NOT_FOUND: '`agentswarm attempts list` lists them; --run names another run',
  CLI_SNAPSHOT_NOT_FOUND: '`agentswarm attempts show` shows what is kept',
  CLI_RESTORE_EXISTS: 'nothing is overwritten: choose another name',
  CLI_PYTHON_MISSING:
    'install Python 3.11 or newer with `pip install modal=={sdk}`, in a virtual environment for example, and set PYTHON_PATH to it',
  CLI_NO_IMAGE:
    'in a clone of the repository, `npm run build` and `npm run -s python -- infra/sandbox_image.py` build one; set MODAL_IMAGE to the id it prints',
  CLI_NO_CREDENTIALS:
    'set MODAL_TOKEN_ID and MODAL_TOKEN_SECRET, or let `python3 -m modal setup` write a profile',
  GATEWAY_UNAVAILABLE:
    '--allow-remote lets other machines connect; --port 0 takes a free port; a shorter TMPDIR makes a shorter socket path',
  CASSETTE_INVALID: 'a cassette is what `agentswarm model record` writes: JSON, one exchange a line',
  no_llm_client:
    'LLM_BASE_URL, LLM_API_KEY and LLM_MODEL serve the provider "default", LLM_ENDPOINTS others by name; --mock FILE answers without a model',
  STORAGE_LOCKED: 'another process works with the same state; AGENT_ENGINE_STATE_DIR names another folder',
  CONFIG_INVALID:
    'every setting and its accepted form is listed in .env.example; `agentswarm init` writes it',
  CONFIG_UNSUPPORTED: 'leave the setting out',
  FEATURES_INVALID: 'correct the entries named; `agentswarm init` in an empty folder writes an example',
  ENDPOINT_UNREACHABLE: 'check LLM_BASE_URL and that the server runs; `agentswarm doctor` tries it',
  ENDPOINT_INVALID: 'correct LLM_BASE_URL; `agentswarm doctor` tries it',
  AUTH_REJECTED: 'check LLM_API_KEY',
  MODEL_UNKNOWN: 'set LLM_MODEL to one of the models the endpoint offers',
  NO_ENDPOINT_FOR_MODEL: 'correct "models" and "roles" in LLM_ENDPOINTS, or MODELS',
  BUDGET_EXHAUSTED:
    'raise the bound: BUDGET_USD, BUDGET_TOKENS or BUDGET_LIMITS; of a run by --budget-usd, --budget-tokens or --budget-limits of `agentswarm resume`',
  BUDGET_PROVIDER_UNKNOWN: 'name endpoints of LLM_ENDPOINTS in "providers" of BUDGET_LIMITS',
  BUDGET_UNREADABLE: 'the book of what was spent contradicts itself: start a new run',
  PRICE_UNKNOWN:
    'state it as "price" of the endpoint in LLM_ENDPOINTS, {"inputUsdPerMillion": …, "outputUsdPerMillion": …}, {} if it is free, or in the file MODEL_CATALOG names',
  PORT_UNAVAILABLE: 'choose another --port; 0 takes a free one',
  MODEL_CRASHED:
    'use a model that needs less memory, or keep such prompts away from this one by the line `{suggestedNote}` in the file MODEL_NOTES names',
  MODEL_WAIT:
    'start the model, or correct "start" of its endpoint in LLM_ENDPOINTS; then type the command again, or `agentswarm resume` for a run that paused',
  CATALOG_INVALID: 'correct the file MODEL_CATALOG names',
  RATE_LIMITED: 'wait, or lower MAX_WORKERS, then `agentswarm resume`',
  SERVER_ERROR: 'the model server failed; try again later with `agentswarm resume`',
  TIMED_OUT: 'raise LLM_TIMEOUT_MS, or try again with `agentswarm resume`',
  TARGET_NOT_A_REPOSITORY: 'run `git init` there and commit, or name another repository with --target DIR',
  TARGET_IS_SUBFOLDER: 'name the top level of the repository with --target DIR',
  TARGET_FILE_MISSING:
    'run `agentswarm init` in the repository, fill in SPEC.md and FEATURES.json, and commit them',
  TARGET_BRANCH_MISSING: 'make a first commit, or name the branch in GIT_MAIN_BRANCH',
  TARGET_DIVERGED:
    'bring the two together (git pull, git push) and start again; landings of a repository without a remote come by `git pull .agentswarm/landing.git`',
  TARGET_REMOTE_UNREACHABLE: 'check the remote and your access to it; `agentswarm doctor` tries it',
  TARGET_RED: 'make the command pass on main first, or let the swarm repair it with --repair',
  AGENT_NOT_FOUND:
    'install the program of AGENT_COMMAND for the machine (/usr/local/bin, or a folder on the PATH outside of your home), or commit it to the repository; docs/guides/other-agents.md says what sandboxes show',
  GATE_MISSING: 'name the commands with --gate, GATE or "gate" in agentswarm.config.json',
  GATE_CANNOT_RUN:
    'gate commands run in a sandbox with the dependencies of the lockfile, and reach package registries only; GATE_NETWORK=open admits every destination',
  SCRIPT_INVALID: 'the README of @agentswarm/llm-client describes the form of authored answers',
  ISOLATION_UNAVAILABLE:
    'install bubblewrap (Debian and Ubuntu: `apt-get install bubblewrap`), or accept the risk with --isolation none',
  SANDBOX_SPEC_INVALID: '`agentswarm sandbox run --help` shows the accepted forms',
  SANDBOX_SETUP_FAILED: 'correct what is named, or try again; `agentswarm doctor` checks the machine',
  SANDBOX_NOT_FOUND:
    '`agentswarm sandbox list` shows those there are; --repo DIR names those of another repository',
  SANDBOX_UNSUPPORTED:
    'open it where it was made (--repo DIR), with the --isolation and the version of agentswarm it was made with, or remove it with `agentswarm sandbox reap --kept`',
  SANDBOX_REMOTE_REFUSED:
    'correct what is named: the token, MODAL_IMAGE, MODAL_ENVIRONMENT or a limit of the account',
  SANDBOX_REMOTE_UNAVAILABLE:
    'try again later; a run goes on with `agentswarm resume`, and `agentswarm sandbox list --backend modal` shows what is left',
  SANDBOX_TRANSFER_REFUSED:
    'remove what was named, or name another folder; a sandbox that was kept is opened by `agentswarm sandbox attach`',
  DEPENDENCIES_FAILED: 'check the lockfile and that the registry can be reached, then try again',
  DISK_FULL: 'free some disk space, then `agentswarm resume`',
  JOURNAL_NEWER_VERSION: 'update agentswarm: the run was made by a newer version',
  JOURNAL_LOCKED: 'another process writes this run; try again when it has ended',
};

/** The advice for an error, if there is any; `{name}` in it is the error's detail of that name. */
export function hintFor({ code, details }: Pick<SwarmError, 'code' | 'details'>): string | undefined {
  return HINTS[code]?.replaceAll(/\{(\w+)\}/g, (place, name: string) => {
    const detail = details[name];
    return typeof detail === 'string' || typeof detail === 'number' ? String(detail) : place;
  });
}
