/**
 * `thunder query`: one question to a node, its answer as a table or JSON.
 */
import type { Command, CommandIo } from '#cli/command.ts';
import { formatAge } from '#cli/output/relative-age.ts';
import { emphasise, styleOf, withoutControls } from '#cli/output/style.ts';
import { formatTable } from '#cli/output/table.ts';
import { parseId } from '#node/serve/parse-id.ts';
import { nowSeconds, systemClock } from '#runtime/clock.ts';
import { ConfigurationError, messageOf } from '#runtime/errors.ts';
import { exitCodes } from '#runtime/exit-codes.ts';
import { readBoundedFile } from '#runtime/read-bounded-file.ts';
import { kindOfPost } from './answered-post.ts';
import { createQueryClient, type QueryResult, type QueryTls } from './query-client.ts';
import type { QueryRequest } from './query-request.ts';
import { type QuerySettings, querySettings } from './query-settings.ts';

/** Of ids: some 100,000 of them. A request has room for less than half a million anyway. */
const followingFileBytesMax = 2 * 1024 * 1024;
const pemFileBytesMax = 1024 * 1024;

export const queryCommand: Command<(typeof querySettings)['settings']> = {
  name: 'query',
  summary: 'Ask a node for the newest posts of followed accounts',
  usage: 'query --following ID,ID,… [--user ID] [--address HOST:PORT] [options]',
  examples: [
    'thunder query --following 1,2,3 --user 42',
    'thunder query --address 127.0.0.1:50051 --following 1,2,3 --max-results 20 --video',
    'thunder query --following-file follows.txt --exclude 1580661436132757506 --output json',
    'thunder query --following 1 --tls --tls-ca-file ca.pem',
  ],
  settings: querySettings,
  async run(values, io) {
    const tls = tlsOf(values);
    const client = createQueryClient({
      address: values.address,
      retryUnavailable: values.retry,
      ...(tls === null ? {} : { tls }),
    });
    try {
      const result = await client.getInNetworkPosts(requestOf(values), {
        deadlineMs: values.deadlineMs,
        signal: io.signal,
      });
      if (values.output === 'json') printJson(result, io);
      else printTable(result, io, nowSeconds(systemClock));
      return exitCodes.ok;
    } finally {
      client.close();
    }
  },
};

function requestOf(values: QuerySettings): QueryRequest {
  const fromFile = values.followingFile === undefined ? [] : readIds(values.followingFile);
  return {
    userId: idOf(values.user),
    followingUserIds: [...values.following.map(idOf), ...fromFile],
    excludeTweetIds: values.exclude.map(idOf),
    maxResults: values.maxResults,
    algorithm: values.algorithm ?? '',
    debug: values.debug,
    isVideoRequest: values.video,
  };
}

function idOf(text: string): bigint {
  const id = parseId(text);
  if (id === null) throw new ConfigurationError(`${text} is not an id`);
  return id;
}

/** One id a line; empty lines and what follows a `#` do not count. */
function readIds(path: string): bigint[] {
  const ids: bigint[] = [];
  const lines = read(path, followingFileBytesMax).toString('utf8').split(/\r?\n/);
  for (const [index, line] of lines.entries()) {
    const text = line.replace(/#.*$/, '').trim();
    if (text === '') continue;
    const id = parseId(text);
    if (id === null) {
      const shown = withoutControls(text).slice(0, 40);
      throw new ConfigurationError(`${path}: line ${index + 1}: "${shown}" is not an id`);
    }
    ids.push(id);
  }
  return ids;
}

function tlsOf(values: QuerySettings): QueryTls | null {
  const { tlsCaFile, tlsCertFile, tlsKeyFile, tlsServerName } = values;
  const asked = [tlsCaFile, tlsCertFile, tlsServerName].some((value) => value !== undefined);
  if (!values.tls && !asked) return null;
  return {
    ...(tlsCaFile === undefined ? {} : { ca: read(tlsCaFile, pemFileBytesMax) }),
    ...(tlsCertFile === undefined ? {} : { cert: read(tlsCertFile, pemFileBytesMax) }),
    ...(tlsKeyFile === undefined ? {} : { key: read(tlsKeyFile, pemFileBytesMax) }),
    ...(tlsServerName === undefined ? {} : { serverName: tlsServerName }),
  };
}

function read(path: string, bytesMax: number): Buffer {
  try {
    return readBoundedFile(path, bytesMax);
  } catch (error) {
    throw new ConfigurationError(`cannot read ${path}: ${messageOf(error)}`, error);
  }
}

function printJson(result: QueryResult, io: CommandIo): void {
  const { posts, metadata, tries } = result;
  // Ids as strings: JSON numbers end at 2^53.
  const text = JSON.stringify({ posts, ...metadata, tries }, (_name, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  );
  io.stdout.write(`${text}\n`);
}

function printTable(result: QueryResult, io: CommandIo, now: number): void {
  const columns = [
    { title: 'POST', align: 'right' },
    { title: 'AUTHOR', align: 'right' },
    { title: 'AGE', align: 'right' },
    { title: 'KIND' },
  ] as const;
  const rows = result.posts.map((post) => [
    String(post.postId),
    String(post.authorId),
    formatAge(post.createdAt, now),
    kindOfPost(post),
  ]);
  io.stdout.write(formatTable(columns, rows, styleOf(io.stdout, io.env)));
  const { node, stalenessMs, truncated, partial } = result.metadata;
  const style = styleOf(io.stderr, io.env);
  const lines = [
    `${rows.length} ${rows.length === 1 ? 'post' : 'posts'} from node ${node ?? '(unnamed)'}`,
    `staleness ${stalenessMs === null ? 'unknown' : `${stalenessMs} ms`}`,
  ].map((line) => emphasise(withoutControls(line), 'dim', style));
  const warnings = [
    ...(truncated === null ? [] : [`truncated ${truncated}`]),
    ...(partial === null ? [] : [`partial ${partial}`]),
  ].map((line) => emphasise(withoutControls(line), 'yellow', style));
  io.stderr.write(`${[...lines, ...warnings].join('\n')}\n`);
}
