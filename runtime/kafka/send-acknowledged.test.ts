/**
 * Which answers count as an acknowledgement.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Message, RecordMetadata } from 'kafkajs';
import { choosingOnce, unansweredPartitions } from './send-acknowledged.ts';

const topic = 'events';

function messageTo(partition?: number): Message {
  return partition === undefined ? { value: null } : { value: null, partition };
}

function answerOf(partition: number, more: Partial<RecordMetadata> = {}): RecordMetadata {
  return { topicName: topic, partition, errorCode: 0, baseOffset: '7', ...more };
}

describe('what a broker has acknowledged', () => {
  it('is every partition that was used', () => {
    const messages = [messageTo(0), messageTo(1), messageTo(1)];
    assert.deepEqual(unansweredPartitions(topic, messages, [answerOf(0), answerOf(1)]), []);
    assert.deepEqual(unansweredPartitions(topic, messages, [answerOf(0)]), [1]);
    assert.deepEqual(unansweredPartitions(topic, messages, []), [0, 1]);
  });

  it('is not what has an error, no offset or another topic', () => {
    for (const more of [{ errorCode: 6 }, { baseOffset: '-1' }, { topicName: 'other' }]) {
      assert.deepEqual(unansweredPartitions(topic, [messageTo(0)], [answerOf(0, more)]), [0]);
    }
    const { baseOffset: _, ...withoutOffset } = answerOf(0);
    assert.deepEqual(unansweredPartitions(topic, [messageTo(0)], [withoutOffset]), [0]);
  });

  it('is not a message that never got a partition', () => {
    assert.deepEqual(unansweredPartitions(topic, [messageTo()], [answerOf(0)]), [-1]);
  });

  it('is compared with one choice per message', () => {
    let next = 0;
    const choose = choosingOnce(
      () =>
        ({ message }) =>
          message.partition ?? next++,
    )();
    const message = messageTo();
    const args = { topic, partitionMetadata: [], message };
    assert.deepEqual([choose(args), choose(args), message.partition], [0, 0, 0]);
  });
});
