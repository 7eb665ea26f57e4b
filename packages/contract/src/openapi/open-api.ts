// The route of the OpenAPI document.
import { z } from 'zod';
import { defineEndpoint } from '../endpoint.ts';

export const openApiEndpoints = {
  get: defineEndpoint({
    method: 'GET',
    path: '/v4/open-api-spec',
    summary: 'Read this document',
    tag: 'Operations',
    access: 'open',
    reply: z.record(z.string(), z.unknown()),
  }),
};
