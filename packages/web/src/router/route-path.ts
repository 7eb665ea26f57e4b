// Pure: how the list writes the path of a page, and how the router does.

/** `/flows/:id` is `/flows/$id` to the router. */
export function toRoutePath(path: string): string {
  return path.replaceAll(/:(\w+)/gu, '$$$1');
}

/** Whether a page of the list stands at an address; one with a parameter gives way to one without. */
export function findPage<Page extends { readonly path: string }>(
  pages: readonly Page[],
  address: string,
): Page | undefined {
  const parts = address.split('/');
  const fits = ({ path }: Page) => {
    const wanted = path.split('/');
    return (
      wanted.length === parts.length &&
      wanted.every((part, at) => (part.startsWith(':') ? parts[at] !== '' : part === parts[at]))
    );
  };
  return pages.find(({ path }) => path === address) ?? pages.find(fits);
}
