/**
 * Names of the consumer groups of a fleet, as its nodes make them, and which of them are left over.
 */
import type { Fleet } from '#operator/fleet/fleet.ts';

/** A serving pod's own. */
export function servingGroup(fleet: Fleet, podUid: string): string {
  return `${groupsBegin(fleet)}${podUid}`;
}

/** Shared by the pods of a transformer. */
export function transformerGroup(fleet: Fleet, transformer: string): string {
  return `${groupsBegin(fleet)}${transformer}`;
}

/** With what every group of this fleet begins, and none of another one. */
export function groupsBegin({ spec, uid }: Fleet): string {
  return `${spec.kafka.groupPrefix}-${uid}-`;
}

const uidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * Groups of serving pods that are gone, out of all groups of the cluster. A transformer's group is
 * never left over while the fleet is there: it holds the positions.
 */
export function leftOverGroups(
  fleet: Fleet,
  groups: readonly string[],
  podUids: ReadonlySet<string>,
): string[] {
  const begin = groupsBegin(fleet);
  return groups.filter((group) => {
    const end = group.startsWith(begin) ? group.slice(begin.length) : '';
    return uidPattern.test(end) && !podUids.has(end);
  });
}

/** Everything that goes with the fleet. */
export function groupsOfFleet(fleet: Fleet, groups: readonly string[]): string[] {
  return groups.filter((group) => group.startsWith(groupsBegin(fleet)));
}
