// What comes of trying a webhook task before it is needed: the test, the preview, the list of references.
import { z } from 'zod';
import { json } from '../convention.ts';
import { exchangeMembers, signature } from './exchange.ts';

export const webhookTestResult = z
  .looseObject({
    status: z.enum(['success', 'failure']).describe('success: the receiver answered 200 to 299.'),
    error: z.string().nullable().describe('What went wrong, as a sentence.'),
    signature: signature.nullable(),
    warnings: z.array(z.string()),
    ...exchangeMembers,
  })
  .meta({ id: 'WebhookTestResult' });

export const webhookPreviewResult = z
  .looseObject({
    method: z.string(),
    url: z.string(),
    headers: z.record(z.string(), z.string()),
    body: z.string().nullable().describe('Exactly as it is sent, but for masked secrets.'),
    bodyBytes: z
      .int()
      .nullable()
      .describe('Bytes of the body as it is shown here: a masked secret counts as its mask.'),
    jsonFault: z
      .object({
        message: z.string(),
        position: z.int().describe('0-based, in UTF-16 units.'),
        line: z.int(),
        column: z.int(),
      })
      .nullable()
      .describe('Why a body that should be JSON (by its Content-Type or first character) is not.'),
    signedText: z.string().nullable().describe('What a signature would be made over, with `t` for the time.'),
    warnings: z.array(z.string()),
  })
  .meta({ id: 'WebhookPreviewResult' });

export const webhookReference = z
  .object({
    name: z.string().describe('Written `$name`.'),
    kind: z.enum(['text', 'number', 'json']),
    description: z.string(),
    example: json,
  })
  .meta({ id: 'WebhookReference' });
