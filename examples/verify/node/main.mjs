// node main.mjs METHOD URL HEADERS_FILE BODY_FILE [SEEN_FOLDER], with WEBHOOK_SECRET in the environment.
import { readFileSync } from 'node:fs';
import { isRepeat, verify } from './verify.mjs';

const [method, url, headersFile, bodyFile, seenFolder] = process.argv.slice(2);
const headers = new Headers(
  readFileSync(headersFile, 'utf8')
    .split('\n')
    .filter((line) => line.includes(':'))
    .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]),
);
const { WEBHOOK_SECRET: secret, WEBHOOK_NOW: now } = process.env;
const header = headers.get('x-webhook-signature');
let answer = verify(secret, header, method, url, readFileSync(bodyFile), Number(now ?? Date.now()));
const deliveryId = headers.get('x-webhook-delivery');
if (answer === 'ok' && seenFolder && deliveryId && isRepeat(seenFolder, deliveryId)) answer = 'repeat';
console.log(answer);
process.exitCode = answer === 'ok' || answer === 'repeat' ? 0 : 1;
