/**
 * What every node process has: a name, a log, an admin port.
 */
import { hostname } from 'node:os';
import { integer, oneOf, string } from '#runtime/settings/setting.ts';

const label = {
  pattern: /^[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$/,
  allowed: 'letters, digits, dots, dashes and underscores, at most 253',
};

export const processSettings = {
  node: string({
    ...label,
    optional: true,
    description: 'Name of this node in logs, status and answers; default: the host name.',
  }),
  fleet: string({
    ...label,
    default: 'local',
    description: 'Name of the fleet that this node belongs to.',
  }),
  fleetUid: string({
    ...label,
    optional: true,
    description:
      'What tells this fleet from others of its name, in its consumer groups; default: its name.',
  }),
  podUid: string({
    ...label,
    optional: true,
    description:
      'What tells this process from all others, at the end of a serving node’s consumer group; default: made at the start.',
  }),
  logLevel: oneOf(['debug', 'info', 'warn', 'error', 'silent'], {
    default: 'info',
    description: 'Least level of log lines.',
  }),
  httpHost: string({ default: '0.0.0.0', description: 'Address of the admin port.' }),
  httpPort: integer({
    min: 0,
    max: 65_535,
    default: 8080,
    description:
      'Admin port: /livez, /readyz, /startupz, /metrics, /status. 0: any free one, said in the log.',
  }),
  statsIntervalSecs: integer({
    min: 1,
    max: 3600,
    unit: 'seconds',
    default: 5,
    description: 'Time between two lines of progress or statistics in the log.',
  }),
  lagMonitorIntervalSecs: integer({
    min: 1,
    max: 3600,
    unit: 'seconds',
    default: 1,
    description: 'Time between two looks at the ends of the log.',
  }),
};

/** `--node`, or the host name. */
export function nodeName(values: { readonly node: string | undefined }): string {
  return values.node ?? hostname();
}
