/**
 * A TCP proxy in this process for tests of what a network does: bytes that come late, slowly, not at
 * all, only in part or changed, connections that are reset or closed in one direction. Faults can be
 * set and healed at any time and hold for the connections there are and those to come.
 */
import { once } from 'node:events';
import { createServer, connect as dial, type Server, type Socket } from 'node:net';
import { Pump } from './tcp-proxy-pump.ts';
import type { Direction, WireFault } from './wire-fault.ts';

export interface TcpProxyOptions {
  readonly target: { readonly host?: string; readonly port: number };
  /** Default: any free one. */
  readonly port?: number;
}

interface Link {
  readonly client: Socket;
  readonly server: Socket;
  readonly pumps: Readonly<Record<Direction, Pump>>;
}

export class TcpProxy {
  readonly #server: Server;
  readonly #target: { readonly host?: string; readonly port: number };
  readonly #links = new Set<Link>();
  readonly #faults: Record<Direction, WireFault> = { up: {}, down: {} };
  #refusing = false;
  #accepted = 0;

  private constructor(options: TcpProxyOptions) {
    this.#target = options.target;
    // A direction that ends must not end the other.
    this.#server = createServer({ allowHalfOpen: true }, (client) => this.#accept(client));
  }

  static async start(options: TcpProxyOptions): Promise<TcpProxy> {
    const proxy = new TcpProxy(options);
    proxy.#server.listen(options.port ?? 0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the proxy is closed');
    return address.port;
  }

  get connections(): number {
    return this.#links.size;
  }

  /** Since the start, refused ones too. */
  get accepted(): number {
    return this.#accepted;
  }

  /** In place of what was set for that direction before. Byte counts begin now. */
  fault(direction: Direction, fault: WireFault): void {
    this.#faults[direction] = fault;
    for (const link of this.#links) link.pumps[direction].fault(fault);
  }

  /** Resets every connection there is (RST on both sides). */
  reset(): void {
    for (const { client, server } of this.#links) {
      client.resetAndDestroy();
      server.resetAndDestroy();
    }
  }

  /** Ends one direction of every connection there is; the other goes on. */
  halfClose(direction: Direction): void {
    for (const { pumps } of this.#links) pumps[direction].end();
  }

  /** New connections are reset as they come, as if nobody listened; those there are go on. */
  refuse(): void {
    this.#refusing = true;
  }

  /** No faults from now on. Connections that were cut stay cut. */
  heal(): void {
    this.#refusing = false;
    this.fault('up', {});
    this.fault('down', {});
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.reset();
    await closed;
  }

  #accept(client: Socket): void {
    this.#accepted += 1;
    if (this.#refusing) {
      client.on('error', () => undefined);
      client.resetAndDestroy();
      return;
    }
    const server = dial({ host: '127.0.0.1', ...this.#target, allowHalfOpen: true });
    const fail = (): void => {
      client.resetAndDestroy();
      server.resetAndDestroy();
    };
    const pumps = { up: new Pump(client, server, fail), down: new Pump(server, client, fail) };
    const link = { client, server, pumps };
    this.#links.add(link);
    for (const direction of ['up', 'down'] as const) {
      pumps[direction].fault(this.#faults[direction]);
    }
    for (const socket of [client, server]) {
      socket.setNoDelay(true);
      // Either side's failure is the other's too.
      socket.on('error', fail);
      socket.once('close', () => {
        // After an orderly end of one side what is still held is on its way to the other.
        if (!client.destroyed || !server.destroyed) return;
        for (const direction of ['up', 'down'] as const) pumps[direction].stop();
        this.#links.delete(link);
      });
    }
  }
}
