/** What the server's book-keeping says, read: fields, items by key and by value, wholes. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { appliedFields, projectFields } from './managed-fields.ts';
import type { ManagedFieldsEntry } from './objects.ts';

describe('the fields that were applied', () => {
  it('are those of one manager, by apply, of the object itself', () => {
    const entries: ManagedFieldsEntry[] = [
      { manager: 'other', operation: 'Apply', fieldsV1: 1 },
      { manager: 'me', operation: 'Update', fieldsV1: 2 },
      { manager: 'me', operation: 'Apply', subresource: 'status', fieldsV1: 3 },
      { manager: 'me', operation: 'Apply', fieldsV1: 4 },
    ];
    const metadata = { name: 'x', managedFields: entries };
    const object = { apiVersion: 'v1', kind: 'X', metadata };
    assert.equal(appliedFields(object, 'me'), 4);
    assert.equal(appliedFields(object, 'nobody'), undefined);
  });

  it('name parts of maps, whole values, items by key, by value and by place', () => {
    const value = {
      replicas: 3,
      other: 'not ours',
      atomic: { all: ['of', 'it'] },
      containers: [
        { name: 'side', image: 's' },
        { name: 'main', image: 'm', imagePullPolicy: 'Always' },
      ],
      finalizers: ['theirs', 'ours'],
      list: ['zero', 'one'],
      owned: { x: 1 },
    };
    const fields = {
      'f:replicas': {},
      'f:atomic': {},
      'f:containers': { 'k:{"name":"main"}': { '.': {}, 'f:image': {}, 'f:name': {} } },
      'f:finalizers': { 'v:"ours"': {} },
      'f:list': { 'i:1': {} },
      'f:owned': { '.': {} },
      'f:gone': {},
    };
    assert.deepEqual(projectFields(value, fields), {
      replicas: 3,
      atomic: { all: ['of', 'it'] },
      containers: [{ name: 'main', image: 'm' }],
      finalizers: ['ours'],
      list: ['one'],
      owned: {},
    });
  });
});
