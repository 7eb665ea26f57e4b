// What a test starts Node with for a process of its own: our sources as they are, and the engine's child that this one takes.
const conditions = process.execArgv.filter((flag) => flag.startsWith('--conditions='));

export const nodeFlags: readonly string[] = [...conditions, '--disable-warning=ExperimentalWarning'];
