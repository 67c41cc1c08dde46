/**
 * A ThunderFleet once its defaults are applied. Written by `npm run gen` from crds/thunder-fleet/.
 */

export interface ThunderFleetSpec {
  /** Image of all pods. Default: the one that the operator was installed with. */
  readonly image?: string;
  /** The Kafka cluster that holds the in-network events. */
  readonly kafka: Kafka;
  /** The pods that hold the posts and answer queries. */
  readonly serving: Serving;
  /** Pods that turn tweet events into in-network events; none where others write the in-network topic. Default: []. */
  readonly transformers: readonly Transformer[];
  /** A new pod copies the posts of a ready one instead of replaying the log. No effect yet: nodes replay the log; what they will need is made already. */
  readonly warmStart: WarmStart;
  /** How a change of the pods is rolled out. */
  readonly rollout: Rollout;
  /** Who may reach the pods, and how. */
  readonly security: Security;
  /** Service that knows whom a user follows, for requests with an empty list. Its Secrets are reloaded when they change. */
  readonly followGraph?: FollowGraph;
  /** Leave the pods as they are: changes wait, the status goes on, Kubernetes still replaces pods that die. Default: false. */
  readonly paused: boolean;
}

export interface Kafka {
  /** Brokers to begin with, host:port each; the others are found through them. */
  readonly brokers: readonly string[];
  /** Talk to Kafka over TLS; `{}` trusts the certificates of the image. */
  readonly tls?: KafkaTls;
  /** Log in to Kafka; with `tls` as SASL_SSL, without as SASL_PLAINTEXT. */
  readonly sasl?: KafkaSasl;
  /** The topic of in-network events. */
  readonly inNetworkTopic: InNetworkTopic;
  /** Beginning of every consumer group of the fleet; the uids of fleet and pod follow. Default: "thunder". */
  readonly groupPrefix: string;
}

export interface KafkaTls {
  /** Certificates to trust; without it those of the image. Read at the start: a changed Secret rolls the pods. */
  readonly ca?: CaReference;
  /** Certificate to show, for mutual TLS. Read at the start: a changed Secret rolls the pods. */
  readonly clientCertificate?: CertificateReference;
}

export interface CaReference {
  /** Name of the Secret, in the namespace of the fleet. */
  readonly name: string;
  /** Which key of the Secret. Default: "ca.crt". */
  readonly key: string;
}

export interface CertificateReference {
  /** Name of the Secret, in the namespace of the fleet. */
  readonly name: string;
  /** Which key holds the certificate, its intermediates after it. Default: "tls.crt". */
  readonly certificateKey: string;
  /** Which key holds the private key. Default: "tls.key". */
  readonly privateKey: string;
}

export interface KafkaSasl {
  /** How. OAUTHBEARER takes the token from `password`. Default: "PLAIN". */
  readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512' | 'OAUTHBEARER';
  /** User name; not with OAUTHBEARER. */
  readonly username?: string;
  /** The password, or the token. Read at the start: a changed Secret rolls the pods. */
  readonly password: PasswordReference;
}

export interface PasswordReference {
  /** Name of the Secret, in the namespace of the fleet. */
  readonly name: string;
  /** Which key of the Secret. Default: "password". */
  readonly key: string;
}

export interface InNetworkTopic {
  /** Name of the topic. Default: "in_network_events". */
  readonly name: string;
  /** Create the topic, if it is missing, with so many partitions; default: it has to be there. Unit: partitions. */
  readonly partitions?: number;
  /** Copies of each partition, if the topic is created; default: as the brokers say. Unit: copies. */
  readonly replication?: number;
}

export interface Serving {
  /** Pods. Each holds everything; scaling changes no template. Unit: pods. Default: 2. */
  readonly replicas: number;
  /** How long a post is visible. The topic has to keep its records as long. Default: "48h". */
  readonly retention: string;
  /** CPU and memory of a pod. 60 % of the memory is for posts, some 140 bytes reserved for each. */
  readonly resources: ServingResources;
  /** Memory for posts and remembered deletes, at most 60 % of the memory limit; default: those 60 %. Unit: bytes. */
  readonly storeBytes?: string;
  /** Threads of each pod; default: as many as it has processors, 8 at most. 1: one thread does it all. Unit: threads. */
  readonly threads?: number;
  /** Longest scan of one query; what was found so far is answered, and said to be partial. 0s: no limit. Default: "0s". */
  readonly requestTimeout: string;
  /** Cost in flight at most in each pod, one unit per 100 ids of a request. Unit: cost units. Default: 2000. */
  readonly maxConcurrentRequests: number;
  /** Cost that each pod accepts in a second; default: no limit. Unit: cost units a second. */
  readonly qpsLimit?: number;
  /** A pod staler than this is unready until it has caught up. Default: never, because a Kafka outage would then empty the Service. */
  readonly maxStaleness?: string;
  /** Share of the records that cannot be decoded, beyond which a starting pod does not become ready; one that is ready stays so, and the fleet is Degraded. 100: never. Unit: percent. Default: 10. */
  readonly decodeFailureMax: number;
  /** ConfigMap with ids of authors that are never returned, one a line; read again on change. */
  readonly blockedAuthors?: IdsReference;
  /** Where and how the pods run. Any change rolls them. */
  readonly podTemplate: PodTemplate;
}

export interface ServingResources {
  /** What the Kubernetes node keeps free for each pod. */
  readonly requests: ServingResourcesRequests;
  /** What each pod may use at most. */
  readonly limits: ServingResourcesLimits;
}

export interface ServingResourcesRequests {
  /** CPU. Unit: cores. Default: "500m". */
  readonly cpu: string | number;
  /** Memory; without it as much as the limit. Unit: bytes. */
  readonly memory?: string;
}

export interface ServingResourcesLimits {
  /** CPU; without it no limit. Unit: cores. */
  readonly cpu?: string | number;
  /** Memory, at least 256Mi. The process stays below it. Unit: bytes. Default: "2Gi". */
  readonly memory: string;
}

export interface IdsReference {
  /** Name of the ConfigMap, in the namespace of the fleet. */
  readonly name: string;
  /** Which key of the ConfigMap. Default: "ids". */
  readonly key: string;
}

export interface PodTemplate {
  /** Secrets to pull the image with. */
  readonly imagePullSecrets?: readonly LocalReference[];
  /** Labels besides ours; those of ours cannot be changed. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Annotations besides ours. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Labels that a Kubernetes node must have. */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /** As `affinity` of a pod (kubectl explain pod.spec.affinity). */
  readonly affinity?: Readonly<Record<string, unknown>>;
  /** Taints of Kubernetes nodes that do not keep the pods away. */
  readonly tolerations?: readonly Toleration[];
  /** How to spread the pods; default: over host names and over zones, as far as possible. Empty: not at all. */
  readonly topologySpread?: readonly TopologySpread[];
  /** Priority class of the pods. */
  readonly priorityClass?: string;
  /** Variables besides ours; a flag of ours beats a variable. */
  readonly env?: readonly EnvironmentVariable[];
}

export interface LocalReference {
  /** Name of the Secret. */
  readonly name: string;
}

export interface Toleration {
  /** Key of the taint; absent: any. */
  readonly key?: string;
  /** Whether the value has to be equal, or the key is enough. Default: "Equal". */
  readonly operator: 'Equal' | 'Exists';
  /** Value of the taint. */
  readonly value?: string;
  /** Effect of the taint; absent: any. */
  readonly effect?: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
  /** How long a NoExecute taint is tolerated; absent: for ever. Unit: seconds. */
  readonly tolerationSeconds?: number;
}

export interface TopologySpread {
  /** Label of Kubernetes nodes that names a place: `topology.kubernetes.io/zone`. */
  readonly topologyKey: string;
  /** Most pods that one place may have more than another. Unit: pods. Default: 1. */
  readonly maxSkew: number;
  /** Whether a pod that cannot be spread so waits or runs all the same. Default: "ScheduleAnyway". */
  readonly whenUnsatisfiable: 'ScheduleAnyway' | 'DoNotSchedule';
}

export interface EnvironmentVariable {
  /** Its name. `THUNDER_…` sets a setting of the node that has no field here (docs/reference/configuration.md). */
  readonly name: string;
  /** Its value. Not for passwords: use `secret`. */
  readonly value?: string;
  /** Take the value from a Secret; changing it rolls the pods. */
  readonly secret?: SecretVariable;
  /** Take the value from a ConfigMap; changing it rolls the pods. */
  readonly configMap?: ConfigMapVariable;
}

export interface SecretVariable {
  /** Name of the Secret. */
  readonly name: string;
  /** Which key. */
  readonly key: string;
}

export interface ConfigMapVariable {
  /** Name of the ConfigMap. */
  readonly name: string;
  /** Which key. */
  readonly key: string;
}

export interface Transformer {
  /** Its name within the fleet, and the end of its consumer group: a new name reads the topic from its beginning. Default: "transformer". */
  readonly name: string;
  /** Pods; more than the topic has partitions stand idle. Unit: pods. Default: 1. */
  readonly replicas: number;
  /** What is read. */
  readonly input: TransformerInput;
  /** Topic of `spec.kafka` for records that could not be read; default: none. */
  readonly deadLetterTopic?: string;
  /** CPU and memory of a pod. */
  readonly resources: TransformerResources;
  /** Where and how the pods run. Any change rolls them. */
  readonly podTemplate: PodTemplate;
}

export interface TransformerInput {
  /** Topic that is read. Default: "tweet_events". */
  readonly topic: string;
  /** What the topic holds; in-network events are passed through and keyed anew. Default: "tweet-event". */
  readonly format: 'tweet-event' | 'event' | 'in-network-event';
  /** Brokers of the cluster that is read; default: `spec.kafka`, whole. */
  readonly brokers?: readonly string[];
  /** Talk to `input.brokers` over TLS. */
  readonly tls?: KafkaTls;
  /** Log in to `input.brokers`. */
  readonly sasl?: KafkaSasl;
}

export interface TransformerResources {
  /** What the Kubernetes node keeps free for each pod. */
  readonly requests: TransformerResourcesRequests;
  /** What each pod may use at most. */
  readonly limits: TransformerResourcesLimits;
}

export interface TransformerResourcesRequests {
  /** CPU. Unit: cores. Default: "250m". */
  readonly cpu: string | number;
  /** Memory; without it as much as the limit. Unit: bytes. */
  readonly memory?: string;
}

export interface TransformerResourcesLimits {
  /** CPU; without it no limit. Unit: cores. */
  readonly cpu?: string | number;
  /** Memory, at least 128Mi. The process stays below it. Unit: bytes. Default: "512Mi". */
  readonly memory: string;
}

export interface WarmStart {
  /** Whether to; every failure falls back to the next peer, then to the log. Default: true. */
  readonly enabled: boolean;
  /** Copies that one pod sends at once; others wait or ask another. Unit: copies. Default: 2. */
  readonly maxPullsPerDonor: number;
  /** Rate at which one pod sends, all copies together; default: no limit. Unit: bytes a second. */
  readonly maxBytesPerSecond?: string;
  /** Longest copy; then the log is replayed. A pod that has to go may finish sending for as long. Default: "10m". */
  readonly timeout: string;
}

export interface Rollout {
  /** Pods above `replicas` while rolling. Unit: pods. Default: 1. */
  readonly maxSurge: number;
  /** Caught-up pods that may be missing while rolling. Never all of them: at least one stays. Unit: pods. Default: 0. */
  readonly maxUnavailable: number;
  /** A new pod that makes no progress for so long stops the rollout. How long it takes in all does not matter. Default: "10m". */
  readonly progressDeadline: string;
  /** Go back to the last good pods when a rollout stops, instead of waiting for a better spec. Default: false. */
  readonly autoRollback: boolean;
  /** Wait so long after the first new pod is ready, or until the annotation `thunder.dev/continue` gets a new value. Default: no wait. */
  readonly holdAfterFirst?: string;
}

export interface Security {
  /** Serve gRPC over TLS with this certificate; reloaded when it changes. */
  readonly serverTls?: CertificateReference;
  /** Demand client certificates signed by these; reloaded when they change. */
  readonly clientCa?: CaReference;
  /** Close the pods to the network, by a NetworkPolicy: the snapshot port to all but pods of this fleet, the others as said here. */
  readonly networkPolicy: NetworkPolicySettings;
}

export interface NetworkPolicySettings {
  /** Whether to make one. Default: true. */
  readonly enabled: boolean;
  /** Who may query; default: everybody. */
  readonly clients?: readonly Readonly<Record<string, unknown>>[];
  /** Who may reach the admin port besides the operator; default: everybody. */
  readonly monitoring?: readonly Readonly<Record<string, unknown>>[];
}

export interface FollowGraph {
  /** http:// or https:// URL, without a user or password. */
  readonly url: string;
  /** How it is asked. Default: "strato". */
  readonly api: 'strato' | 'rest';
  /** Ask it for every empty list, not only for debug requests. Default: false. */
  readonly fillAlways: boolean;
  /** Longest wait for its answer, retries included. Default: "500ms". */
  readonly timeout: string;
  /** Bearer token for it. */
  readonly token?: TokenReference;
  /** Certificates to trust there; without it those of the image. */
  readonly ca?: CaReference;
  /** Certificate to show there, for mutual TLS. */
  readonly clientCertificate?: CertificateReference;
}

export interface TokenReference {
  /** Name of the Secret, in the namespace of the fleet. */
  readonly name: string;
  /** Which key of the Secret. Default: "token". */
  readonly key: string;
}

export interface ThunderFleetStatus {
  /** Generation of the spec that this is about. */
  readonly observedGeneration?: number;
  /** Serving pods. Unit: pods. */
  readonly replicas?: number;
  /** Of these, caught up and ready. Unit: pods. */
  readonly readyReplicas?: number;
  /** Of these, of the newest revision. Unit: pods. */
  readonly updatedReplicas?: number;
  /** Labels of the serving pods, for `kubectl scale` and autoscalers. */
  readonly selector?: string;
  /** Events that the pod furthest behind has not applied yet, rounded. Unit: events. */
  readonly lag?: number;
  /** Posts that each pod holds, the fewest, rounded. Unit: posts. */
  readonly posts?: number;
  /** How the pods started: `2 warm, 1 cold`. */
  readonly starts?: string;
  /** When the last snapshot was sent. */
  readonly snapshotAt?: string;
  /** Version of the serving pods. */
  readonly version?: string;
  /** When figures were last written. */
  readonly figuresAt?: string;
  /** Names of ControllerRevisions. */
  readonly revisions?: Revisions;
  /** The serving pods, the first 100 by name. */
  readonly pods?: readonly PodReport[];
  /** The transformers. */
  readonly transformers?: readonly TransformerReport[];
  /** What the rollout of the serving pods is doing. */
  readonly rollout?: RolloutReport;
  /** Ready, Available, Progressing, CaughtUp, KafkaReachable, Degraded, Paused, UpdateAvailable. */
  readonly conditions?: readonly Condition[];
}

export interface Revisions {
  /** The last one that all pods ran well. */
  readonly current?: string;
  /** The one that pods are given now. */
  readonly updating?: string;
}

export interface PodReport {
  /** Name. */
  readonly name: string;
  /** Revision it runs. */
  readonly revision: string;
  /** Whether it is sent queries. */
  readonly ready: boolean;
  /** What it is doing; absent while its admin port does not answer. */
  readonly stage?: 'connecting' | 'snapshot' | 'replaying' | 'ready' | 'draining';
  /** How far it is on its way to readiness. Unit: percent. */
  readonly progress?: number;
  /** How long that will still take. Unit: seconds. */
  readonly etaSeconds?: number;
  /** Events it has not applied yet, rounded. Unit: events. */
  readonly lag?: number;
  /** Posts it holds, rounded. Unit: posts. */
  readonly posts?: number;
  /** What they take, rounded. Unit: bytes. */
  readonly bytes?: number;
  /** Where the posts came from at the start; absent when the log was replayed. */
  readonly warmStart?: WarmStartReport;
  /** What is wrong with it. */
  readonly message?: string;
}

export interface WarmStartReport {
  /** Pod that sent them. */
  readonly from: string;
  /** How much. Unit: bytes. */
  readonly bytes?: number;
  /** How long it took. Unit: seconds. */
  readonly seconds?: number;
}

export interface TransformerReport {
  /** Name. */
  readonly name: string;
  /** Pods. Unit: pods. */
  readonly replicas: number;
  /** Of these, ready. Unit: pods. */
  readonly ready: number;
  /** Records they have not transformed yet, rounded. Unit: records. */
  readonly lag?: number;
}

export interface RolloutReport {
  /** State. */
  readonly state: 'idle' | 'settling' | 'waiting' | 'rolling' | 'holding' | 'halted' | 'rolledBack';
  /** Rule that keeps the operator from doing what the spec asks. */
  readonly blockedBy?:
    | 'InvalidSpec'
    | 'Paused'
    | 'SecretMissing'
    | 'MaxRollouts'
    | 'HoldAfterFirst'
    | 'RolloutHalted'
    | 'RolledBack'
    | 'LastCaughtUpPod';
  /** Revision that is rolled out, or that was refused. */
  readonly revision?: string;
  /** Since when it is in this state. */
  readonly since?: string;
  /** Pod that stopped it. */
  readonly pod?: string;
  /** Why, one word. */
  readonly cause?: string;
  /** Why, one sentence. */
  readonly message?: string;
  /** How far the new pods are, all together; for telling a stall. Unit: steps. */
  readonly mark?: number;
  /** When they last got further. */
  readonly markAt?: string;
  /** Value of the annotation `thunder.dev/continue` at its beginning. */
  readonly continueSeen?: string;
  /** Value of the annotation `thunder.dev/update` when it was rolled back. */
  readonly updateSeen?: string;
  /** Whether the wait after the first pod is over. */
  readonly released?: boolean;
}

export interface Condition {
  /** Which. */
  readonly type:
    | 'Ready'
    | 'Available'
    | 'Progressing'
    | 'CaughtUp'
    | 'KafkaReachable'
    | 'Degraded'
    | 'Paused'
    | 'UpdateAvailable';
  /** Whether it holds. */
  readonly status: 'True' | 'False' | 'Unknown';
  /** Why, one word. */
  readonly reason: string;
  /** Cause and next step. */
  readonly message: string;
  /** When `status` last changed. */
  readonly lastTransitionTime: string;
  /** Generation of the spec that it is about. */
  readonly observedGeneration: number;
}
