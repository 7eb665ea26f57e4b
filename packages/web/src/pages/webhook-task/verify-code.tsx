// Code that verifies a signature, ready to copy: the files of examples/verify, which the tests run.
import { NativeSelect, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Loading } from '../../parts/page/answer.tsx';
import { CodeBlock } from '../../parts/code/code-block.tsx';
import { webhookTaskText as text } from '../../text/webhook/webhook-task.ts';
import { languages, loadVerifyCode, type Language } from './verify-source.ts';

export default function VerifyCode() {
  const [language, setLanguage] = useState<Language>('node');
  const { data } = useQuery({
    queryKey: ['verify code', language],
    queryFn: () => loadVerifyCode(language),
    staleTime: Infinity,
  });
  return (
    <>
      <Text size="sm" c="dimmed">
        {text.verifyHelp}
      </Text>
      <NativeSelect
        label={text.language}
        value={language}
        data={languages.map((each) => ({ value: each, label: text.languages[each] }))}
        onChange={(event) => setLanguage(event.currentTarget.value as Language)}
      />
      {data === undefined ? (
        <Loading lines={6} />
      ) : (
        <CodeBlock label={text.codeOf(text.languages[language])} code={data} />
      )}
    </>
  );
}
