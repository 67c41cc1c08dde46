/**
 * Bounds how long an answer may wait for a client that does not take it (Q9). grpc-js ends a call
 * at its deadline but keeps the bytes that were not sent for as long as the connection lasts, and a
 * call without a deadline for ever; its own interface has no way to reset a call.
 */
import { constants, type ServerHttp2Stream } from 'node:http2';
import { ServerInterceptingCall, type ServerInterceptor } from '@grpc/grpc-js';

export interface BoundedSendOptions {
  /** Milliseconds from the answer's hand-over to its last byte's; then the call is reset. */
  readonly sendMsMax: number;
  /** Called once for each call that was reset. */
  readonly onReset: () => void;
}

type NextCall = ConstructorParameters<typeof ServerInterceptingCall>[0];

/** With this interceptor every call with an answer ends, for grpc-js too: as one that was cancelled. */
export function boundedSend(options: BoundedSendOptions): ServerInterceptor {
  return (_method, call) => new BoundedSendCall(call, options);
}

class BoundedSendCall extends ServerInterceptingCall {
  readonly #stream: ServerHttp2Stream;
  readonly #options: BoundedSendOptions;

  constructor(call: NextCall, options: BoundedSendOptions) {
    super(call);
    this.#stream = streamOf(call);
    this.#options = options;
  }

  override sendMessage(message: unknown, callback: () => void): void {
    super.sendMessage(message, callback);
    const stream = this.#stream;
    if (stream.closed || stream.destroyed) {
      return;
    }
    const { sendMsMax, onReset } = this.#options;
    const deadline = this.getDeadline();
    // After its deadline nobody waits for the answer, whatever is left of our own bound.
    const leftMs = Number(deadline) - Date.now();
    const timer = setTimeout(
      () => {
        onReset();
        stream.close(constants.NGHTTP2_CANCEL);
        // `close` waits for the frame to leave, which a client that reads nothing at all prevents.
        stream.destroy();
      },
      Math.max(0, Math.min(sendMsMax, leftMs)),
    );
    stream.once('close', () => clearTimeout(timer));
  }
}

/** grpc-js keeps it from its types only. Throws when a new version keeps it elsewhere. */
function streamOf(call: NextCall): ServerHttp2Stream {
  const stream: unknown = Reflect.get(call, 'stream');
  if (typeof stream !== 'object' || stream === null || !('rstCode' in stream)) {
    throw new TypeError('grpc-js no longer keeps the HTTP/2 stream of a call where it was');
  }
  // oxlint-disable-next-line no-unsafe-type-assertion -- only HTTP/2 streams have an rstCode
  return stream as ServerHttp2Stream;
}
