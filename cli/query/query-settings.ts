/**
 * The settings of `thunder query`.
 */
import { parseId } from '#node/serve/parse-id.ts';
import { boolean, inGroup, integer, list, oneOf, path, string } from '#runtime/settings/setting.ts';
import { defineSettings, type SettingsOf } from '#runtime/settings/settings-table.ts';

const idPattern = /^\d{1,20}$/;
const someIds = {
  itemPattern: idPattern,
  allowed: 'at most 1000 ids separated by commas; more come from a file',
};

export const querySettings = defineSettings(
  {
    ...inGroup('Node', {
      address: string({
        default: '127.0.0.1:50051',
        description: 'Node to ask, host:port or a gRPC target such as dns:///thunder:50051.',
      }),
      tls: boolean({ default: false, description: 'Talk TLS; also turned on by the files below.' }),
      tlsCaFile: path({
        optional: true,
        description: 'Certificates to trust, PEM; without it the system’s own.',
      }),
      tlsCertFile: path({ optional: true, description: 'Client certificate for mutual TLS, PEM.' }),
      tlsKeyFile: path({ optional: true, description: 'Key of the client certificate, PEM.' }),
      tlsServerName: string({
        optional: true,
        description: 'Name in the node’s certificate, when it is not the host of the address.',
      }),
      deadlineMs: integer({
        min: 1,
        max: 600_000,
        unit: 'milliseconds',
        default: 5_000,
        description: 'Longest wait for the answer.',
      }),
      retry: boolean({ default: true, description: 'Ask once more when the node is unavailable.' }),
    }),
    ...inGroup('Query', {
      user: string({
        pattern: idPattern,
        allowed: 'an id',
        default: '0',
        description: 'Id of the user who asks.',
      }),
      following: list({ ...someIds, default: [], description: 'Ids of the followed accounts.' }),
      followingFile: path({
        optional: true,
        description: 'File with more of them, one id a line.',
      }),
      exclude: list({ ...someIds, default: [], description: 'Ids of posts not to return.' }),
      maxResults: integer({
        min: 0,
        max: 4_294_967_295,
        unit: 'posts',
        default: 0,
        description: 'Most posts to return; 0: the node’s default.',
      }),
      video: boolean({ default: false, description: 'Ask for videos only.' }),
      algorithm: string({
        optional: true,
        description: 'Order of the posts; default: newest first.',
      }),
      debug: boolean({
        default: false,
        description:
          'Mark the request as debugging: an empty following list may then be filled in.',
      }),
    }),
    ...inGroup('Output', {
      output: oneOf(['table', 'json'], {
        default: 'table',
        description: 'How the answer is printed.',
      }),
    }),
  },
  (values) => {
    const problems: string[] = [];
    if (parseId(values.user) === null) problems.push('--user is above 2^64 - 1');
    for (const id of [...values.following, ...values.exclude]) {
      if (parseId(id) === null) problems.push(`id ${id} is above 2^64 - 1`);
    }
    if ((values.tlsCertFile === undefined) !== (values.tlsKeyFile === undefined)) {
      problems.push('--tls-cert-file and --tls-key-file go together');
    }
    return problems;
  },
);

export type QuerySettings = SettingsOf<typeof querySettings>;
