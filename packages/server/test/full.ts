// Whether tests run their full numbers: `npm test -- --full`, by hand, where the gate runs small ones.

/** The first where the full run was asked for, else the second. */
export function byFullness<Value>(full: Value, small: Value): Value {
  return process.env['FLOWHOOK_TEST_FULL'] === '1' ? full : small;
}
