// Pure: what is typed becomes what the API takes.

/** A number where it reads as one; anything else as it was typed, for the contract to refuse. */
export function toNumber(typed: unknown): number {
  const text = String(typed).trim();
  return text === '' || Number.isNaN(Number(text)) ? (typed as number) : Number(text);
}

/** Lines and spaces become the semicolons of the setting. */
export function joinAddresses(typed: string): string {
  return typed
    .split(/[;\s]+/u)
    .filter((part) => part !== '')
    .join(';');
}

export function splitAddresses(value: string): string {
  return value.split(';').join('\n');
}
