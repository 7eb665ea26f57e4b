// The columns of a dataset or a recipe, with their types.
import { Code, Table } from '@mantine/core';
import { datasetText } from '../../../text/graph.ts';
import classes from './column-table.module.css';

interface ColumnTableProps {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}

export function ColumnTable({ columns }: ColumnTableProps) {
  return (
    <div className={classes['place']} tabIndex={0} role="region" aria-label={datasetText.columns}>
      <Table stickyHeader verticalSpacing={4}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">{datasetText.column}</Table.Th>
            <Table.Th scope="col">{datasetText.type}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {columns.map(({ name, type }) => (
            <Table.Tr key={name}>
              <Table.Td className={classes['name']}>{name}</Table.Td>
              <Table.Td>
                <Code>{type}</Code>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}
