/**
 * How long answers take, lately: a handler around another that times what it answers.
 */
import type { Clock } from '#runtime/clock.ts';
import type { LatencyWindow } from '#runtime/latency-window.ts';
import type { CallHandler, ServiceReply } from './service-call.ts';

/** Refusals do not count: they would make a node that sheds look fast. */
export function measured(inner: CallHandler, latencies: LatencyWindow, clock: Clock): CallHandler {
  const record = (reply: ServiceReply, startedMs: number): ServiceReply => {
    if (reply.code === 'OK') {
      const nowMs = clock.monotonicMs();
      latencies.record(nowMs, nowMs - startedMs);
    }
    return reply;
  };
  return {
    handle(request, call) {
      const startedMs = clock.monotonicMs();
      const reply = inner.handle(request, call);
      return reply instanceof Promise
        ? reply.then((settled) => record(settled, startedMs))
        : record(reply, startedMs);
    },
  };
}
