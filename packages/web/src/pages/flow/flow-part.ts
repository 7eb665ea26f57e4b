// What a flow is made of, as the API answers it.
import type { importedDatasetEndpoints } from '@flowhook/contract/flow/imported-dataset';
import type { outputObjectEndpoints } from '@flowhook/contract/flow/output-object';
import type { wrangledDatasetEndpoints } from '@flowhook/contract/flow/wrangled-dataset';
import type { AnswerOf } from '@flowhook/client/call-input';

export type Dataset = AnswerOf<typeof importedDatasetEndpoints.get>;
export type Recipe = AnswerOf<typeof wrangledDatasetEndpoints.get>;
export type Output = AnswerOf<typeof outputObjectEndpoints.get>;
