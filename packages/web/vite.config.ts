// How the web interface is built: hashed files in assets/, relative addresses, no inline script.
import react from '@vitejs/plugin-react';
import { defaultClientConditions, defineConfig } from 'vite';

export default defineConfig({
  // The server says in <base href> where it hangs: all addresses are relative to that.
  base: './',
  root: import.meta.dirname,
  plugins: [react()],
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
    // What most pages need is one file: a browser asks for six at a time.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'common', minShareCount: 14 }] } } },
    reportCompressedSize: false,
  },
  server: {
    // For `npm run dev -w packages/web`: the API of a server that was started beside it.
    proxy: { '/v4': 'http://127.0.0.1:3005' },
  },
});
