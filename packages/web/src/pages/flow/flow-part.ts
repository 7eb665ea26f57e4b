// What a flow is made of, as the API answers it.
import type { importedDatasetEndpoints } from '@flowhook/contract/imported-dataset';
import type { outputObjectEndpoints } from '@flowhook/contract/output-object';
import type { wrangledDatasetEndpoints } from '@flowhook/contract/wrangled-dataset';
import type { AnswerOf } from '../../api/call.ts';

export type Dataset = AnswerOf<typeof importedDatasetEndpoints.get>;
export type Recipe = AnswerOf<typeof wrangledDatasetEndpoints.get>;
export type Output = AnswerOf<typeof outputObjectEndpoints.get>;
