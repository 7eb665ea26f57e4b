// What launching a job takes: the recipe, and what stands for this once instead of what its output says.
import { z } from 'zod';
import { givenReference } from '../convention.ts';
import { execution } from '../flow/output-object.ts';
import { readParameters, runParameters } from './run-parameter.ts';
import { webhookOverride } from '../webhook/webhook-definition.ts';
import { writeSettingForms } from '../flow/write-setting.ts';

export const ranFroms = ['ui', 'api', 'schedule'] as const;

type WriteSettingForms = z.output<typeof writeSettingForms> | undefined;

/** One list of both forms, and where the caller wrote it: faults that are found later are named by it. */
function takeWriteSettings(small: WriteSettingForms, camel: WriteSettingForms) {
  const given = camel ?? small;
  if (given === undefined) return {};
  const at = camel === undefined ? 'overrides.writesettings' : 'overrides.writeSettings';
  return Array.isArray(given)
    ? { writeSettings: given, writeSettingsAt: at }
    : { writeSettings: given.data, writeSettingsAt: `${at}.data` };
}

/** Parsed: `{wrangledDatasetId, overrides: {execution, profiler, writeSettings, writeSettingsAt}, parameters, ranfrom, ...}`. */
export const jobGroupCreate = z
  .object({
    wrangledDataset: givenReference.describe('The recipe whose ad hoc output is run.'),
    name: z.string().trim().max(255).nullish(),
    description: z.string().max(10_000).nullish(),
    ranfrom: z.enum(ranFroms).optional().describe('api unless given.'),
    overrides: z
      .object({
        execution: execution.optional(),
        profiler: z.boolean().optional(),
        writesettings: writeSettingForms.optional().describe('Instead of those of the output.'),
        writeSettings: writeSettingForms.optional().describe('The same as writesettings.'),
        webhooks: z
          .array(webhookOverride)
          .max(1000)
          .optional()
          .describe('Webhook tasks for this job alone, beside those of the flow.'),
        skipWebhooks: z
          .boolean()
          .optional()
          .describe('Leave out the webhook tasks of the flow; with `webhooks`, these stand instead of them.'),
      })
      .nullish(),
    runParameters,
  })
  .transform(({ wrangledDataset, overrides, runParameters, ...rest }) => {
    const { writesettings, writeSettings, ...others } = overrides ?? {};
    return {
      ...rest,
      wrangledDatasetId: wrangledDataset.id,
      overrides: { ...others, ...takeWriteSettings(writesettings, writeSettings) },
      parameters: readParameters(runParameters),
    };
  });
