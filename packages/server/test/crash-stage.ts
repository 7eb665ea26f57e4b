// At which stages of an attempt a server is made to end, and how it is told.
export type CrashStage = 'compose' | 'send' | 'answer' | 'settle';

/** What is marked with this ends the process. */
export const crashMark = 'ends-the-process';
/** Names a file that holds the stage; where there is none, nothing ends. */
export const crashFileVariable = 'FLOWHOOK_TEST_CRASH_FILE';
