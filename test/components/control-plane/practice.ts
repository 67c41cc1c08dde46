/**
 * `npm run -s cluster`: a Kubernetes to practise on, in the foreground, until Ctrl-C. API server and
 * controllers are real; there is no node, so nodes and pods are played: every pod is ready at once,
 * unless its image's tag is `missing`. On standard output the line that a terminal needs.
 */
import { once } from 'node:events';
import path from 'node:path';
import type { Pod } from '#operator/kube/types.ts';
import { messageOf } from '#runtime/errors.ts';
import { startControlPlane } from './control-plane.ts';
import { type PodFate, PodRunner, ready } from './pod-runner.ts';

function fateOf({ spec }: Pod): PodFate {
  const image = spec?.containers[0]?.image ?? '';
  return image.endsWith(':missing') ? { kind: 'imagePullBackOff' } : ready;
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

try {
  const plane = await startControlPlane({ own: true, tell });
  const nodes = await PodRunner.start(plane.kubeconfig);
  nodes.decide(fateOf);
  tell(`${plane.how}; pods are played, no container runs; Ctrl-C stops it.`);
  tell('Paste this line into the terminals that are to use it:');
  const line = [
    `export KUBECONFIG='${plane.kubeconfig}'`,
    `THUNDER_POD_ADMIN_PORT=${nodes.port}`,
    `PATH='${path.dirname(plane.kubectlPath)}':"$PATH"`,
  ];
  process.stdout.write(`${line.join(' ')}\n`);
  const keepAlive = setInterval(() => undefined, 60_000);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  clearInterval(keepAlive);
  await nodes.stop();
  await plane.stop();
} catch (error) {
  tell(messageOf(error));
  process.exitCode = 4;
}
