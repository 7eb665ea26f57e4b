// Starts the server from the sources, with the web interface built; what follows is handed on.
//
//   npm start -- --port 8080
import { fileURLToPath } from 'node:url';
import { buildWeb } from './web-build.ts';

buildWeb();
const main = new URL('../packages/server/src/main.ts', import.meta.url);
process.argv.splice(1, 1, fileURLToPath(main), 'serve');
await import(main.href);
