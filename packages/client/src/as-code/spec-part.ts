// Pure: the parts of a flow as code that the contract knows already.
import type { z } from 'zod';
import type { datasetOptions, pathPattern } from '@flowhook/contract/flow/imported-dataset';
import type { WriteSettingGiven } from '@flowhook/contract/flow/write-setting';

export type DatasetOptionsGiven = z.output<typeof datasetOptions>;
export type PatternGiven = z.output<typeof pathPattern>;
export type FileRule = WriteSettingGiven;
