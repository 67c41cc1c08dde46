/**
 * `--help` of the program and of a command, and the configuration page, out of the same tables.
 */
import { settingsHelp, settingsMarkdown } from '#runtime/settings/settings-docs.ts';
import type { Command } from './command.ts';

const columnsMax = 100;

export function programHelp(commands: readonly Command[]): string {
  const width = Math.max(...commands.map((command) => command.name.length));
  return [
    'Thunder: the in-memory store behind a home feed.',
    '',
    'Usage: thunder COMMAND [options]',
    '',
    'Commands:',
    ...commands.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`),
    '',
    'Examples:',
    '  thunder demo                  the whole system on this machine, with a real Kafka',
    '  thunder serve --help          every option of a command',
    '  thunder query --following 1,2,3 --address 127.0.0.1:50051',
    '',
    'Every option is also an environment variable (THUNDER_…) and a key of a JSON file (--config).',
    'Exit codes: 0 ok, 1 failure, 2 usage or configuration, 4 a dependency cannot be reached, 130/143 signals.',
    '',
  ].join('\n');
}

export function commandHelp(command: Command, columns: number): string {
  return [
    `${command.summary}.`,
    '',
    `Usage: thunder ${command.usage}`,
    '',
    'Examples:',
    ...command.examples.map((example) => `  ${example}`),
    '',
    settingsHelp(command.settings, Math.min(columns, columnsMax)),
    'Also:',
    '  --config <path>',
    '      JSON file with settings by name (grpc_port). Flag beats environment beats file.',
    '  --print-config',
    '      Print every setting, its value and where it came from, and exit; secrets are redacted.',
    '      As JSON with --output json.',
    '  --help, -h',
    '',
  ].join('\n');
}

/** docs/reference/configuration.md */
export function configurationPage(commands: readonly Command[]): string {
  const tables = commands.map((command) => ({
    title: `thunder ${command.name}`,
    table: command.settings,
  }));
  return [
    '# Configuration',
    '',
    '<!-- Written by `npm run gen` from the settings tables in the code. -->',
    '',
    'A setting is a flag, an environment variable, or a key of the JSON file that `--config` names. Flag beats environment beats file beats default. Unknown names, bad values and impossible combinations are reported together, with the nearest known name, and exit code 2. `--print-config` shows what will be used, secrets redacted.',
    '',
    settingsMarkdown(tables),
  ].join('\n');
}
