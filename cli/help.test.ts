/**
 * Help and the configuration page say what the tables say.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { acceptedNames } from '#runtime/settings/settings-table.ts';
import { commands } from './commands.ts';
import { commandHelp, configurationPage, programHelp } from './help.ts';
import { metricsPage } from './metrics-page.ts';

const reference = path.resolve(import.meta.dirname, '../docs/reference');

test('the configuration page is what the settings tables say (npm run gen)', () => {
  const page = readFileSync(path.join(reference, 'configuration.md'), 'utf8');
  assert.equal(page, configurationPage(commands));
});

test('the metrics page is what the registries say (npm run gen)', async () => {
  const page = readFileSync(path.join(reference, 'metrics.md'), 'utf8');
  assert.equal(page, await metricsPage());
});

test('help lists every command, and a command’s help every one of its settings and an example', () => {
  const program = programHelp(commands);
  for (const command of commands) {
    assert.ok(program.includes(`  ${command.name} `), command.name);
    const help = commandHelp(command, 80);
    for (const name of acceptedNames(command.settings.settings)) {
      const flag = `--${name.replaceAll('_', '-')}`;
      assert.ok(help.includes(flag), `${command.name} ${flag}`);
    }
    assert.ok(command.examples.length > 0);
    assert.ok(command.examples.every((example) => example.startsWith(`thunder ${command.name}`)));
  }
});

test('help fits the width it is given', () => {
  for (const command of commands) {
    const options = commandHelp(command, 80)
      .split('\n')
      .filter((line) => line.startsWith('      '));
    assert.deepEqual(
      options.filter((line) => line.length > 100),
      [],
    );
  }
});
