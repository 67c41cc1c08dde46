/**
 * The simple store and query pass the suites of all engines.
 */

import { againstRulesSuite } from '#node/query/against-rules.suite.ts';
import type { PlanOptions } from '#node/query/plan-request.ts';
import { queryEngineSuite } from '#node/query/query-engine.suite.ts';
import type { Subject } from '#node/query/subject.suite.ts';
import { visibilitySuite } from '#node/query/visibility.suite.ts';
import type { StoreOptions } from '#node/store/post-store.ts';
import { createSimpleQuery } from './simple-query.ts';
import { SimpleStore } from './simple-store.ts';

function createSubject(storeOptions: StoreOptions, planOptions: PlanOptions): Subject {
  const store = new SimpleStore(storeOptions);
  return { store, engine: createSimpleQuery(store, planOptions) };
}

visibilitySuite('SimpleStore', createSubject);
queryEngineSuite('createSimpleQuery', createSubject);
againstRulesSuite('createSimpleQuery', createSubject);
