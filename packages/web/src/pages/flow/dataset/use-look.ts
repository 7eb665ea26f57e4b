// Asks the server what a file is when it is read so, as the options are typed; nothing is made of it.
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { z } from 'zod';
import { datasetLookEndpoints, type datasetLook } from '@flowhook/contract/flow/dataset-look';
import { Problem } from '@flowhook/client/problem';
import { call } from '../../../api/call.ts';
import { upload } from '../../../api/upload.ts';
import type { Dataset } from '../flow-part.ts';
import { takeBeginning } from './beginning.ts';
import type { Options } from './dataset-option.ts';

export type Look = z.output<typeof datasetLook>;

export type LookSource =
  | { readonly kind: 'file'; readonly file: File }
  | { readonly kind: 'address'; readonly uri: string }
  | { readonly kind: 'dataset'; readonly id: number; readonly given: Dataset['given'] };

export interface LookAnswer {
  readonly look: Look | undefined;
  readonly isCut: boolean;
  /** It can not be looked at before it is added. */
  readonly isTooLarge: boolean;
  readonly isLooking: boolean;
  readonly problem: Problem | null;
}

const restMs = 400;
/** A file has no identity that a key could name. */
const numbers = new WeakMap<File, number>();
let lastNumber = 0;

function numberOf(file: File): number {
  const number = numbers.get(file) ?? (lastNumber += 1);
  numbers.set(file, number);
  return number;
}

/** Nothing is asked about no source. */
export function useLook(source: LookSource | null, options: Options, encoding?: string): LookAnswer {
  const [asked] = useDebouncedValue(JSON.stringify(options), restMs);
  const key = source?.kind === 'file' ? numberOf(source.file) : source;
  const found = useQuery({
    queryKey: ['/v4/importedDatasets/look', { query: { key, asked } }],
    queryFn: ({ signal }) => ask(source!, JSON.parse(asked) as Options, { signal, encoding }),
    enabled: source !== null && (source.kind !== 'address' || source.uri.trim() !== ''),
    placeholderData: keepPreviousData,
    retry: false,
    gcTime: 60_000,
  });
  const isTooLarge = found.data === 'too large';
  return {
    look: found.data === 'too large' ? undefined : found.data?.look,
    isCut: found.data !== undefined && found.data !== 'too large' && found.data.isCut,
    isTooLarge,
    isLooking: found.isFetching || JSON.stringify(options) !== asked,
    problem: found.error instanceof Problem ? found.error : null,
  };
}

async function ask(
  source: LookSource,
  options: Options,
  { signal, encoding }: { readonly signal: AbortSignal; readonly encoding: string | undefined },
) {
  switch (source.kind) {
    case 'address': {
      const body = { uri: source.uri, options };
      return { look: await call(datasetLookEndpoints.read, { body }, { signal }), isCut: false };
    }
    case 'dataset': {
      const { format, compression } = source.given;
      const body = {
        importedDataset: { id: source.id },
        options,
        ...(format !== undefined && { format }),
        ...(compression !== undefined && { compression }),
      };
      return { look: await call(datasetLookEndpoints.read, { body }, { signal }), isCut: false };
    }
    case 'file': {
      const beginning = await takeBeginning(source.file, options.encoding ?? encoding);
      if (beginning === null) return 'too large';
      const fields = { options: JSON.stringify(options) };
      const given = { file: beginning.file, fields, signal };
      const look = await upload(datasetLookEndpoints.readUpload, undefined, given);
      return { look, isCut: beginning.isCut };
    }
  }
}
