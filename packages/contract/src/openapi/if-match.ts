// The header of a conditional change, as the document tells it.
const etag = String.raw`(W/)?"[\x21\x23-\x7e]*"`;
/** `*`, or entity tags (RFC 9110, 8.8.3); what comes in headers here is ASCII. */
const pattern = String.raw`^(\*|${etag}([ \t]*,[ \t]*${etag})*)$`;
export const ifMatch = {
  name: 'If-Match',
  in: 'header',
  description:
    'The ETag that the thing must still have (several with commas between them, or *): where it was changed since, the answer is 412 and nothing is done. Weak tags (W/) match nothing.',
  schema: { type: 'string', minLength: 1, maxLength: 8192, pattern },
  example: '"2f9c41"',
};
