/**
 * The end of a server under load (L4), seen from the clients.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { status } from '@grpc/grpc-js';
import { createClient, encodeRequest, query, startServer, waitFor } from './serve-fixture.ts';

test('L4: a server leaves under load and no call of a client that retries once fails', async (t) => {
  const leaving = await startServer({ node: 'leaving' });
  const staying = await startServer({ node: 'staying' });
  t.after(() => staying.server.shutdown({ graceMs: 0 }));
  const servers = [leaving, staying];
  const clients = servers.map(({ address }) => createClient(address));
  t.after(() => clients.forEach((client) => client.close()));
  const request = encodeRequest({ user_id: 1, following_user_ids: [2], max_results: 400 });

  const load = { over: false };
  let retried = 0;
  const failures: string[] = [];
  const served = new Map<unknown, number>();
  const once = async (index: number) => {
    const client = clients[index % 2];
    assert.ok(client !== undefined);
    const result = await query(client, request);
    const node = result.metadata['x-thunder-node'];
    served.set(node, (served.get(node) ?? 0) + 1);
    return result;
  };
  const worker = async (start: number): Promise<void> => {
    for (let index = start; !load.over; index += 1) {
      let result = await once(index);
      if (result.code === status.UNAVAILABLE) {
        retried += 1;
        result = await once(index + 1);
      }
      if (result.code !== status.OK) {
        failures.push(`${status[result.code]}: ${result.message}`);
      }
    }
  };
  const workers = Array.from({ length: 8 }, (_, index) => worker(index));
  await waitFor('both serve', () => (served.get('leaving') ?? 0) > 100);

  // Unready first, and still serving.
  leaving.server.setServing(false);
  const before = served.get('leaving') ?? 0;
  await waitFor('the leaving one still serves', () => (served.get('leaving') ?? 0) > before + 20);
  const inTime = await leaving.server.shutdown({ graceMs: 10_000 });
  const after = served.get('staying') ?? 0;
  await waitFor('the other goes on', () => (served.get('staying') ?? 0) > after + 50);
  load.over = true;
  await Promise.all(workers);

  assert.deepEqual(failures, []);
  assert.equal(inTime, true, 'every call had finished within the grace');
  assert.equal(leaving.metrics.inFlightRequests.value, 0);
  assert.ok(retried > 0, 'the server really left under load');
});

test('L4: a call under way is finished, and one that outlasts the grace is cut', async () => {
  const held: (() => void)[] = [];
  const options = {
    fillFollowing: true,
    followGraph: {
      following: () =>
        new Promise<{ kind: 'found'; ids: bigint[] }>((resolve) => {
          held.push(() => resolve({ kind: 'found', ids: [1n] }));
        }),
    },
  };
  for (const finishes of [true, false]) {
    held.length = 0;
    const { server, address, metrics } = await startServer(options);
    const client = createClient(address);
    const result = query(client, encodeRequest({ user_id: 1 }));
    await waitFor('the call is under way', () => held.length === 1);
    const ended = server.shutdown({ graceMs: finishes ? 5_000 : 50 });
    if (finishes) {
      held[0]?.();
    }
    assert.equal((await result).code, finishes ? status.OK : status.UNAVAILABLE);
    assert.equal(await ended, finishes);
    await waitFor('the connection is gone', () => metrics.connections.value === 0);
    held[0]?.();
    await waitFor('the units are back', () => metrics.inFlightUnits.value === 0);
    assert.equal(await server.shutdown({ graceMs: 0 }), finishes, 'a second end is the first');
    client.close();
  }
});
