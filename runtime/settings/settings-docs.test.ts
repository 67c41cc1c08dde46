/**
 * The reference page, `--help` and `--print-config`, as texts.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadSettings } from './load-settings.ts';
import { printSettings } from './print-settings.ts';
import { boolean, inGroup, integer, oneOf, secret, string } from './setting.ts';
import { settingsHelp, settingsMarkdown } from './settings-docs.ts';
import { defineSettings } from './settings-table.ts';

const table = defineSettings({
  ...inGroup('Ports', {
    grpcPort: integer({
      min: 0,
      max: 65_535,
      default: 50_051,
      description: 'Where queries are answered; 0 takes any free port.',
    }),
  }),
  ...inGroup('Kafka', {
    protocol: oneOf(['PLAINTEXT', 'SSL'], { default: 'SSL', description: 'Plain | encrypted.' }),
    saslPassword: secret({ optional: true, description: 'Password.' }),
    lagMs: integer({ min: 1, max: 9, default: 2, unit: 'milliseconds', description: 'Lag.' }),
    skip: boolean({ default: false, description: 'Skip.' }),
    proxy: string({ optional: true, description: 'Proxy.' }),
  }),
});

describe('settingsMarkdown', () => {
  it('has one row a setting under its group', () => {
    assert.equal(
      settingsMarkdown([{ title: 'thunder serve', table }]),
      `## thunder serve

### Ports

| Name | Flag | Environment | Type | Unit | Default | Meaning |
| --- | --- | --- | --- | --- | --- | --- |
| \`grpc_port\` | \`--grpc-port\` | \`THUNDER_GRPC_PORT\` | a whole number from 0 to 65535 |  | 50051 | Where queries are answered; 0 takes any free port. |

### Kafka

| Name | Flag | Environment | Type | Unit | Default | Meaning |
| --- | --- | --- | --- | --- | --- | --- |
| \`protocol\` | \`--protocol\` | \`THUNDER_PROTOCOL\` | one of PLAINTEXT, SSL |  | SSL | Plain \\| encrypted. |
| \`sasl_password\` | \`--sasl-password-file\` | \`THUNDER_SASL_PASSWORD\`, \`THUNDER_SASL_PASSWORD_FILE\` | secret; the flag names a file that holds it |  | none | Password. |
| \`lag_ms\` | \`--lag-ms\` | \`THUNDER_LAG_MS\` | a whole number of milliseconds from 1 to 9 | milliseconds | 2 | Lag. |
| \`skip\` | \`--skip\` | \`THUNDER_SKIP\` | true or false |  | false | Skip. |
| \`proxy\` | \`--proxy\` | \`THUNDER_PROXY\` | text of 1 to 4096 characters |  | none | Proxy. |
`,
    );
  });
});

describe('settingsHelp', () => {
  it('shows every flag with its default, wrapped', () => {
    assert.equal(
      settingsHelp(table, 50),
      `Ports:
  --grpc-port <integer>
      Where queries are answered; 0 takes any free
      port. [default: 50051]

Kafka:
  --protocol <PLAINTEXT|SSL>
      Plain | encrypted. [default: SSL]
  --sasl-password-file <path>
      Password. A file that holds it; or set
      THUNDER_SASL_PASSWORD. [optional]
  --lag-ms <milliseconds>
      Lag. [default: 2 milliseconds]
  --skip, --no-skip
      Skip. [default: false]
  --proxy <string>
      Proxy. [optional]
`,
    );
  });
});

describe('printSettings', () => {
  const loaded = loadSettings(table, {
    argv: ['--skip', '--proxy', 'http://me:hunter2@proxy'],
    env: { THUNDER_SASL_PASSWORD: 'hunter2' },
    readFile: () => new Uint8Array(),
  });

  it('prints values and sources, never secrets, as text', () => {
    assert.equal(
      printSettings(table, loaded, 'text'),
      `grpc_port     = 50051  # default
protocol      = SSL  # default
sasl_password = <redacted>  # environment THUNDER_SASL_PASSWORD
lag_ms        = 2  # default
skip          = true  # flag --skip
proxy         = http://<redacted>@proxy  # flag --proxy
`,
    );
  });

  it('prints the same as JSON', () => {
    const text = printSettings(table, loaded, 'json');
    assert.ok(!text.includes('hunter2'));
    const parsed: unknown = JSON.parse(text);
    assert.deepEqual(parsed, {
      grpc_port: { value: 50_051, source: 'default', sourceName: '' },
      protocol: { value: 'SSL', source: 'default', sourceName: '' },
      sasl_password: {
        value: '<redacted>',
        source: 'environment',
        sourceName: 'THUNDER_SASL_PASSWORD',
      },
      lag_ms: { value: 2, source: 'default', sourceName: '' },
      skip: { value: true, source: 'flag', sourceName: '--skip' },
      proxy: { value: 'http://<redacted>@proxy', source: 'flag', sourceName: '--proxy' },
    });
  });
});
