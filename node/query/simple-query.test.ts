/**
 * The simple store and query pass the suites of all engines.
 */
import type { StoreOptions } from '../store/post-store.ts';
import { SimpleStore } from '../store/simple-store.ts';
import { againstRulesSuite } from './against-rules.suite.ts';
import type { PlanOptions } from './plan-request.ts';
import { queryEngineSuite } from './query-engine.suite.ts';
import { createSimpleQuery } from './simple-query.ts';
import type { Subject } from './subject.suite.ts';
import { visibilitySuite } from './visibility.suite.ts';

function createSubject(storeOptions: StoreOptions, planOptions: PlanOptions): Subject {
  const store = new SimpleStore(storeOptions);
  return { store, engine: createSimpleQuery(store, planOptions) };
}

visibilitySuite('SimpleStore', createSubject);
queryEngineSuite('createSimpleQuery', createSubject);
againstRulesSuite('createSimpleQuery', createSubject);
