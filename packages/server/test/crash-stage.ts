// At which stages of an attempt or of a call a server is made to end, and how it is told.
export type CrashStage =
  | 'compose'
  | 'send'
  | 'answer'
  | 'settle'
  | 'fire'
  | 'decide'
  | CallStage
  | DocumentStage;
/** Of a call with an Idempotency-Key: within its transaction, after the commit, and with the reply kept. */
export type CallStage = 'keeping' | 'kept' | 'replied';
/** Of a flow that is put as a document: with its recipes written, its tasks too, all of it, and after the commit. */
export type DocumentStage = 'graph' | 'tasks' | 'whole' | 'committed';

/** What is marked with this ends the process. */
export const crashMark = 'ends-the-process';
/** Names a file that holds the stage; where there is none, nothing ends. */
export const crashFileVariable = 'FLOWHOOK_TEST_CRASH_FILE';
