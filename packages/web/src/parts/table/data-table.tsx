// A table of any length: only the rows in view are on the page; more are read as the end comes near. Cards where it is narrow.
import { Checkbox, UnstyledButton, VisuallyHidden } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useLayoutEffect, useRef, useState, type CSSProperties, type ReactNode } from 'react';
import { partText } from '../../text/part.ts';
import classes from './data-table.module.css';
import { IconArrowsSort, IconChevronDown, IconChevronUp } from '../icon.ts';

export interface Column<Row> {
  readonly key: string;
  readonly title: string;
  /** The name that the API sorts by; not sortable without it. */
  readonly sort?: string;
  /** As in CSS grid, and never less than its title needs; a share of 1 unless given. */
  readonly width?: `minmax(0, ${number}fr)` | `${number}rem`;
  /** Numbers stand at the right. */
  readonly align?: 'end';
  /** True where the title need not be seen, such as over buttons. */
  readonly hideTitle?: boolean;
  readonly cell: (row: Row) => ReactNode;
}

export interface Selection {
  readonly ids: ReadonlySet<number | string>;
  onChange(ids: ReadonlySet<number | string>): void;
}

interface DataTableProps<Row> {
  /** What it lists, for those who don't see it. */
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  idOf(row: Row): number | string;
  /** What a row is called, for its check box. */
  nameOf?(row: Row): string;
  /** As the API takes it, `-createdAt`; with `onSort`. */
  readonly sort?: string;
  onSort?(sort: string): void;
  readonly selection?: Selection;
  /** The number of all, where it is known. */
  readonly count?: number;
  readonly hasMore?: boolean;
  readonly loadingMore?: boolean;
  /** Called when the end comes near. */
  onMore?(): void;
  /** Told which rows are drawn, by their places: `look` of `useRows`. */
  onLook?(first: number, last: number): void;
}

const usualHeight = 45;
/** Rows before the end at which more are asked for. */
const ahead = 30;

export function DataTable<Row>(props: DataTableProps<Row>) {
  const {
    label,
    columns,
    rows,
    idOf,
    selection,
    hasMore = false,
    loadingMore = false,
    onMore,
    onLook,
    onSort,
  } = props;
  const body = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    const place = () => setTop((body.current?.getBoundingClientRect().top ?? 0) + window.scrollY);
    place();
    window.addEventListener('resize', place);
    return () => window.removeEventListener('resize', place);
  }, []);
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => usualHeight,
    overscan: 12,
    scrollMargin: top,
    getItemKey: (index) => idOf(rows[index]!),
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasMore && !loadingMore && last >= rows.length - ahead) onMore?.();
  }, [hasMore, loadingMore, last, rows.length, onMore]);
  const [first] = items;
  const place = first?.index ?? 0;
  useEffect(() => onLook?.(place, last), [onLook, place, last]);
  const before = first === undefined ? 0 : first.start - top;
  // Beside the menu a table has too little room for words before the window is as narrow as a telephone.
  const narrow = columns.length < 8 ? '(max-width: 62em)' : '(max-width: 72em)';
  const areCards = useMediaQuery(narrow, false, { getInitialValueInEffect: false });
  const grid = [
    ...(selection ? ['2.25rem'] : []),
    ...columns.map((column) => trackOf(column, onSort !== undefined)),
  ];
  return (
    <div
      role="table"
      aria-label={label}
      aria-rowcount={props.count ?? (hasMore ? -1 : rows.length + 1)}
      className={classes['table']}
      data-cards={areCards}
      style={{ '--columns': grid.join(' ') } as CSSProperties}
    >
      <div role="rowgroup" className={classes['head']}>
        <Head {...props} />
      </div>
      <div role="rowgroup" ref={body} style={{ minHeight: virtual.getTotalSize() }}>
        <div style={{ transform: `translateY(${before}px)` }} role="presentation">
          {items.map(({ index, key }) => (
            <Line key={key} row={rows[index]!} index={index} measure={virtual.measureElement} table={props} />
          ))}
        </div>
      </div>
      {loadingMore && (
        <div role="status" className={classes['more']}>
          {partText.loadingMore}
        </div>
      )}
    </div>
  );
}

/** A column's width, with room for the longest word of its title: each row is a grid of its own and can't ask for it. */
function trackOf<Row>(
  { title, width = 'minmax(0, 1fr)', sort, hideTitle }: Column<Row>,
  sorts: boolean,
): string {
  if (hideTitle === true) return width;
  const letters = Math.max(...title.split(/\s/u).map((word) => word.length));
  const least = `${letters * 0.6 + (sorts && sort !== undefined ? 1.2 : 0)}rem`;
  return width.startsWith('minmax(0,') ? width.replace('0,', `${least},`) : `max(${least}, ${width})`;
}

function Head<Row>(props: DataTableProps<Row>) {
  const { columns, rows, idOf, selection } = props;
  const all = rows.length > 0 && rows.every((row) => selection?.ids.has(idOf(row)));
  const some = rows.some((row) => selection?.ids.has(idOf(row)));
  return (
    <div role="row" aria-rowindex={1} className={classes['row']}>
      {selection && (
        <div role="columnheader" className={classes['cell']}>
          <Checkbox
            size="xs"
            aria-label={partText.selectAll}
            checked={all}
            indeterminate={some && !all}
            onChange={() => selection.onChange(all ? new Set() : new Set(rows.map(idOf)))}
          />
        </div>
      )}
      {columns.map((column) => (
        <HeadCell key={column.key} column={column} table={props} />
      ))}
    </div>
  );
}

function HeadCell<Row>({ column, table }: { column: Column<Row>; table: DataTableProps<Row> }) {
  const { title, sort: name, align, hideTitle } = column;
  const { sort, onSort } = table;
  const shown = hideTitle === true ? <VisuallyHidden>{title}</VisuallyHidden> : title;
  const rising = sort === name;
  const sorted = name !== undefined && (rising || sort === `-${name}`);
  const Icon = sorted ? (rising ? IconChevronUp : IconChevronDown) : IconArrowsSort;
  return (
    <div
      role="columnheader"
      className={classes['cell']}
      data-align={align}
      {...(sorted && { 'aria-sort': rising ? ('ascending' as const) : ('descending' as const) })}
    >
      {name === undefined || onSort === undefined ? (
        shown
      ) : (
        <UnstyledButton
          className={classes['sort']}
          title={partText.sortBy(title)}
          onClick={() => onSort(sort === `-${name}` ? name : `-${name}`)}
        >
          {shown}
          <Icon size={14} aria-hidden />
        </UnstyledButton>
      )}
    </div>
  );
}

interface LineProps<Row> {
  readonly row: Row;
  readonly index: number;
  readonly table: DataTableProps<Row>;
  measure(element: HTMLElement | null): void;
}

function Line<Row>({ row, index, table, measure }: LineProps<Row>) {
  const { columns, idOf, nameOf, selection } = table;
  const id = idOf(row);
  const chosen = selection?.ids.has(id) === true;
  const toggle = () => {
    const ids = new Set(selection?.ids);
    if (!ids.delete(id)) ids.add(id);
    selection?.onChange(ids);
  };
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      ref={measure}
      data-index={index}
      data-chosen={chosen}
      className={classes['row']}
    >
      {selection && (
        <div role="cell" className={classes['cell']}>
          <Checkbox
            size="xs"
            aria-label={partText.selectRow(nameOf?.(row) ?? String(id))}
            checked={chosen}
            onChange={toggle}
          />
        </div>
      )}
      {columns.map(({ key, title, align, hideTitle, cell }) => (
        <div role="cell" key={key} className={classes['cell']} data-align={align}>
          {hideTitle !== true && (
            <span className={classes['label']} aria-hidden>
              {title}
            </span>
          )}
          <div className={classes['value']}>{cell(row)}</div>
        </div>
      ))}
    </div>
  );
}
