/**
 * The template of one transformer's pods.
 */
import type { Transformer } from '#crds/gen/thunder-fleet.ts';
import { parseDuration } from '#crds/schema/duration.ts';
import type { Fleet } from '#operator/fleet/fleet.ts';
import { finishCallsSeconds, stopReserveSeconds } from '#operator/limits.ts';
import { type KafkaAccess, kafkaAccess } from './kafka-access.ts';
import type { PodTemplate } from './kube-types.ts';
import type { MountedFiles } from './mounted-files.ts';
import { childName, transformerSelector } from './names.ts';
import { podTemplate } from './pod-template.ts';
import { commonLabels } from './serving-template.ts';

export function transformerTemplate(
  fleet: Fleet,
  transformer: Transformer,
  defaultImage: string,
): PodTemplate {
  return podTemplate({
    selector: transformerSelector(fleet, transformer.name),
    labels: commonLabels(fleet, 'transformer'),
    serviceAccount: childName(fleet, 'pods'),
    image: fleet.spec.image ?? defaultImage,
    args: transformerArgs(fleet, transformer),
    ports: ['admin'],
    files: transformerFiles(fleet, transformer),
    resources: transformer.resources,
    overrides: transformer.podTemplate,
    // Sends what it has read, commits, leaves the group.
    gracePeriodSeconds: finishCallsSeconds + stopReserveSeconds,
  });
}

export function transformerFiles(fleet: Fleet, transformer: Transformer): MountedFiles[] {
  const { input, output } = accessOf(fleet, transformer);
  return [...input.files, ...output.files];
}

function accessOf(
  { spec }: Fleet,
  { input }: Transformer,
): { readonly input: KafkaAccess; readonly output: KafkaAccess } {
  const cluster = input.brokers === undefined ? spec.kafka : { ...input, brokers: input.brokers };
  return {
    input: kafkaAccess(cluster, '', 'input'),
    output: kafkaAccess(spec.kafka, 'producer-', 'output'),
  };
}

function transformerArgs(fleet: Fleet, transformer: Transformer): string[] {
  const { kafka, serving } = fleet.spec;
  const { input, deadLetterTopic } = transformer;
  const access = accessOf(fleet, transformer);
  const retentionSeconds = Math.ceil((parseDuration(serving.retention) ?? 0) / 1_000);
  return [
    'transform',
    `--fleet=${fleet.name}`,
    `--fleet-uid=${fleet.uid}`,
    `--tweet-events-consumer-dest=${(input.brokers ?? kafka.brokers).join(',')}`,
    `--tweet-events-topic=${input.topic}`,
    `--input-format=${input.format}`,
    `--kafka-group-id=${kafka.groupPrefix}`,
    `--transformer=${transformer.name}`,
    ...access.input.args,
    `--in-network-events-producer-dest=${kafka.brokers.join(',')}`,
    `--in-network-events-topic=${kafka.inNetworkTopic.name}`,
    ...(deadLetterTopic === undefined ? [] : [`--dead-letter-topic=${deadLetterTopic}`]),
    ...access.output.args,
    `--post-retention-seconds=${retentionSeconds}`,
  ];
}
