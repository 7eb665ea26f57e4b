// Pure: spans of time as people write them, a number and a unit; seconds as the API has them.

export const unitSeconds = { seconds: 1, minutes: 60, hours: 3600, days: 86_400 } as const;
export type Unit = keyof typeof unitSeconds;
const descending: readonly Unit[] = ['days', 'hours', 'minutes', 'seconds'];

/** The largest unit in which it is a whole number: 7200 is in hours, 90 in seconds. */
export function chooseUnit(seconds: number): Unit {
  return descending.find((unit) => seconds > 0 && seconds % unitSeconds[unit] === 0) ?? 'seconds';
}

/** The number in this unit, rounded so that no binary fraction shows. */
export function toUnit(seconds: number, unit: Unit): number {
  return Number((seconds / unitSeconds[unit]).toFixed(6));
}

/** Back in seconds, to the millisecond. */
export function toSeconds(amount: number, unit: Unit): number {
  return Number((amount * unitSeconds[unit]).toFixed(3));
}
