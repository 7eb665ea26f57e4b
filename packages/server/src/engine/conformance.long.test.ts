// The conformance suite, run on DuckDB and on the durable engine of the tests.
import { describeEngine } from '../../test/engine-conformance.ts';

describeEngine('duckdb', { maker: 'makeDuckDb', survives: false });
describeEngine('durable', { maker: 'makeDurable', survives: true });
