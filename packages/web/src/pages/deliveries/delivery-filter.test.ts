// Filters of the list of deliveries: from the address to what the API is asked.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { webhookDeliveryEndpoints } from '@flowhook/contract/webhook/webhook-delivery';
import { readFilter, toQuery } from './delivery-filter.ts';
import { toLocalInput, toTime } from './local-time.ts';

const openedAt = Date.parse('2026-05-04T12:00:00.000Z');

describe('filters of deliveries', () => {
  it('are those members of the address that hold something', () => {
    assert.deepEqual(readFilter({ state: 'dead', host: '', other: 'x', task: undefined }), { state: 'dead' });
  });

  it('become a query that the contract takes', () => {
    const query = toQuery(
      {
        search: 'slack',
        state: 'dead,pending',
        held: 'true',
        flow: '7',
        task: '8',
        status: '503',
        since: '24h',
      },
      openedAt,
    );
    const asked = Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined));
    const read = webhookDeliveryEndpoints.list.query.parse(asked);
    assert.deepEqual(
      [read.state, read.held, read.flowId, read.statusCode],
      [['dead', 'pending'], true, 7, 503],
    );
    assert.equal(read.from, '2026-05-03T12:00:00.000Z');
  });

  it('take own times only where no range is chosen', () => {
    const own = { from: '2026-01-01T00:00:00.000Z', to: '2026-01-02T00:00:00.000Z' };
    assert.deepEqual(pick(toQuery({ ...own, since: 'own' }, openedAt)), own);
    assert.deepEqual(pick(toQuery({ ...own, since: '1h' }, openedAt)), {
      from: '2026-05-04T11:00:00.000Z',
      to: undefined,
    });
  });

  it('carry times through the fields of the browser, in any zone', () => {
    for (const time of ['2026-01-01T00:00:00.000Z', '2026-07-01T12:30:00.000Z']) {
      assert.equal(toTime(toLocalInput(time)), time);
    }
    assert.deepEqual(
      [toLocalInput('no time'), toLocalInput(undefined), toTime(''), toTime('12:00')],
      ['', '', '', ''],
    );
  });
});

const pick = ({ from, to }: ReturnType<typeof toQuery>) => ({ from, to });
