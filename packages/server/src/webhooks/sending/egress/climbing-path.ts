// Pure: paths that lead elsewhere once they are decoded again.

/**
 * True where a receiver that decodes its path once more would come out above where it seems to lead: `..%2f`,
 * `%252e%252e/` and `..;/`. No rule that looks at the path can rely on what it sees there.
 */
export function climbs(href: string): boolean {
  let path = new URL(href).pathname;
  if (!/%|;/u.test(path)) return false;
  for (let layer = 0; layer < 3; layer += 1)
    path = path.replaceAll(/%(25|2e|2f|5c|3b)/giu, (_, code: string) =>
      String.fromCharCode(Number.parseInt(code, 16)),
    );
  return path.split(/[/\\]/u).some((part) => part.split(';')[0] === '..');
}
