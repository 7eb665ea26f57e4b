// Why an attempt failed and why a delivery ended, in words.
export const outcomeText: Readonly<Record<string, string>> = {
  dns: 'Name not found',
  connect: 'No connection',
  tls: 'TLS failed',
  timeout: 'Timed out',
  blocked: 'Blocked by the egress policy',
  redirect: 'Redirected',
  invalid: 'No valid answer',
  too_large: 'Head of the answer too large',
  interrupted: 'Cut off when the server ended',
  unusable: 'The stored task could not be made into a request',
};

/** Why a delivery ended. */
export const endReasonText: Readonly<Record<string, string>> = {
  gone: 'The receiver answered 410: it wants no more of these.',
  blocked: 'The egress policy refuses the address. Redeliver after the policy or the URL has changed.',
  retry_off: 'The attempt failed, and the task has retry on failure switched off.',
  out_of_attempts: 'Every attempt of the retry schedule failed.',
  expired: 'It reached its maximum age.',
  interrupted:
    'Fourteen attempts in a row were cut off when the server ended, the last of them over an hour apart.',
  request_too_large:
    'URL, headers or body were larger than may be sent after their references were filled in. Redeliver after the task has changed.',
  body_too_large: 'The body was larger than 1 MiB after its references were filled in.',
  body_failed: 'The body could not be made from the event.',
  by_hand: 'Somebody canceled it.',
  task_deleted: 'Its webhook task was deleted.',
  flow_deleted: 'Its flow was deleted.',
};
