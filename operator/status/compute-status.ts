/**
 * `status` of a ThunderFleet, from what a pass has seen. Only the operator writes it, and only here.
 */
import type { ThunderFleetStatus, TransformerReport } from '#crds/gen/thunder-fleet.ts';
import { selectorText, servingSelector } from '#operator/desired/names.ts';
import { toReport } from '#operator/rollout/rollout-state.ts';
import type { NodeStatus } from '#runtime/node-status.ts';
import { conditionsOf } from './conditions.ts';
import { roundFigure } from './figures.ts';
import { type FleetFacts, livePods, type TransformerFacts } from './fleet-facts.ts';
import { cut } from './messages.ts';
import { podReports } from './pod-reports.ts';

/** `previous` is the status that is stored; times that go on come from there. */
export function computeStatus(
  facts: FleetFacts,
  previous: ThunderFleetStatus | undefined,
): ThunderFleetStatus {
  const { identity, target, lastGood } = facts;
  const pods = livePods(facts);
  const ready = pods.filter((pod) => pod.isReady);
  const reports = ready.flatMap(({ report }) => (report === null ? [] : [report]));
  const newest = target ?? facts.applied?.revision;
  return {
    observedGeneration: identity.generation,
    replicas: pods.length,
    readyReplicas: ready.length,
    updatedReplicas: pods.filter((pod) => pod.revision === newest).length,
    selector: selectorText(servingSelector(identity)),
    ...(reports.length === 0
      ? {}
      : {
          lag: roundFigure(Math.max(...reports.map((report) => report.lagEvents))),
          posts: roundFigure(Math.min(...reports.map((report) => report.posts))),
          starts: startsOf(reports),
          version: cut(
            [...new Set(reports.map((report) => report.version))].toSorted().join(', '),
            128,
          ),
        }),
    ...(previous?.snapshotAt === undefined ? {} : { snapshotAt: previous.snapshotAt }),
    revisions: {
      ...(lastGood === null ? {} : { current: lastGood }),
      ...(newest === undefined || newest === '' ? {} : { updating: newest }),
    },
    pods: podReports(pods),
    transformers: facts.transformers.map(transformerReport),
    ...rolloutOf(facts, previous),
    conditions: conditionsOf(facts, previous?.conditions),
  };
}

function startsOf(reports: readonly NodeStatus[]): string {
  const warm = reports.filter((report) => report.warmStart !== null).length;
  return `${warm} warm, ${reports.length - warm} cold`;
}

function transformerReport({
  name,
  replicas,
  ready,
  lagEvents,
}: TransformerFacts): TransformerReport {
  return {
    name,
    replicas,
    ready,
    ...(lagEvents === null ? {} : { lag: roundFigure(lagEvents) }),
  };
}

/** Of an invalid spec no step is made: what was going on is kept. */
function rolloutOf(
  { rollout, parsed }: FleetFacts,
  previous: ThunderFleetStatus | undefined,
): Pick<ThunderFleetStatus, 'rollout'> {
  if (rollout !== null) {
    const { state, blockedBy } = rollout;
    const report = toReport(state);
    const message = report.message === undefined ? {} : { message: cut(report.message, 512) };
    const blocked = blockedBy === null ? {} : { blockedBy };
    return { rollout: { ...report, ...message, ...blocked } };
  }
  if (previous?.rollout === undefined) {
    return {};
  }
  const blocked = parsed.ok ? {} : { blockedBy: 'InvalidSpec' as const };
  return { rollout: { ...previous.rollout, ...blocked } };
}
