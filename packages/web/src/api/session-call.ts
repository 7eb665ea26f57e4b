// Windows of one browser share the session: each tells the others when somebody has signed in.
import { basePath } from './place.ts';

/** Of this server alone: another one may hang below another path of the same host. */
const channelName = `flowhook session ${basePath}`;

export function tellSignedIn(): void {
  const channel = new BroadcastChannel(channelName);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- A channel is of one origin.
  channel.postMessage('signed in');
  channel.close();
}

/** Calls back when another window has signed in. Returns a function that ends it. */
export function listenForSignIn(onSignedIn: () => void): () => void {
  const channel = new BroadcastChannel(channelName);
  channel.addEventListener('message', onSignedIn);
  return () => channel.close();
}
