// Where the server is: the page's own base address, below whatever path it hangs.

/** Without a slash at its end; empty at the root. */
export const basePath = new URL(document.baseURI).pathname.replace(/\/+$/u, '');

/** The address of a path of the API, such as `/v4/flows`. */
export function toAddress(path: string): string {
  return basePath + path;
}
