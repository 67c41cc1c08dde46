/**
 * Degraded: the fleet answers, and something about it should be mended. The reason is the gravest.
 */

import { parseDuration } from '#crds/schema/duration.ts';
import { isReset, type PodFacts } from '#operator/rollout/pod-facts.ts';
import { decodeFailureWords } from '#runtime/node-status.ts';
import type { Finding } from './finding.ts';
import { type FleetFacts, livePods } from './fleet-facts.ts';
import { toReason } from './messages.ts';

interface Trouble {
  readonly reason: string;
  readonly message: string;
}

/** Named in one message. */
const shownMax = 3;

export function degradedCondition(facts: FleetFacts): Finding {
  const pods = livePods(facts);
  const troubles: Trouble[] = [
    ...topicTrouble(facts),
    ...resetTrouble(pods),
    ...podTrouble(facts),
    ...transformerTrouble(facts),
    ...undecodableTrouble(pods),
    ...fullTrouble(facts, pods),
    ...warningTrouble(pods),
  ];
  const [gravest] = troubles;
  if (gravest === undefined) {
    return { status: 'False', reason: 'AsExpected', message: 'Nothing has to be mended.' };
  }
  const shown = troubles.slice(0, shownMax).map(({ message }) => message);
  const rest = troubles.length > shownMax ? [`And ${troubles.length - shownMax} more.`] : [];
  return {
    status: 'True',
    reason: toReason(gravest.reason),
    message: [...shown, ...rest].join(' '),
  };
}

function topicTrouble({ kafka }: FleetFacts): Trouble[] {
  return kafka.hasTopic === false
    ? [{ reason: 'TopicMissing', message: 'The in-network topic is not there.' }]
    : [];
}

function resetTrouble(pods: readonly PodFacts[]): Trouble[] {
  const first = pods.find(isReset);
  if (first === undefined) {
    return [];
  }
  const detail = first.report?.resets.at(-1)?.detail ?? 'the log is not the one that was applied';
  return [{ reason: 'LogReset', message: `Pod ${first.name}: ${detail}.` }];
}

function podTrouble({ rollout, pods }: FleetFacts): Trouble[] {
  const state = rollout?.state;
  const stop = state?.kind === 'halted' ? state.stop : (rollout?.trouble ?? null);
  if (stop !== null) {
    const who = stop.pod === '' ? '' : `Pod ${stop.pod}: `;
    return [{ reason: stop.cause, message: `${who}${stop.message}.` }];
  }
  const bad = livePods({ pods }).find(({ problem }) => problem !== null);
  const problem = bad?.problem ?? null;
  return problem === null
    ? []
    : [{ reason: problem.cause, message: `Pod ${bad?.name}: ${problem.message}.` }];
}

function transformerTrouble({ transformers }: FleetFacts): Trouble[] {
  return transformers.flatMap(({ name, trouble }) =>
    trouble === null
      ? []
      : [{ reason: trouble.cause, message: `Transformer ${name}: ${trouble.message}.` }],
  );
}

/** By the pod's own rule (`decodeFailureMax`), of what it has read lately. */
function undecodableTrouble(pods: readonly PodFacts[]): Trouble[] {
  for (const { name, report } of pods) {
    const sentence = report?.warnings.find(isOfDecoding);
    if (sentence !== undefined) {
      return [{ reason: 'DecodeFailureRate', message: `Pod ${name}: ${sentence}.` }];
    }
  }
  return [];
}

function fullTrouble({ parsed }: FleetFacts, pods: readonly PodFacts[]): Trouble[] {
  const wanted = parsed.ok ? (parseDuration(parsed.fleet.spec.serving.retention) ?? 0) / 1_000 : 0;
  const isFull = pods.some(
    ({ report }) => report !== null && report.effectiveRetentionSeconds < wanted,
  );
  return isFull
    ? [
        {
          reason: 'StoreFull',
          message: 'Memory is full, and posts go before their time: raise the memory limit.',
        },
      ]
    : [];
}

/** What nodes advise, each sentence once. */
function warningTrouble(pods: readonly PodFacts[]): Trouble[] {
  const sentences = new Set(pods.flatMap(({ report }) => report?.warnings ?? []));
  return [...sentences]
    .filter((sentence) => !isOfDecoding(sentence))
    .toSorted()
    .map((sentence) => ({ reason: 'NodeWarning', message: `${sentence}.` }));
}

function isOfDecoding(warning: string): boolean {
  return warning.includes(decodeFailureWords);
}
