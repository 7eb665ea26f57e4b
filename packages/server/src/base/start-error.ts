// What keeps a server from starting and an administrator can put right: shown without a stack.

export class StartError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'StartError';
  }
}
