/**
 * The columnar store passes the suite of all stores; here is what it shows beyond that.
 */
import { postStoreSuite } from '../post-store.suite.ts';
import { ColumnarStore } from './columnar-store.ts';

postStoreSuite('ColumnarStore', (options) => new ColumnarStore(options), 'arrival');
