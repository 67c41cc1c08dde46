/**
 * A Kubernetes API server for tests, with everything of a cluster but nodes. In this order: a
 * cluster that was explicitly named (`TEST_KUBECONFIG`), programs that are there
 * (`KUBEBUILDER_ASSETS`), programs built once with Go.
 */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { messageOf } from '#runtime/errors.ts';
import { isCi } from '#test/components/kafka/kafka.ts';
import { ensurePrograms, type Program, programsPath, whyNoPrograms } from './go-build.ts';
import { type KubectlAnswer, runKubectl } from './kubectl.ts';
import { type LocalControlPlane, startLocalControlPlane } from './local-control-plane.ts';

const hint =
  'Install Go 1.25 or newer, with which it is built once, or set KUBEBUILDER_ASSETS to a folder ' +
  'with etcd, kube-apiserver and kubectl, or name a cluster for tests in TEST_KUBECONFIG.';

export interface StartControlPlaneOptions {
  /** Insists on processes of its own, for tests that stop or pause them. */
  readonly own?: boolean;
  /** Whether kube-controller-manager runs: Deployments, garbage collection, namespaces that end. Default true. */
  readonly controllers?: boolean;
  /** What each of those controllers may ask of the API server; default Kubernetes' own, 20 a second. */
  readonly controllerRequestsPerSecond?: number;
  /** Only these of its controllers; default all. */
  readonly controllerNames?: readonly string[];
  readonly tell?: (line: string) => void;
}

export interface TestControlPlane {
  /** Which one this is and why, in one line. */
  readonly how: string;
  /** Path of a kubeconfig with all rights. */
  readonly kubeconfig: string;
  /** The program, or its name where the path has it. */
  readonly kubectlPath: string;
  /** The processes; undefined for a cluster that was not started here. */
  readonly local: LocalControlPlane | undefined;
  kubectl(args: readonly string[], input?: string): Promise<KubectlAnswer>;
  /** Creates a namespace with a name of its own; deleted at the end. */
  createNamespace(labels?: Readonly<Record<string, string>>): Promise<string>;
  /** Stops what was started, or else deletes the namespaces that were made here. Idempotent. */
  stop(): Promise<void>;
}

/**
 * Why there can be no control plane on this machine, with hints, or undefined if there can. Builds
 * what is not built yet, which takes minutes, once; starts nothing.
 */
export async function whyNoControlPlane(
  options: StartControlPlaneOptions = {},
): Promise<string | undefined> {
  if (namedKubeconfig(options) !== undefined || assetsPath(options) !== undefined) return undefined;
  const missing = await whyNoPrograms();
  if (missing !== undefined) return `No Kubernetes for tests: ${missing}. ${hint}`;
  try {
    await ensurePrograms(options.tell ?? toStandardError);
    return undefined;
  } catch (error) {
    return `No Kubernetes for tests: ${messageOf(error)}. ${hint}`;
  }
}

export async function startControlPlane(
  options: StartControlPlaneOptions = {},
): Promise<TestControlPlane> {
  const named = namedKubeconfig(options);
  if (named !== undefined) {
    const builtKubectl = path.join(programsPath(), 'kubectl');
    const plane = new ControlPlaneForTests({
      how: 'an existing cluster (TEST_KUBECONFIG is set)',
      kubeconfig: named,
      kubectlPath: existsSync(builtKubectl) ? builtKubectl : 'kubectl',
    });
    await plane.kubectl(['version']);
    return plane;
  }
  const assets = assetsPath(options);
  const directory = assets ?? (await ensurePrograms(options.tell ?? toStandardError));
  const local = await startLocalControlPlane(directory, options);
  return new ControlPlaneForTests({
    how: `etcd and kube-apiserver on this machine, ${assets === undefined ? 'built with Go' : 'from KUBEBUILDER_ASSETS'}`,
    kubeconfig: local.kubeconfig,
    kubectlPath: path.join(directory, 'kubectl'),
    local,
  });
}

/**
 * Starts it for one test, stopped when the test ends. Where there can be none the test is skipped,
 * with the reason, and `undefined` is the answer; where `CI` is set it fails instead.
 */
export async function controlPlaneOrSkip(
  test: TestContext,
  options: StartControlPlaneOptions = {},
): Promise<TestControlPlane | undefined> {
  const telling = { tell: (line: string) => test.diagnostic(line), ...options };
  const missing = await whyNoControlPlane(telling);
  if (missing !== undefined) {
    if (isCi()) throw new Error(missing);
    test.skip(missing);
    return undefined;
  }
  const plane = await startControlPlane(telling);
  test.after(() => plane.stop());
  return plane;
}

/**
 * For `describe(name, { skip: await skipWithoutControlPlane() }, …)`: the reason to skip, or false.
 * Where `CI` is set it is always false, so that what is missing fails the tests.
 */
export async function skipWithoutControlPlane(
  options: StartControlPlaneOptions = {},
): Promise<string | false> {
  return isCi() ? false : ((await whyNoControlPlane(options)) ?? false);
}

function toStandardError(line: string): void {
  process.stderr.write(`${line}\n`);
}

function namedKubeconfig(options: StartControlPlaneOptions): string | undefined {
  const named = process.env['TEST_KUBECONFIG'];
  return options.own === true || named === undefined || named === '' ? undefined : named;
}

function assetsPath(options: StartControlPlaneOptions): string | undefined {
  const assets = process.env['KUBEBUILDER_ASSETS'];
  if (assets === undefined || assets === '') return undefined;
  const needed: Program[] = ['etcd', 'kube-apiserver', 'kubectl'];
  if (options.controllers ?? true) needed.push('kube-controller-manager');
  return needed.every((program) => existsSync(path.join(assets, program))) ? assets : undefined;
}

class ControlPlaneForTests implements TestControlPlane {
  readonly how: string;
  readonly kubeconfig: string;
  readonly kubectlPath: string;
  readonly local: LocalControlPlane | undefined;
  readonly #namespaces: string[] = [];
  #stopped: Promise<void> | undefined;

  constructor(parts: {
    readonly how: string;
    readonly kubeconfig: string;
    readonly kubectlPath: string;
    readonly local?: LocalControlPlane;
  }) {
    this.how = parts.how;
    this.kubeconfig = parts.kubeconfig;
    this.local = parts.local;
    this.kubectlPath = parts.kubectlPath;
  }

  kubectl(args: readonly string[], input?: string): Promise<KubectlAnswer> {
    return runKubectl(this.kubectlPath, ['--kubeconfig', this.kubeconfig, ...args], input);
  }

  async createNamespace(labels: Readonly<Record<string, string>> = {}): Promise<string> {
    const name = `test-${randomBytes(5).toString('hex')}`;
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
    await this.kubectl(['create', '-f', '-'], JSON.stringify(namespace));
    this.#namespaces.push(name);
    return name;
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    if (this.local !== undefined) {
      await this.local.stop();
    } else if (this.#namespaces.length > 0) {
      await this.kubectl(['delete', 'namespace', '--wait=false', ...this.#namespaces]);
    }
  }
}
