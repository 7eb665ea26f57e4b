// Pure: the API's words for fields, as a flow.yaml has them.

export const fieldWords: Readonly<Record<string, string>> = {
  flowNodeIds: 'recipes',
  triggerObject: 'recipes',
  runWrangledDataset: 'runs',
  secretKey: 'secretKeyFrom',
  secrets: 'secretsFrom',
  defaultValue: 'default',
  writeSettings: 'files',
  triggers: 'times',
};
