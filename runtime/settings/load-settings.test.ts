/**
 * Settings from every source, and every way to get them wrong.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { type LoadInput, loadSettings, SettingsError } from './load-settings.ts';
import { nearestName } from './nearest-name.ts';
import {
  boolean,
  hostPorts,
  integer,
  list,
  number,
  oneOf,
  path,
  secret,
  string,
} from './setting.ts';
import { defineSettings, type SettingsOf } from './settings-table.ts';

const table = defineSettings(
  {
    postRetentionSeconds: integer({
      min: 60,
      max: 1_209_600,
      default: 172_800,
      unit: 'seconds',
      description: 'How long posts are kept.',
    }),
    sampleRatio: number({ min: 0, max: 1, default: 0.5, description: 'Share of requests.' }),
    isServing: boolean({ default: true, description: 'Whether to answer queries.' }),
    brokers: hostPorts({ description: 'Kafka brokers.' }),
    securityProtocol: oneOf(['PLAINTEXT', 'SASL_SSL'], {
      default: 'PLAINTEXT',
      description: 'How to connect.',
    }),
    saslUsername: string({ optional: true, description: 'User.' }),
    saslPassword: secret({ optional: true, description: 'Password.' }),
    blockedAuthors: path({ optional: true, description: 'File of ids.' }),
    peers: list({ default: [], description: 'Peers.' }),
  },
  (values) =>
    values.securityProtocol === 'SASL_SSL' && values.saslUsername === undefined
      ? ['--security-protocol SASL_SSL needs --sasl-username']
      : [],
);

const brokers = ['--brokers', 'localhost:9092'];

function load(input: Partial<LoadInput> & { readonly files?: Record<string, string> }) {
  return loadSettings(table, {
    argv: input.argv ?? brokers,
    env: {},
    readFile: (name) => {
      const text = input.files?.[name];
      if (text === undefined) {
        throw new Error('no such file');
      }
      return Buffer.from(text);
    },
    ...input,
  });
}

function problemsOf(input: Parameters<typeof load>[0]): readonly string[] {
  try {
    load(input);
  } catch (error) {
    assert.ok(error instanceof SettingsError, String(error));
    return error.problems;
  }
  return [];
}

describe('loadSettings', () => {
  it('gives typed values: defaults, optional ones undefined', () => {
    const values: SettingsOf<typeof table> = load({}).values;
    const retention: number = values.postRetentionSeconds;
    const protocol: 'PLAINTEXT' | 'SASL_SSL' = values.securityProtocol;
    const password: string | undefined = values.saslPassword;
    // @ts-expect-error an optional setting may be undefined
    const certain: string = values.saslUsername;
    assert.deepEqual(
      [retention, protocol, password, certain],
      [172_800, 'PLAINTEXT', undefined, undefined],
    );
    assert.deepEqual(values.brokers, ['localhost:9092']);
    assert.deepEqual(values.peers, []);
  });

  it('lets a flag beat the environment, that the file, and that the default, and says which', () => {
    const files = { 'a.json': '{"post_retention_seconds": 100, "sample_ratio": 0.1}' };
    const env = { THUNDER_POST_RETENTION_SECONDS: '200', THUNDER_CONFIG: 'a.json' };
    const all = load({ argv: [...brokers, '--post-retention-seconds=300'], env, files });
    assert.equal(all.values.postRetentionSeconds, 300);
    assert.deepEqual(all.sources['postRetentionSeconds'], {
      kind: 'flag',
      name: '--post-retention-seconds',
    });
    const two = load({ env, files });
    assert.equal(two.values.postRetentionSeconds, 200);
    assert.equal(two.sources['postRetentionSeconds']?.name, 'THUNDER_POST_RETENTION_SECONDS');
    assert.deepEqual(two.sources['sampleRatio'], { kind: 'file', name: 'a.json' });
    assert.equal(two.sources['isServing']?.kind, 'default');
    assert.equal(two.sources['saslUsername']?.kind, 'unset');
  });

  it('prefers --config to THUNDER_CONFIG', () => {
    const files = { 'a.json': '{"sample_ratio": 0.1}', 'b.json': '{"sample_ratio": 0.2}' };
    const argv = [...brokers, '--config', 'b.json'];
    const { values } = load({ argv, env: { THUNDER_CONFIG: 'a.json' }, files });
    assert.equal(values.sampleRatio, 0.2);
  });

  it('reads switches in all their forms', () => {
    for (const [words, expected] of [
      [['--is-serving'], true],
      [['--no-is-serving'], false],
      [['--is-serving=false'], false],
    ] as const) {
      assert.equal(load({ argv: [...brokers, ...words] }).values.isServing, expected);
    }
  });

  it('lists everything that is wrong in one error', () => {
    const problems = problemsOf({
      argv: [
        '--post-retention-second',
        '5',
        '--sample-ratio',
        '7',
        '--is-serving=maybe',
        '--is-serving',
        '--sasl-password',
        'hunter2',
        '--peers',
        'stray',
        'extra',
      ],
      env: { THUNDER_SECURITY_PROTOCOL: 'ssl', THUNDER_BLOKED_AUTHORS: 'x' },
      files: { 'c.json': '{"sample_ratios": 1, "sasl_password": "hunter2"}' },
    });
    assert.deepEqual(problems, [
      '--is-serving is given more than once',
      'unknown flag --post-retention-second, did you mean --post-retention-seconds?',
      'unexpected argument "extra"',
      'unknown environment variable THUNDER_BLOKED_AUTHORS, did you mean THUNDER_BLOCKED_AUTHORS?',
      '--sample-ratio is "7", but must be a number from 0 to 1',
      'brokers is required: set --brokers or THUNDER_BROKERS',
      'THUNDER_SECURITY_PROTOCOL is "ssl", but must be one of PLAINTEXT, SASL_SSL',
      '--sasl-password is not accepted as a flag: set THUNDER_SASL_PASSWORD or --sasl-password-file',
    ]);
  });

  it('names unknown keys and bad values of the file', () => {
    const files = { 'c.json': '{"sample_ratios": 1, "sasl_password": "hunter2", "peers": [1]}' };
    assert.deepEqual(problemsOf({ argv: [...brokers, '--config=c.json'], files }), [
      'unknown setting "sample_ratios" in c.json, did you mean sample_ratio?',
      'sasl_password is not accepted in the settings file: set THUNDER_SASL_PASSWORD or --sasl-password-file',
      'peers in c.json is "[1]", but must be a list of at most 1000 texts separated by commas',
    ]);
  });

  it('names the first wrong item of a list of several', () => {
    const files = { 'c.json': '{"peers": ["a", {"b": 1}]}' };
    assert.deepEqual(
      problemsOf({ argv: ['--brokers', 'a:1,b,c', '--config=c.json'], files }).toSorted(),
      [
        '--brokers is "a:1,b,c", but must be one or more host:port separated by commas, ports from 1 to 65535: "b" does not fit',
        'peers in c.json is "[\\"a\\",{\\"b\\":1}]", but must be a list of at most 1000 texts separated by commas: "{\\"b\\":1}" does not fit',
      ],
    );
  });

  it('reports an unusable settings file once', () => {
    const argv = [...brokers, '--config', 'c.json'];
    for (const text of ['', '{', '[]', 'null', '{"peers": 1}', '['.repeat(100_000)]) {
      assert.equal(problemsOf({ argv, files: { 'c.json': text } }).length, 1, text.slice(0, 20));
    }
    const broken = '{"sasl_password": hunter2}';
    assert.ok(
      !problemsOf({ argv, files: { 'c.json': broken } })
        .join()
        .includes('hunter2'),
    );
    const big = `{"peers": "${'x'.repeat(1_048_577)}"}`;
    assert.match(
      problemsOf({ argv, files: { 'c.json': big } }).join(),
      /larger than 1048576 bytes/,
    );
    assert.match(problemsOf({ argv }).join(), /cannot use the settings file c.json: no such file/);
  });

  it('reports combinations that cannot work once the single values are good', () => {
    const argv = [...brokers, '--security-protocol', 'SASL_SSL'];
    assert.deepEqual(problemsOf({ argv }), ['--security-protocol SASL_SSL needs --sasl-username']);
    assert.deepEqual(problemsOf({ argv: [...argv, '--sasl-username', 'u'] }), []);
  });

  it('reads a secret from its variable or a file, never from two variables', () => {
    const files = { '/run/secret': 'hunter2\n' };
    const env = { THUNDER_SASL_PASSWORD: 'other' };
    assert.equal(load({ env }).values.saslPassword, 'other');
    const argv = [...brokers, '--sasl-password-file', '/run/secret'];
    const loaded = load({ argv, env, files });
    assert.equal(loaded.values.saslPassword, 'hunter2');
    assert.deepEqual(loaded.sources['saslPassword'], { kind: 'secret file', name: '/run/secret' });
    const both = { ...env, THUNDER_SASL_PASSWORD_FILE: '/run/secret' };
    assert.deepEqual(problemsOf({ env: both, files }), [
      'THUNDER_SASL_PASSWORD and THUNDER_SASL_PASSWORD_FILE are both set: keep one',
    ]);
    const keyed = { 'c.json': '{"sasl_password_file": "/run/secret"}', ...files };
    const fromFile = load({ argv: [...brokers, '--config=c.json'], files: keyed });
    assert.equal(fromFile.values.saslPassword, 'hunter2');
  });

  it('never repeats a secret in a message', () => {
    for (const input of [
      { argv: ['--sasl-password=hunter2'] },
      { argv: ['--sasl-password', 'hunter2'] },
      { argv: ['--sasl-pasword=hunter2'] },
      { argv: ['--sasl-pasword', 'hunter2'] },
      { env: { THUNDER_SASL_PASSWORD: 'hunter2\u0000' } },
      { argv: ['--brokers', 'http://user:hunter2@host'] },
    ]) {
      const problems = problemsOf(input);
      assert.ok(problems.length > 0);
      assert.ok(!problems.join().includes('hunter2'), problems.join());
    }
  });

  it('leaves alone what is not ours: other programs, other commands, Kubernetes service links', () => {
    const env = {
      PATH: '/bin',
      THUNDER_GRPC_PORT: '50051',
      THUNDER_PORT: 'tcp://10.0.0.1:50051',
      THUNDER_SERVICE_HOST: '10.0.0.1',
      THUNDER_SERVICE_PORT_GRPC: '50051',
      THUNDER_PORT_50051_TCP_ADDR: '10.0.0.1',
      THUNDER_SAMPLE_RATIO: '',
    };
    assert.deepEqual(problemsOf({ env, otherNames: ['grpc_port'] }), []);
    assert.deepEqual(problemsOf({ env }), ['unknown environment variable THUNDER_GRPC_PORT']);
  });

  it('returns positionals and the flags that the caller handles', () => {
    const loaded = load({
      argv: [...brokers, 'a', '--output', 'json', '-h', '--', '--b'],
      extraFlags: [
        { name: 'output', takesValue: true },
        { name: 'h', takesValue: false },
      ],
      positionalsMax: 2,
    });
    assert.deepEqual(loaded.positionals, ['a', '--b']);
    assert.deepEqual(
      [...loaded.extra],
      [
        ['output', 'json'],
        ['h', 'true'],
      ],
    );
  });

  it('takes negative numbers as values and misses values at the end or before a flag', () => {
    assert.match(problemsOf({ argv: [...brokers, '--sample-ratio', '-5'] }).join(), /is "-5", but/);
    assert.deepEqual(problemsOf({ argv: [...brokers, '--sample-ratio', '--is-serving'] }), [
      '--sample-ratio needs a value',
    ]);
    assert.deepEqual(problemsOf({ argv: [...brokers, '--sample-ratio'] }), [
      '--sample-ratio needs a value',
    ]);
  });

  it('survives any words, variables and file with a bounded message', () => {
    const word = fc.oneof(
      fc.string({ maxLength: 200 }),
      fc.constantFrom('--', '-', '--brokers', '--no-', '--no-brokers', '--=', '=', '--peers=,'),
    );
    fc.assert(
      fc.property(
        fc.array(word, { maxLength: 200 }),
        fc.dictionary(
          fc.string().map((name) => `THUNDER_${name}`),
          fc.string(),
        ),
        fc.oneof(fc.json(), fc.string()),
        (argv, env, text) => {
          try {
            load({ argv: [...argv, '--config=f'], env, files: { f: text } });
          } catch (error) {
            assert.ok(error instanceof SettingsError, String(error));
            assert.ok(error.message.split('\n').length <= 52);
          }
        },
      ),
    );
  });

  it('reads every good value back from each source', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 60, max: 1_209_600 }),
        fc.boolean(),
        fc.array(fc.stringMatching(/^[a-z0-9./]{1,20}$/), { maxLength: 5 }),
        (seconds, isServing, peers) => {
          const expected = { seconds, isServing, peers };
          const texts = {
            post_retention_seconds: String(seconds),
            is_serving: String(isServing),
            peers: peers.join(','),
          };
          const typed = { post_retention_seconds: seconds, is_serving: isServing, peers };
          const flags = Object.entries(texts).map(
            ([name, text]) => `--${name.replaceAll('_', '-')}=${text}`,
          );
          const variables = Object.entries(texts).map(([name, text]) => [
            `THUNDER_${name.toUpperCase()}`,
            text,
          ]);
          const argv = [...brokers, '--config', 'f'];
          for (const { values } of [
            load({ argv: [...brokers, ...flags] }),
            load({ env: Object.fromEntries(variables) }),
            load({ argv, files: { f: JSON.stringify(texts) } }),
            load({ argv, files: { f: JSON.stringify(typed) } }),
          ]) {
            const { postRetentionSeconds, ...rest } = values;
            assert.deepEqual(
              { seconds: postRetentionSeconds, isServing: rest.isServing, peers: rest.peers },
              expected,
            );
          }
        },
      ),
    );
  });
});

describe('defineSettings', () => {
  it('refuses a table that contradicts itself', () => {
    const bad = integer({ min: 1, max: 2, default: 3, description: '' });
    assert.throws(() => defineSettings({ bad }), /default of bad is 3/);
    const word = string({ description: '' });
    assert.throws(() => defineSettings({ config: word }), /taken twice/);
    assert.throws(() => defineSettings({ a: secret({ description: '' }), aFile: word }), /twice/);
    assert.throws(() => defineSettings({ snake_case: word }), /camelCase/);
  });
});

describe('nearestName', () => {
  it('finds a name with up to a third of its letters wrong, else the one that contains it', () => {
    const known = ['grpc_port', 'http_port', 'post_retention_seconds'];
    assert.equal(nearestName('gprc_port', known), 'grpc_port');
    assert.equal(nearestName('retention', known), 'post_retention_seconds');
    assert.equal(nearestName('zzzzzzzz', known), undefined);
    assert.equal(nearestName('x'.repeat(10_000), known), undefined);
  });
});
