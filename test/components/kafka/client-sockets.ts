/**
 * The sockets of a test's clients. kafkajs loses one now and then, when it is told to disconnect while
 * it connects; the test's process would wait for it until the broker has had enough, ten minutes later.
 */
import { connect, type Socket } from 'node:net';
import type { ISocketFactory } from 'kafkajs';

export class ClientSockets {
  readonly #open = new Set<Socket>();

  /** For plain listeners. */
  readonly factory: ISocketFactory = ({ host, port, onConnect }) => {
    const socket = connect({ host, port }, onConnect);
    this.#open.add(socket);
    socket.once('close', () => this.#open.delete(socket));
    return socket;
  };

  /** When no client is used any more. */
  destroy(): void {
    for (const socket of this.#open) socket.destroy();
  }
}
