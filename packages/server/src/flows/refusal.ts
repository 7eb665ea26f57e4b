// What an engine refused, as the problem that its caller gets.
import { Problem } from '../base/error.ts';
import type { Failure } from '../engine/failure.ts';

/** `field` is the member of the request that is at fault. */
export function toRefusal(failure: Failure, field: string): Problem {
  const detail = failure.hint === null ? failure.message : `${failure.message} ${failure.hint}`;
  const errors = [{ field, detail }];
  switch (failure.reason) {
    case 'sql_error': {
      const { line, column, position, length, recipe } = failure.sql;
      return new Problem('sql_invalid', detail, errors, { line, column, position, length, recipe });
    }
    case 'bad_value':
      return new Problem('file_unreadable', detail, errors, { bad: failure.bad });
    case 'input_missing':
    case 'input_changed':
    case 'input_unreadable':
      return new Problem('file_unreadable', detail, errors, { dataset: failure.dataset });
    case 'input_withheld':
      return new Problem('dataset_withheld', detail, [], { dataset: failure.dataset });
    case 'out_of_memory':
    case 'temp_space_full':
    case 'time_limit':
      return new Problem('limit_reached', detail);
    case 'busy':
      return new Problem('too_many_requests', detail, [], { headers: { 'retry-after': '5' } });
    case 'output_refused':
    case 'output_failed':
    case 'canceled':
    case 'crashed':
    case 'disk_full':
      return new Problem('unavailable', detail);
  }
}
