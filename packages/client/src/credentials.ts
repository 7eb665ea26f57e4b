// Pure: who calls, as the header Authorization says it.

/** An access token, or email and password. */
export type Credentials = { readonly token: string } | { readonly email: string; readonly password: string };

/** Undefined where a browser's cookie says it. */
export function writeAuthorization(credentials: Credentials | undefined): string | undefined {
  if (credentials === undefined) return undefined;
  if ('token' in credentials) return `Bearer ${credentials.token}`;
  return `Basic ${encode(`${credentials.email}:${credentials.password}`)}`;
}

/** Base64 of the text in UTF-8; btoa takes bytes alone. */
function encode(text: string): string {
  return btoa(String.fromCodePoint(...new TextEncoder().encode(text)));
}
