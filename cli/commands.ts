/**
 * Every command of the program, in the order in which help lists them.
 */
import type { Command } from './command.ts';
import { demoCommand } from './demo/demo-command.ts';
import { operatorCommand } from './operator/operator-command.ts';
import { produceCommand } from './produce/produce-command.ts';
import { queryCommand } from './query/query-command.ts';
import { serveCommand } from './serve/serve-command.ts';
import { transformCommand } from './transform/transform-command.ts';

export const commands: readonly Command[] = [
  serveCommand,
  transformCommand,
  operatorCommand,
  demoCommand,
  produceCommand,
  queryCommand,
];
