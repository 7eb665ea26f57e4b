// The first rows of a dataset, a recipe or a file, with the types of the columns; scrolls by itself.
import { Table, Text } from '@mantine/core';
import type { z } from 'zod';
import type { preview } from '@flowhook/contract/rows';
import { partText } from '../../text/part.ts';
import { PreviewNote } from './preview-note.tsx';
import classes from './row-table.module.css';

type Preview = z.output<typeof preview>;

interface RowTableProps {
  readonly label: string;
  readonly rows: Pick<Preview, 'columns' | 'rows' | 'truncated'> & Partial<Preview>;
}

export function RowTable({ label, rows: { columns, rows, truncated, ...told } }: RowTableProps) {
  return (
    <div>
      <PreviewNote of={told} />
      <div className={classes['place']} tabIndex={0} role="region" aria-label={label}>
        <Table stickyHeader withColumnBorders className={classes['table']}>
          <Table.Thead>
            <Table.Tr>
              {columns.map(({ name, type }) => (
                <Table.Th key={name} scope="col" className={classes['head']} data-number={isNumberType(type)}>
                  {name}
                  <Text size="xs" c="dimmed" span className={classes['type']}>
                    {type}
                  </Text>
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((row, index) => (
              // oxlint-disable-next-line react/no-array-index-key -- Rows have no other identity.
              <Table.Tr key={index}>
                {columns.map(({ name, type }, place) => (
                  <Cell key={name} value={row[place]} isNumber={isNumberType(type)} />
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
      {truncated && (
        <Text size="xs" c="dimmed" mt={4}>
          {partText.truncated}
        </Text>
      )}
    </div>
  );
}

/** 64-bit and decimal numbers come as text: the column's type says what they are. */
const numberType = /^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL.*)$/u;

function isNumberType(type: string): boolean {
  return numberType.test(type);
}

function Cell({ value, isNumber }: { readonly value: unknown; readonly isNumber: boolean }) {
  if (value === null || value === undefined) {
    return <Table.Td className={classes['nothing']}>{partText.nullValue}</Table.Td>;
  }
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return (
    <Table.Td className={classes['cell']} data-number={isNumber} title={text}>
      {text}
    </Table.Td>
  );
}
