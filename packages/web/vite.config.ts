// How the web interface is built: hashed files in assets/, relative addresses, no inline script.
import react from '@vitejs/plugin-react';
import {
  defaultClientConditions,
  defineConfig,
  type HtmlTagDescriptor,
  type IndexHtmlTransformContext,
  type Plugin,
} from 'vite';

/** What the first script fetches anyway: named in the page, so that the browser asks for all of it at once. */
const preloadStart: Plugin = {
  name: 'preload-start',
  transformIndexHtml: {
    order: 'post',
    handler: (html, { bundle = {} }) =>
      listStart(bundle)
        .filter((file) => !html.includes(file))
        .map(writeLink),
  },
};

/**
 * How zod makes a JSON schema, and reads a schema's bounds by that (`schema.maxLength`): 5 kB of every page, and of use to
 * the OpenAPI document alone.
 */
const noJsonSchema: Plugin = {
  name: 'no-json-schema',
  transform: {
    filter: { id: /[\\/]zod[\\/]v4[\\/]core[\\/](?:to-json-schema|json-schema-processors)\.js$/u },
    handler(code) {
      const names = [...code.matchAll(/^export (?:const|function) (\w+)/gmu)].map(([, name]) => name!);
      const exported = names.map((name) =>
        name.startsWith('create')
          ? `export const ${name} = () => missing;`
          : `export const ${name} = missing;`,
      );
      const missing = "function missing() { throw new Error('Left out of the web: see vite.config.ts.'); }";
      return { code: [missing, 'export { missing as process };', ...exported].join('\n'), map: null };
    },
  },
};

/** The files of router/start.tsx and of what it imports. */
function listStart(bundle: NonNullable<IndexHtmlTransformContext['bundle']>): string[] {
  const chunks = Object.values(bundle).filter((each) => each.type === 'chunk');
  const found = new Set<string>();
  const add = (file: string) => {
    const chunk = chunks.find(({ fileName }) => fileName === file);
    if (chunk === undefined || chunk.isEntry || found.has(file)) return;
    found.add(file);
    chunk.viteMetadata?.importedCss.forEach((style) => found.add(style));
    chunk.imports.forEach(add);
  };
  chunks
    .filter(({ facadeModuleId }) => facadeModuleId?.endsWith('router/start.tsx'))
    .forEach(({ fileName }) => add(fileName));
  return [...found];
}

function writeLink(file: string): HtmlTagDescriptor {
  const rel = file.endsWith('.css') ? 'stylesheet' : 'modulepreload';
  return { tag: 'link', attrs: { rel, crossorigin: true, href: `./${file}` }, injectTo: 'head' };
}

/** What stays together: a browser asks for six files at a time, and each costs it a way there and back. */
const groups = [
  // What begins, and what the ways in need, each with all that it imports: there nothing else is fetched.
  { name: 'begin', test: /src[\\/]api[\\/]entry-call\.ts$/u, priority: 9 },
  { name: 'base', test: /src[\\/]router[\\/]start\.tsx$/u, priority: 8 },
  // What stands around every page.
  { name: 'app', test: /src[\\/]router[\\/]app\.tsx$/u, priority: 7 },
  // What many pages need, by what it is about.
  { name: 'icon', test: /@tabler/u, minShareCount: 3, priority: 6 },
  { name: 'contract', test: /[\\/](?:contract|zod)[\\/]/u, minShareCount: 20, priority: 5 },
  {
    name: 'part',
    test: /src[\\/](?:parts[\\/](?:time|page)|text|api)[\\/]|state-badge/u,
    minShareCount: 10,
    priority: 4,
  },
  { name: 'draft', test: /parts[\\/]form[\\/]draft/u, priority: 3 },
  { name: 'upload', test: /flow[\\/]dataset[\\/]dataset-upload|drop-zone/u, priority: 3 },
  {
    name: 'form',
    test: /@mantine[\\/]form|parts[\\/]form[\\/](?:contract|use-contract)/u,
    minShareCount: 8,
    priority: 2,
  },
];

export default defineConfig({
  // The server says in <base href> where it hangs: all addresses are relative to that.
  base: './',
  root: import.meta.dirname,
  plugins: [react(), preloadStart, noJsonSchema],
  resolve: { conditions: ['flowhook-source', ...defaultClientConditions] },
  build: {
    target: 'es2023',
    // light-dark() stays as it is: what it would be turned into needs a class that nobody sets.
    cssTarget: ['chrome123', 'edge123', 'firefox120', 'safari17.5'],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
    // Read by test/bundle-size.test.ts.
    manifest: true,
    rolldownOptions: {
      output: { codeSplitting: { groups } },
      // The list of pages fetches the ways in as it does every page; with the first screen they are there already.
      checks: { ineffectiveDynamicImport: false },
    },
    reportCompressedSize: false,
  },
  server: {
    // For `npm run dev -w packages/web`: the API of a server that was started beside it.
    proxy: { '/v4': 'http://127.0.0.1:3005' },
  },
});
