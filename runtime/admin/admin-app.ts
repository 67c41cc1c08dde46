/**
 * The pages of the admin server, as a hono application: no socket, so tests call it directly.
 */
import { type Context, Hono } from 'hono';
import { messageOf } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { AdminProvider } from './admin-provider.ts';

export const adminPages = {
  '/livez': 'whether the process answers at all; never looks at other systems',
  '/readyz': 'whether it may be sent traffic, and if not, why and for how long',
  '/startupz': 'whether it has started, ready or not',
  '/metrics': 'Prometheus metrics',
  '/status': 'everything about it as JSON; /status?hash adds the state hash',
} as const;

export interface AdminAppOptions {
  readonly provider: AdminProvider;
  readonly logger: Logger;
  /** A provider that has not answered by then is given up: 503. */
  readonly answerMs: number;
}

const headers = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** Answers GET and HEAD; anything else is 405, any other page 404, both in plain words. */
export function createAdminApp({ provider, logger, answerMs }: AdminAppOptions): Hono {
  const app = new Hono();
  // However many ask at once, one hash or one page of metrics is computed at a time.
  const metrics = shared(() => provider.metrics());
  const status = shared(async () => provider.status({ hash: false }));
  const statusWithHash = shared(async () => provider.status({ hash: true }));

  app.use(async (context, next) => {
    for (const [name, value] of Object.entries(headers)) {
      context.header(name, value);
    }
    if (context.req.method !== 'GET' && context.req.method !== 'HEAD') {
      context.header('allow', 'GET, HEAD');
      return context.text(`${context.req.method} is not possible here, only GET and HEAD\n`, 405);
    }
    return next();
  });

  app.get('/', (context) => context.text(index()));
  app.get('/livez', (context) => context.text('ok\n'));
  app.get('/startupz', (context) => {
    const started = provider.hasStarted();
    return context.json({ started }, started ? 200 : 503);
  });
  app.get('/readyz', (context) => {
    const { details, ...readiness } = provider.readiness();
    return context.json({ ...readiness, ...details }, readiness.ready ? 200 : 503);
  });
  app.get('/metrics', async (context) => {
    const text = await within(metrics(), answerMs);
    return text === undefined
      ? late(context)
      : context.body(text.body, 200, { 'content-type': text.contentType });
  });
  app.get('/status', async (context) => {
    const hash = context.req.query('hash');
    const isHashWanted = hash !== undefined && hash !== 'false' && hash !== '0';
    const answer = await within(isHashWanted ? statusWithHash() : status(), answerMs);
    return answer === undefined ? late(context) : context.json(answer);
  });

  app.notFound((context) => context.text(`There is no such page here.\n${index()}`, 404));
  app.onError((error, context) => {
    logger.error({ err: error, page: context.req.path }, 'admin page failed');
    return context.text(`this page failed: ${messageOf(error)}\n`, 500);
  });
  return app;
}

function index(): string {
  const lines = Object.entries(adminPages).map(
    ([page, meaning]) => `${page.padEnd(10)} ${meaning}`,
  );
  return `${lines.join('\n')}\n`;
}

function late(context: Context): Response {
  return context.text('no answer in time, try again later\n', 503, { 'retry-after': '5' });
}

/** Calls that come while one is under way get its answer. */
function shared<T>(compute: () => Promise<T>): () => Promise<T> {
  let underWay: Promise<T> | undefined;
  return () => {
    underWay ??= compute().finally(() => {
      underWay = undefined;
    });
    return underWay;
  };
}

/** The answer, or undefined when it is not there in time. */
async function within<T>(answer: Promise<T>, limitMs: number): Promise<T | undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => {
    resolve(undefined);
  }, limitMs).unref();
  try {
    return await Promise.race([answer, promise]);
  } finally {
    clearTimeout(timer);
  }
}
