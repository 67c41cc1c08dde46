/**
 * The answer of a pod's `/status`, checked before anybody relies on it: pods may be of any version,
 * and what they say ends up in the status of a fleet, which has bounds.
 */
import { nodeStages } from '#crds/thunder-fleet/status.ts';
import { podReportItemsMax } from '#operator/bounds.ts';
import type { NodeStatus } from '#runtime/node-status.ts';

/** Characters of a text in a report; what is longer is cut. */
const textMax = 512;
const nameMax = 253;
/** Figures are bytes, events and posts; rounded, they have to stay whole numbers. */
const figureMax = 1e15;

/** Null for anything that is not the status of a node. */
export function parseNodeStatus(text: string): NodeStatus | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isRecord(value) || !nodeStages.some((stage) => stage === value['stage'])) {
    return null;
  }
  const bytes = isRecord(value['bytes']) ? value['bytes'] : {};
  const checked = {
    ...value,
    version: textOf(value['version'], 64),
    ready: value['ready'] === true,
    reason: textOf(value['reason'], textMax),
    progress: numberOrNull(value['progress']),
    etaSeconds: numberOrNull(value['etaSeconds']),
    posts: numberOf(value['posts']),
    bytes: { ...bytes, used: numberOf(bytes['used']), bound: numberOf(bytes['bound']) },
    effectiveRetentionSeconds: numberOf(value['effectiveRetentionSeconds'], Infinity),
    lagEvents: numberOf(value['lagEvents']),
    stalenessMs: numberOrNull(value['stalenessMs']),
    donating: numberOf(value['donating']),
    partitions: recordsOf(value['partitions']),
    resets: recordsOf(value['resets']).map((reset) => ({
      ...reset,
      detail: textOf(reset['detail'], textMax),
    })),
    warmStart: isRecord(value['warmStart'])
      ? {
          source: textOf(value['warmStart']['source'], nameMax) || 'a peer',
          bytes: numberOf(value['warmStart']['bytes']),
          seconds: numberOf(value['warmStart']['seconds']),
        }
      : null,
    warnings: itemsOf(value['warnings']).map((warning) => textOf(warning, textMax)),
    counters: Object.fromEntries(
      Object.entries(isRecord(value['counters']) ? value['counters'] : {})
        .slice(0, podReportItemsMax)
        .map(([name, count]) => [name, numberOf(count)]),
    ),
  };
  // oxlint-disable-next-line no-unsafe-type-assertion -- what is read of it is checked above
  return checked as unknown as NodeStatus;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function itemsOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value.slice(0, podReportItemsMax) : [];
}

function recordsOf(value: unknown): Record<string, unknown>[] {
  return itemsOf(value).filter(isRecord);
}

function numberOf(value: unknown, otherwise = 0): number {
  return numberOrNull(value) ?? otherwise;
}

function numberOrNull(value: unknown): number | null {
  return typeof value === 'number' && value >= 0 ? Math.min(value, figureMax) : null;
}

function textOf(value: unknown, lengthMax: number): string {
  return typeof value === 'string' ? value.slice(0, lengthMax) : '';
}
