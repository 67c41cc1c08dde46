/**
 * The settings of `thunder demo`.
 */
import { boolean, inGroup, integer, number, oneOf } from '#runtime/settings/setting.ts';
import { defineSettings, type SettingsOf } from '#runtime/settings/settings-table.ts';

export const demoSettings = defineSettings({
  ...inGroup('Demo', {
    backlog: integer({
      min: 1_000,
      max: 5_000_000,
      unit: 'events',
      default: 200_000,
      description: 'Tweet events of the last two days to begin with.',
    }),
    rate: number({
      min: 1,
      max: 100_000,
      unit: 'events a second',
      default: 500,
      description: 'Steady rate afterwards.',
    }),
    nodes: integer({ min: 1, max: 9, default: 3, description: 'Serving nodes, each a process.' }),
    authors: integer({
      min: 100,
      max: 1_000_000,
      default: 20_000,
      description: 'Accounts that post.',
    }),
    following: integer({
      min: 1,
      max: 10_000,
      default: 500,
      description: 'Accounts that each asking user follows.',
    }),
    partitions: integer({ min: 1, max: 64, default: 4, description: 'Partitions of each topic.' }),
    seed: integer({
      min: 0,
      max: Number.MAX_SAFE_INTEGER,
      default: 1,
      description: 'The same seed gives the same accounts, events and questions.',
    }),
    once: boolean({
      default: false,
      description: 'One round: catch up, a few seconds of queries under load, compare, exit.',
    }),
    seconds: integer({
      min: 1,
      max: 600,
      unit: 'seconds',
      default: 5,
      description: 'With --once: how long to query under load.',
    }),
    output: oneOf(['text', 'json'], {
      default: 'text',
      description: 'With --once, json prints a summary as the last line of standard output.',
    }),
    json: boolean({ default: false, description: 'The same as --output json.' }),
  }),
});

export type DemoSettings = SettingsOf<typeof demoSettings>;
