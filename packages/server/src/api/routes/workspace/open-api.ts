// The OpenAPI document: the one that is committed, made from the same schemas that the routes check by.
import { readFile } from 'node:fs/promises';
import { openApiEndpoints as endpoints } from '@flowhook/contract/openapi/open-api';
import { implement, type Route } from '../../route.ts';

/** Beside the compiled server, or in the repository. */
const places = ['../../../openapi.json', '../../../../../../docs/openapi.json'];

export function openApiRoutes(): Route[] {
  let document: Promise<Record<string, unknown>> | undefined;
  return [
    implement(endpoints.get, () => {
      document ??= readDocument();
      return document;
    }),
  ];
}

async function readDocument(): Promise<Record<string, unknown>> {
  const texts = places.map((place) => readFile(new URL(place, import.meta.url), 'utf8').catch(() => null));
  const text = (await Promise.all(texts)).find((each) => each !== null);
  if (text === undefined) throw new Error(`the OpenAPI document is at none of ${places.join(', ')}`);
  return JSON.parse(text) as Record<string, unknown>;
}
