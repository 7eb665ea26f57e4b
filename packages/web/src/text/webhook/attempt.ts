// Attempts of a delivery as a time line.
export const attemptText = {
  list: 'Attempts in their order',
  attempt: (number: number) => `Attempt ${number}`,
  answered: (status: number) => `Answered ${status}`,
  took: (duration: string) => `took ${duration}`,
  show: (number: number) => `Show request and answer of attempt ${number}`,
  hide: (number: number) => `Hide request and answer of attempt ${number}`,
  next: 'Next attempt',
  held: {
    taskDisabled: 'Held until its task is enabled',
    crashes: 'Held: the server ended three times in a row during its attempts; redeliver sends it again',
  },
  now: 'now',
  in: (duration: string) => `in ${duration}`,
} as const;
