// The fields that say how a file is read; what is left empty is found in the file.
import { encodings } from '@flowhook/contract/flow/dataset-option';
import {
  Accordion,
  Autocomplete,
  Checkbox,
  Fieldset,
  NumberInput,
  Select,
  SimpleGrid,
  Stack,
  TagsInput,
  TextInput,
} from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { datasetOptionText as text } from '../../../text/dataset-option.ts';
import type { OptionValues, Options } from './dataset-option.ts';

const types = ['VARCHAR', 'BIGINT', 'DOUBLE', 'DECIMAL(18,3)', 'BOOLEAN', 'DATE', 'TIMESTAMP'];
const thousands = [',', '.', "'", ' ', '\u00A0', '\u202F', '_'];

interface OptionFieldsProps {
  // oxlint-disable-next-line typescript/no-explicit-any -- A form may have more fields than these.
  readonly fields: UseFormReturnType<any>;
  /** What was found, as a form has it. */
  readonly found: OptionValues;
  readonly given: Options;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly isText: boolean;
}

export function OptionFields(props: OptionFieldsProps) {
  const { fields, given, isText } = props;
  return (
    <Stack gap="sm">
      {isText && <DialectFields {...props} />}
      <Select
        label={text.onMismatch}
        data={listUsual(text.onMismatchChoices, given.onMismatch)}
        allowDeselect={false}
        {...fields.getInputProps('onMismatch')}
      />
      <TypeFields {...props} />
      <Accordion variant="contained">
        <Accordion.Item value="more">
          <Accordion.Control>{text.more}</Accordion.Control>
          <Accordion.Panel>
            <MoreFields {...props} />
          </Accordion.Panel>
        </Accordion.Item>
      </Accordion>
    </Stack>
  );
}

function DialectFields({ fields: { getInputProps }, found, given }: OptionFieldsProps) {
  return (
    <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
      <TextInput
        label={text.delimiter}
        placeholder={text.foundAs(found.delimiter)}
        {...getInputProps('delimiter')}
      />
      <TextInput label={text.quote} placeholder={text.foundAs(found.quote)} {...getInputProps('quote')} />
      <Select
        label={text.header}
        data={[
          { value: '', label: text.foundAs(text.headers[found.header]) },
          { value: 'true', label: text.headers['true']! },
          { value: 'false', label: text.headers['false']! },
        ]}
        allowDeselect={false}
        {...getInputProps('header')}
      />
      <Select
        label={text.encoding}
        data={listChoices(found.encoding, encodings)}
        allowDeselect={false}
        searchable
        {...getInputProps('encoding')}
      />
      <NumberInput
        label={text.skipLines}
        placeholder={text.foundAs(String(found.skipLines))}
        min={0}
        {...getInputProps('skipLines')}
      />
      <Select
        label={text.decimal}
        data={listChoices(found.decimalSeparator, ['.', ','])}
        allowDeselect={false}
        {...getInputProps('decimalSeparator')}
      />
      <TextInput
        label={text.dateFormat}
        description={text.dateFormatHint}
        placeholder={text.foundAs(found.dateFormat)}
        {...getInputProps('dateFormat')}
      />
      <TagsInput
        label={text.fileColumns}
        description={text.fileColumnsHint}
        {...getInputProps('fileColumns')}
      />
      <TagsInput label={text.nullValues} {...getInputProps('nullValues')} />
      <TextInput
        label={text.nullText}
        description={text.nullTextHint}
        maxLength={20}
        {...getInputProps('nullText')}
      />
      <Select
        label={text.raggedRows}
        data={listUsual(text.raggedRowsChoices, given.raggedRows)}
        allowDeselect={false}
        {...getInputProps('raggedRows')}
      />
    </SimpleGrid>
  );
}

function MoreFields({ fields: { getInputProps }, found, columns, isText }: OptionFieldsProps) {
  return (
    <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
      {isText && (
        <>
          <TextInput
            label={text.comment}
            placeholder={text.foundAs(found.comment)}
            maxLength={1}
            {...getInputProps('comment')}
          />
          <TextInput
            label={text.escape}
            placeholder={text.foundAs(found.escape)}
            maxLength={1}
            {...getInputProps('escape')}
          />
          <Select
            label={text.thousands}
            data={[
              { value: '', label: text.foundAs(found.thousandsSeparator) },
              ...thousands.map((value) => ({ value, label: text.thousandsNames[value] ?? value })),
            ]}
            allowDeselect={false}
            {...getInputProps('thousandsSeparator')}
          />
          <TextInput
            label={text.timestampFormat}
            description={text.timestampFormatHint}
            placeholder={text.foundAs(found.timestampFormat)}
            {...getInputProps('timestampFormat')}
          />
          <TextInput
            label={text.columnStarts}
            description={text.columnStartsHint}
            {...getInputProps('columnStarts')}
          />
        </>
      )}
      <NumberInput
        label={text.maxLineBytes}
        description={text.maxLineBytesHint}
        min={1000}
        {...getInputProps('maxLineBytes')}
      />
      <NumberInput label={text.maxRejectedRows} min={0} {...getInputProps('maxRejectedRows')} />
      <NumberInput
        label={text.maxRejectedPercent}
        min={0}
        max={100}
        {...getInputProps('maxRejectedPercent')}
      />
      <TagsInput
        label={text.required}
        data={columns.map(({ name }) => name)}
        {...getInputProps('required')}
      />
      <TagsInput
        label={text.sensitive}
        data={columns.map(({ name }) => name)}
        {...getInputProps('sensitive')}
      />
      <Checkbox
        label={text.allowEmpty}
        style={{ alignSelf: 'center' }}
        {...getInputProps('allowEmpty', { type: 'checkbox' })}
      />
    </SimpleGrid>
  );
}

const everyColumn = '*';

function TypeFields({ fields, columns }: OptionFieldsProps) {
  const said = (fields.getValues() as OptionValues).columnTypes;
  const say = (name: string, value: string) =>
    fields.setFieldValue('columnTypes', { ...said, [name]: value });
  const allText = said[everyColumn] === 'VARCHAR';
  return (
    <Fieldset legend={text.columnTypes}>
      <Stack gap="sm">
        <Checkbox
          label={text.allText}
          checked={allText}
          onChange={({ currentTarget: { checked } }) => say(everyColumn, checked ? 'VARCHAR' : '')}
        />
        <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
          {columns.map(({ name, type }) => (
            <Autocomplete
              key={name}
              label={name}
              placeholder={type}
              data={types}
              value={said[name] ?? ''}
              onChange={(value) => say(name, value)}
            />
          ))}
        </SimpleGrid>
      </Stack>
    </Fieldset>
  );
}

/** What is usual is not said; where it was, it stays so. */
function listUsual(labels: Readonly<Record<string, string>>, given: string | undefined) {
  const usual = given === 'fail' ? given : '';
  return Object.entries(labels).map(([value, label]) => ({ value: value === '' ? usual : value, label }));
}

function listChoices(found: string, values: readonly string[]) {
  return [{ value: '', label: text.foundAs(found) }, ...values.map((value) => ({ value, label: value }))];
}
