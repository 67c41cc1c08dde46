/**
 * Faults drawn at random: of brokers, of the wires between nodes and brokers, of nodes. Of the
 * brokers one at most is away at a time, so that what is acknowledged cannot be lost; everything else
 * may happen at once. Which faults come, to whom and for how long follows from the seed alone.
 */
import type { Random } from '#cli/generator/random.ts';
import type { ClusterBroker } from '#test/components/kafka/kafka-cluster.ts';
import type { WireFault } from '#test/components/wire-fault.ts';
import type { FaultWorld } from './fault-world.ts';

export interface RandomFault {
  /** What is done, in words. */
  readonly what: string;
  inject(): Promise<void> | void;
}

type Draw = (world: FaultWorld, random: Random) => RandomFault;

/** Each as likely as the others. */
const draws: readonly Draw[] = [
  (world, random) => brokerAway(world, random, 'killed', (broker) => broker.kill()),
  (world, random) => brokerAway(world, random, 'stopped', (broker) => broker.stopCleanly()),
  (world, random) => brokerAway(world, random, 'frozen', (broker) => broker.pause()),
  (world) => ({ what: 'brokers are whole again', inject: () => world.cluster.healBrokers() }),
  (world, random) => wire(world, random, { delayMs: random.between(20, 1_000) }),
  (world, random) => wire(world, random, { bytesPerSecond: random.between(2_000, 200_000) }),
  (world, random) => wire(world, random, { stalled: true }),
  (world, random) => wire(world, random, { resetAfterBytes: random.below(20_000) }),
  (world, random) => wire(world, random, { endAfterBytes: random.below(20_000) }),
  (world, random) => {
    const broker = pick(world.cluster.brokers, random);
    return {
      what: `connections to broker ${broker.id} reset`,
      inject: () => broker.proxy?.reset(),
    };
  },
  (world, random) => {
    const broker = pick(world.cluster.brokers, random);
    const direction = random.chance(0.5) ? 'up' : 'down';
    return {
      what: `connections to broker ${broker.id} half-closed (${direction})`,
      inject: () => broker.proxy?.halfClose(direction),
    };
  },
  (world, random) => {
    const broker = pick(world.cluster.brokers, random);
    return {
      what: `broker ${broker.id} refuses nodes`,
      inject: () => {
        broker.proxy?.refuse();
        broker.proxy?.reset();
      },
    };
  },
  (world) => ({
    what: 'wires are whole again',
    inject: () => {
      for (const { proxy } of world.cluster.brokers) proxy?.heal();
    },
  }),
  (world, random) => {
    const node = pick(world.nodes, random);
    return {
      what: `${node.name} killed and started`,
      inject: async () => {
        await node.kill();
        await node.start();
      },
    };
  },
  (world, random) => {
    const node = pick(world.nodes, random);
    return { what: `${node.name} frozen`, inject: () => node.freeze() };
  },
  (world) => ({
    what: 'nodes thaw',
    inject: () => {
      for (const node of world.nodes) node.thaw();
    },
  }),
];

export function drawFault(world: FaultWorld, random: Random): RandomFault {
  return pick(draws, random)(world, random);
}

function brokerAway(
  world: FaultWorld,
  random: Random,
  how: string,
  leave: (broker: ClusterBroker) => Promise<void>,
): RandomFault {
  const broker = pick(world.cluster.brokers, random);
  return {
    what: `broker ${broker.id} ${how}`,
    inject: async () => {
      // The other two must be there, and in sync, for anything to be acknowledged.
      if (world.cluster.brokers.some(({ isUp }) => !isUp)) await world.cluster.healBrokers();
      await leave(broker);
    },
  };
}

function wire(world: FaultWorld, random: Random, fault: WireFault): RandomFault {
  const broker = pick(world.cluster.brokers, random);
  const direction = random.chance(0.5) ? 'up' : 'down';
  return {
    what: `wire to broker ${broker.id} (${direction}): ${JSON.stringify(fault)}`,
    inject: () => broker.proxy?.fault(direction, fault),
  };
}

function pick<T>(values: readonly T[], random: Random): T {
  const value = values[random.below(values.length)];
  if (value === undefined) throw new Error('nothing to pick from');
  return value;
}
