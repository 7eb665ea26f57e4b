// The verifying code of each language: the files of examples/, which the tests run, taken in when the interface is built.

const files = {
  node: 'node/verify.mjs',
  python: 'python/verify.py',
  go: 'go/verify.go',
  java: 'java/WebhookVerifier.java',
  ruby: 'ruby/verify.rb',
  php: 'php/verify.php',
  shell: 'shell/verify.sh',
} as const;

export type Language = keyof typeof files;
export const languages = Object.keys(files) as Language[];

const folder = '../../../../../examples/verify/';
const sources = import.meta.glob<string>(
  '../../../../../examples/verify/*/{verify,WebhookVerifier}.{mjs,py,go,java,rb,php,sh}',
  { query: '?raw', import: 'default' },
);

export async function loadVerifyCode(language: Language): Promise<string> {
  const load = sources[`${folder}${files[language]}`];
  if (load === undefined) throw new Error(`the code for ${language} was not taken in`);
  return load();
}
