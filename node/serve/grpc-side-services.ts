/**
 * What every gRPC server of ours offers beside its own service: health for load balancers, and
 * reflection for people with grpcurl.
 */
import { fileURLToPath } from 'node:url';
import type { Server, ServerWritableStream } from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';
import { HealthImplementation, protoPath as healthProtoPath } from 'grpc-health-check';
import protobuf from 'protobufjs';
import descriptor from 'protobufjs/ext/descriptor.js';

/** Where `thunder/v1/*.proto` lie. */
const protoFolder = fileURLToPath(new URL('../../proto/', import.meta.url));

const serviceProto = 'thunder/v1/in_network_posts_service.proto';

/** Answers grpc.health.v1 for the server as a whole (`""`) and for each named service. */
export class Health {
  readonly #names: readonly string[];
  readonly #health: HealthImplementation;
  readonly #watches = new Set<{ end(): void }>();

  constructor(serviceNames: readonly string[]) {
    this.#names = ['', ...serviceNames];
    this.#health = new HealthImplementation();
    this.setServing(false);
  }

  setServing(serving: boolean): void {
    for (const name of this.#names) {
      this.#health.setStatus(name, serving ? 'SERVING' : 'NOT_SERVING');
    }
  }

  addToServer(server: Server): void {
    this.#health.addToServer({
      addService: (definition, implementation) => {
        const inner = implementation['watch'] as (call: WatchCall) => void;
        server.addService(definition, {
          ...implementation,
          watch: (call: WatchCall) => {
            this.#watches.add(call);
            call.on('cancelled', () => this.#watches.delete(call));
            inner(call);
          },
        });
      },
    });
  }

  /** Ends the watches, which would otherwise hold their connections open until the grace is over. */
  endWatches(): void {
    for (const watch of this.#watches) {
      watch.end();
    }
  }
}

type WatchCall = ServerWritableStream<unknown, unknown>;

/** Answers reflection v1 and v1alpha for our service and health, from the .proto files on disk. */
export async function addReflection(server: Server): Promise<void> {
  const files = [
    ...(await describe([serviceProto], protoFolder)),
    ...(await describe([healthProtoPath], '')),
  ];
  // The library reads `fileDescriptorProtos` (encoded descriptors) of each entry and nothing else.
  const definition = { files: { fileDescriptorProtos: files } };
  new ReflectionService(
    definition as unknown as ConstructorParameters<typeof ReflectionService>[0],
  ).addToServer(server);
}

async function describe(paths: readonly string[], folder: string): Promise<Buffer[]> {
  const root = new protobuf.Root();
  root.resolvePath = (_origin, target) => folder + target;
  await root.load([...paths], { keepCase: true });
  root.resolveAll();
  const { file: files } = root.toDescriptor('proto3');
  for (const file of files) {
    nameMapEntries(file.messageType ?? []);
  }
  return files.map((file) => Buffer.from(descriptor.FileDescriptorProto.encode(file).finish()));
}

/** protobufjs names the hidden message of a map `Statuses`; clients demand `StatusesEntry`, as protoc has it. */
function nameMapEntries(messages: readonly descriptor.IDescriptorProto[]): void {
  for (const message of messages) {
    for (const nested of message.nestedType ?? []) {
      const { name } = nested;
      if (nested.options?.mapEntry !== true || name === undefined || name.endsWith('Entry')) {
        continue;
      }
      nested.name = `${name}Entry`;
      for (const field of message.field ?? []) {
        if (field.typeName === name) {
          field.typeName = nested.name;
        }
      }
    }
    nameMapEntries(message.nestedType ?? []);
  }
}
