// Pure: how the list writes the path of a page, and how the router does.

/** `/flows/:id` is `/flows/$id` to the router. */
export function toRoutePath(path: string): string {
  return path.replaceAll(/:(\w+)/gu, '$$$1');
}
