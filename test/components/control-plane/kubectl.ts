/** kubectl as a child: the client that users have, which nobody here wrote. */
import { execFile } from 'node:child_process';

const callMsMax = 60_000;
const answerBytesMax = 16 * 1024 * 1024;

export interface KubectlAnswer {
  readonly stdout: string;
  readonly stderr: string;
}

/** Throws with what it wrote to standard error when it fails. */
export function runKubectl(
  command: string,
  args: readonly string[],
  input?: string,
): Promise<KubectlAnswer> {
  return new Promise((resolve, reject) => {
    const options = { timeout: callMsMax, maxBuffer: answerBytesMax };
    const child = execFile(command, args, options, (error, stdout, stderr) => {
      if (error === null) resolve({ stdout, stderr });
      else reject(new Error(`kubectl ${args.slice(2).join(' ')}: ${stderr || error.message}`));
    });
    // One that reads no input may be gone before it is written.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}
