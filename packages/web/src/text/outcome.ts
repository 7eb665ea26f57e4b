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
};
