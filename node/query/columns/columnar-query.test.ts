/**
 * The columnar store and query pass the suites of all engines.
 */
import { ColumnarStore } from '../../store/columns/columnar-store.ts';
import type { StoreOptions } from '../../store/post-store.ts';
import { againstRulesSuite } from '../against-rules.suite.ts';
import type { PlanOptions } from '../plan-request.ts';
import { queryEngineSuite } from '../query-engine.suite.ts';
import type { Subject } from '../subject.suite.ts';
import { visibilitySuite } from '../visibility.suite.ts';
import { createColumnarQuery } from './columnar-query.ts';

function createSubject(storeOptions: StoreOptions, planOptions: PlanOptions): Subject {
  const store = new ColumnarStore(storeOptions);
  return { store, engine: createColumnarQuery(store, planOptions) };
}

visibilitySuite('ColumnarStore', createSubject);
queryEngineSuite('createColumnarQuery', createSubject);
againstRulesSuite('createColumnarQuery', createSubject);
