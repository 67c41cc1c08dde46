/**
 * What does the operator cost, while fleets are made and when there is nothing to do? Beside many
 * fleets stands one fleet, looked after by the same process a few minutes earlier.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { Random } from '#cli/generator/random.ts';
import { DependencyError } from '#runtime/errors.ts';
import { integer } from '#runtime/settings/setting.ts';
import { defineSettings } from '#runtime/settings/settings-table.ts';
import { whyNoControlPlane } from '#test/components/control-plane/control-plane.ts';
import { type Bench, type BenchIo, seedSetting } from './bench.ts';
import { percentile } from './harness.ts';
import { type OperatorRig, startOperatorRig } from './operator-rig.ts';
import { methods, type Scrape, Span, total } from './operator-scrape.ts';
import { type BenchRow, type Metric, toRow, withoutBaseline } from './report.ts';

const baseline = 'one fleet';
/** Every pod has been asked by then. */
const firstFiguresMs = 10_000;
const restMsMax = 300_000;
const scrapeEveryMs = 1_000;

const settings = defineSettings({
  seed: seedSetting(),
  rounds: integer({
    min: 1,
    max: 60,
    default: 1,
    description: 'Windows without and with figures that move; what is shown is of all of them.',
  }),
  fleets: integer({ min: 2, max: 2_000, default: 200, description: 'Fleets.' }),
  pods: integer({ min: 1, max: 100, default: 10, description: 'Serving pods of each fleet.' }),
  windowSeconds: integer({
    min: 1,
    max: 3_600,
    unit: 'seconds',
    default: 60,
    description: 'How long converged fleets are watched.',
  }),
  restSeconds: integer({
    min: 1,
    max: 300,
    unit: 'seconds',
    default: 12,
    description: 'Without a write for so long fleets are at rest; Events are counted every 10 s.',
  }),
  heapMegabytes: integer({
    min: 64,
    max: 16_384,
    unit: 'megabytes',
    default: 256,
    description:
      "Old space of the operator's heap, as the limit of a container sets it; without a limit garbage stays for long.",
  }),
});

type OperatorBenchSettings = Parameters<Bench<(typeof settings)['settings']>['run']>[0];

export const operatorBench: Bench<(typeof settings)['settings']> = {
  name: 'operator',
  question: 'What does the operator cost, while fleets are made and when there is nothing to do?',
  settings,
  async run(values, io) {
    const missing = await whyNoControlPlane({ own: true });
    if (missing !== undefined) {
      throw new DependencyError(missing, { code: 'NO_KUBERNETES', retry: 'never' });
    }
    io.progress('starting a control plane and the operator');
    const rig = await startOperatorRig(values.heapMegabytes, io);
    io.progress(rig.how);
    try {
      const one = await measureFleets(rig, 1, values, io);
      const many = await measureFleets(rig, values.fleets, values, io);
      return rowsOf(`F=${values.fleets} P=${values.pods}`, many, one);
    } finally {
      await rig.stop();
    }
  },
};

/** Figures by case and metric. Undefined: nothing was observed. */
type Figures = ReadonlyMap<string, readonly Figure[]>;

interface Figure {
  readonly metric: Metric;
  readonly value: number | undefined;
}

async function measureFleets(
  rig: OperatorRig,
  fleets: number,
  { pods, seed, ...values }: OperatorBenchSettings,
  io: BenchIo,
): Promise<Figures> {
  const made = fleets - rig.fleets;
  io.progress(`making ${made} fleets of ${pods} pods`);
  const before = await rig.scrape();
  const readyMs = await rig.grow(made, pods);
  await rig.untilReported();
  await untilAtRest(rig, values.restSeconds * 1_000, io);
  const making = new Span(before, await rig.scrape());
  const windowMs = values.windowSeconds * 1_000 * values.rounds;
  io.progress(`${fleets} fleets at rest for ${windowMs / 1_000} s`);
  const [still, end] = await watch(rig, windowMs, io);
  io.progress(`${fleets} fleets whose figures move for ${windowMs / 1_000} s`);
  const hold = rig.moveFigures(new Random(seed));
  // The first write is due at once, the next a minute later.
  await pause(Math.min(firstFiguresMs, windowMs), undefined, { signal: io.signal });
  const [moving] = await watch(rig, windowMs, io);
  hold();
  return new Map([
    ['apply to Ready', quantilesOf('s', (fraction) => percentile(readyMs, fraction) / 1_000)],
    ['pass, fleets are made', passOf(making)],
    ['request, fleets are made', requestOf(making)],
    ['fleets are made', perFleetOf(making, made)],
    ['at rest', [...perMinuteOf(still), ...memoryOf(end)]],
    ['figures move', perMinuteOf(moving)],
    ['pass, figures move', passOf(moving)],
  ]);
}

async function watch(
  rig: OperatorRig,
  windowMs: number,
  { signal }: BenchIo,
): Promise<[Span, Scrape]> {
  const from = await rig.scrape();
  await pause(windowMs, undefined, { signal });
  const to = await rig.scrape();
  return [new Span(from, to), to];
}

/** The Lease aside, nothing is written. */
async function untilAtRest(rig: OperatorRig, restMs: number, io: BenchIo): Promise<void> {
  const beganMs = performance.now();
  let quietSince = await rig.scrape();
  for (let last = quietSince; last.atMs - quietSince.atMs < restMs; ) {
    if (last.atMs - beganMs > restMsMax) throw new Error('the operator does not come to rest');
    await pause(scrapeEveryMs, undefined, { signal: io.signal });
    const next = await rig.scrape();
    const span = new Span(quietSince, next);
    const writes = ['PATCH', 'POST', 'DELETE'].map((method) => span.requests(method));
    if (writes.some((count) => count > 0)) quietSince = next;
    last = next;
  }
}

function lower(name: string, unit: string, value: number | undefined): Figure {
  return { metric: { name, unit, better: 'lower' }, value };
}

function quantilesOf(unit: string, quantile: (fraction: number) => number | undefined): Figure[] {
  return [lower('p50', unit, quantile(0.5)), lower('p99', unit, quantile(0.99))];
}

function millisecondsOf(span: Span, histogram: string): Figure[] {
  return quantilesOf('ms', (fraction) => {
    const seconds = span.quantile(histogram, fraction);
    return seconds === undefined ? undefined : seconds * 1_000;
  });
}

function passOf(span: Span): Figure[] {
  return millisecondsOf(span, 'controller_runtime_reconcile_time_seconds');
}

/** Until the API server has answered; watches aside. */
function requestOf(span: Span): Figure[] {
  return millisecondsOf(span, 'rest_client_request_duration_seconds');
}

function perFleetOf(span: Span, fleets: number): Figure[] {
  const writes = ['PATCH', 'POST', 'DELETE'].reduce((sum, each) => sum + span.requests(each), 0);
  const queue = 'workqueue_queue_duration_seconds';
  const waitMs = (span.count(`${queue}_sum`) * 1_000) / span.count(`${queue}_count`);
  return [
    // Of its histogram, whose buckets are decades, only the mean is exact.
    lower('queueMean', 'ms', waitMs),
    lower('passesPerFleet', 'passes', span.count('controller_runtime_reconcile_total') / fleets),
    lower('writesPerFleet', 'requests', writes / fleets),
    lower('cpuPerFleet', 'ms', (span.count('process_cpu_seconds_total') * 1_000) / fleets),
  ];
}

/** The only PUTs are those of the Lease. */
function perMinuteOf(span: Span): Figure[] {
  return [
    ...methods.map((method) =>
      lower(`${method.toLowerCase()}PerMinute`, 'requests', span.requestsPerMinute(method)),
    ),
    lower('pollsPerMinute', 'polls', span.perMinute('thunder_operator_pod_polls_total')),
    lower('passesPerMinute', 'passes', span.perMinute('controller_runtime_reconcile_total')),
    lower('cpuPerMinute', 's', span.perMinute('process_cpu_seconds_total')),
  ];
}

function memoryOf(scrape: Scrape): Figure[] {
  return [
    lower('rss', 'MB', total(scrape, 'process_resident_memory_bytes') / 1_000_000),
    lower('heapUsed', 'MB', total(scrape, 'nodejs_heap_size_used_bytes') / 1_000_000),
  ];
}

function rowsOf(suffix: string, many: Figures, one: Figures): BenchRow[] {
  return [...many].flatMap(([name, figures]) =>
    figures.flatMap(({ metric, value }, index) => {
      if (value === undefined) return [];
      const other = one.get(name)?.[index]?.value;
      const caseName = `${name} ${suffix}`;
      return value > 0 && other !== undefined && other > 0
        ? [toRow(caseName, metric, value, { name: baseline, value: other })]
        : [withoutBaseline(toRow(caseName, metric, value), `${baseline}: ${other ?? 'none'}`)];
    }),
  );
}
