import type { CliProfile, CustomCommandDeclaration } from '../model/manifest-set.ts';
import type { Fields } from './fields.ts';

const MAX_HISTORY_ITEMS = 1000;

/** Reads an entry of `cli_profiles.yaml`. */
export function parseCliProfile(fields: Fields): CliProfile {
  const profile: CliProfile = {
    id: fields.requiredText('id'),
    label: fields.prose('label'),
    description: fields.prose('description'),
    default_config_dir: fields.optionalText('default_config_dir'),
    default_workflow_id: fields.optionalText('default_workflow_id'),
    session_policies: sessionOf(fields.nested('session_policies')),
    input_mapping: inputMappingOf(fields.nested('input_mappings')),
    custom_commands: fields.entries('custom_commands').map(parseCommand),
    presentation_rules: presentationOf(fields.nested('presentation_rules')),
    telemetry_overlays: overlaysOf(fields.nested('telemetry_overlays')),
  };
  fields.close();
  return profile;
}

function sessionOf(fields: Fields): CliProfile['session_policies'] {
  const policies = {
    persist_history: fields.flag('persist_history', true),
    persist_attachments: fields.flag('persist_attachments', true),
    history_file: fields.optionalText('history_file'),
    max_history_items: fields.number('max_history_items', { min: 1 }) ?? MAX_HISTORY_ITEMS,
  };
  fields.close();
  return policies;
}

function inputMappingOf(mappings: Fields): CliProfile['input_mapping'] {
  const fields = mappings.nested('default');
  const mapping = {
    mode: fields.choice('mode', ['chat', 'raw'] as const) ?? 'chat',
    attach_files_as_context: fields.flag('attach_files_as_context', false),
    include_profile_id: fields.flag('include_profile_id', false),
    include_session_id: fields.flag('include_session_id', false),
    include_contents: fields.flag('include_contents', false),
  };
  fields.close();
  mappings.close();
  return mapping;
}

function parseCommand(fields: Fields): CustomCommandDeclaration {
  const command: CustomCommandDeclaration = {
    name: fields.requiredText('name'),
    entrypoint: fields.requiredText('entrypoint'),
    description: fields.prose('description'),
    aliases: fields.texts('aliases'),
    help: fields.prose('help'),
  };
  fields.close();
  return command;
}

function presentationOf(fields: Fields): CliProfile['presentation_rules'] {
  const rules = {
    show_system_messages: fields.flag('show_system_messages', false),
    show_telemetry_inline: fields.flag('show_telemetry_inline', true),
    truncate_output_lines: fields.number('truncate_output_lines', { min: 1 }),
  };
  fields.close();
  return rules;
}

function overlaysOf(fields: Fields): CliProfile['telemetry_overlays'] {
  const overlays = {
    enabled: fields.flag('enabled', true),
    level: fields.choice('level', ['summary', 'verbose'] as const) ?? 'summary',
    filters: fields.texts('filters'),
  };
  fields.close();
  return overlays;
}

/** The profile of a directory that declares none. */
export const DEFAULT_CLI_PROFILE: CliProfile = {
  id: 'default',
  label: '',
  description: '',
  default_config_dir: null,
  default_workflow_id: null,
  session_policies: {
    persist_history: true,
    persist_attachments: true,
    history_file: null,
    max_history_items: MAX_HISTORY_ITEMS,
  },
  input_mapping: {
    mode: 'chat',
    attach_files_as_context: false,
    include_profile_id: false,
    include_session_id: false,
    include_contents: false,
  },
  custom_commands: [],
  presentation_rules: {
    show_system_messages: false,
    show_telemetry_inline: true,
    truncate_output_lines: null,
  },
  telemetry_overlays: { enabled: true, level: 'summary', filters: [] },
};
