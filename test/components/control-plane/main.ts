/**
 * A Kubernetes API server with its controllers in the foreground, the path of its kubeconfig on
 * standard output, until Ctrl-C: for a look around, and for several test runs (`TEST_KUBECONFIG`).
 */
import { once } from 'node:events';
import { messageOf } from '#runtime/errors.ts';
import { startControlPlane } from './control-plane.ts';

try {
  const tell = (line: string): void => {
    process.stderr.write(`${line}\n`);
  };
  const plane = await startControlPlane({ own: true, tell });
  process.stderr.write(`${plane.how}; Ctrl-C stops it\n`);
  process.stdout.write(`${plane.kubeconfig}\n`);
  const keepAlive = setInterval(() => undefined, 60_000);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  clearInterval(keepAlive);
  await plane.stop();
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 4;
}
