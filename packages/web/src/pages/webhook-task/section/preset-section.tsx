// What a new task can begin with: the shapes that well-known receivers want.
import { Select, Text, UnstyledButton } from '@mantine/core';
import { useState } from 'react';
import { webhookPresets, type WebhookPreset } from '@flowhook/contract/webhook/webhook-preset';
import { webhookTaskText as text } from '../../../text/webhook/webhook-task.ts';
import { Section } from './section.tsx';
import classes from '../task-drawer.module.css';
import type { TaskValues } from '../task-values.ts';

const runJob = 'run-job';

interface PresetSectionProps {
  readonly recipes: readonly { readonly id: number; readonly name: string }[];
  /** `more` replaces what the preset leaves open. */
  onPick(preset: WebhookPreset, more?: Partial<TaskValues>): void;
}

export function PresetSection({ recipes, onPick }: PresetSectionProps) {
  const [picked, setPicked] = useState<WebhookPreset | null>(null);
  return (
    <Section title={text.sections.start}>
      <div className={classes['presets']}>
        {webhookPresets.map((preset) => (
          <UnstyledButton
            key={preset.id}
            className={classes['preset']}
            aria-pressed={picked === preset}
            onClick={() => {
              setPicked(preset);
              onPick(preset, preset.id === runJob ? runRecipe(recipes[0]?.id) : undefined);
            }}
          >
            <Text size="sm" fw={600}>
              {preset.name}
            </Text>
            <Text size="xs" c="dimmed">
              {preset.help}
            </Text>
          </UnstyledButton>
        ))}
      </div>
      {picked?.id === runJob && (
        <Select
          label={text.chosenRecipe}
          allowDeselect={false}
          defaultValue={String(recipes[0]?.id ?? '')}
          data={recipes.map(({ id, name }) => ({ value: String(id), label: name }))}
          onChange={(id) => onPick(picked, runRecipe(Number(id)))}
        />
      )}
    </Section>
  );
}

/** The recipe of this flow that the job to run is of. */
function runRecipe(recipeId = 0): Partial<TaskValues> {
  return {
    body: JSON.stringify({ wrangledDataset: { id: recipeId } }, null, 2),
  };
}
