// Pure: what words of other databases are called here.

/** A map: `constructor` is a word of nobody, though every object has one. */
const toWords = (words: Readonly<Record<string, string>>): ReadonlyMap<string, string> =>
  new Map(Object.entries(words));

/** Functions, by their names elsewhere in small letters. */
export const functionWords = toWords({
  nvl: 'It is called coalesce(a, b) here.',
  nvl2: 'Write CASE WHEN a IS NOT NULL THEN b ELSE c END here, or if(a IS NOT NULL, b, c).',
  isnull: 'It is called coalesce(a, b) here; whether a value is missing is a IS NULL.',
  zeroifnull: 'Write coalesce(a, 0) here.',
  nullifzero: 'Write nullif(a, 0) here.',
  iff: 'It is called if(condition, a, b) here, or CASE WHEN condition THEN a ELSE b END.',
  iif: 'It is called if(condition, a, b) here, or CASE WHEN condition THEN a ELSE b END.',
  decode: 'Write CASE a WHEN 1 THEN b ELSE c END here.',
  dateadd: 'Add an interval here: a + INTERVAL 1 DAY, or date_add(a, INTERVAL 1 DAY).',
  date_sub: 'Take off an interval here: a - INTERVAL 1 DAY.',
  adddate: 'Add an interval here: a + INTERVAL 1 DAY.',
  subdate: 'Take off an interval here: a - INTERVAL 1 DAY.',
  add_months: 'Add an interval here: a + INTERVAL 1 MONTH.',
  months_between: "It is called date_diff('month', a, b) here.",
  to_date: "Write strptime(a, '%Y-%m-%d')::DATE here, or CAST(a AS DATE) for the usual form.",
  to_timestamp_ntz: "Write strptime(a, '%Y-%m-%d %H:%M:%S') here, or CAST(a AS TIMESTAMP).",
  str_to_date: "It is called strptime(a, '%Y-%m-%d') here.",
  parse_date: "It is called strptime(a, '%Y-%m-%d') here.",
  to_char: "It is called strftime(a, '%Y-%m-%d') here, or format('{:.2f}', a) for numbers.",
  to_varchar: 'Write CAST(a AS VARCHAR) here.',
  to_number: 'Write CAST(a AS DECIMAL(18, 2)) here, or CAST(a AS BIGINT).',
  date_format: "It is called strftime(a, '%Y-%m-%d') here.",
  format_date: "It is called strftime(a, '%Y-%m-%d') here.",
  text: "It is called strftime(a, '%Y-%m-%d') for dates and format('{:.2f}', a) for numbers here.",
  getdate: 'It is called current_timestamp here; a date that a job keeps is better a parameter of the flow.',
  sysdatetime: 'It is called current_timestamp here.',
  getutcdate: 'It is called current_timestamp here.',
  curdate: 'It is called current_date here.',
  charindex: "It is called strpos(text, 'part') here: the text stands first.",
  locate: "It is called strpos(text, 'part') here: the text stands first.",
  patindex: "Use regexp_matches(text, 'pattern') or strpos(text, 'part') here.",
  substring_index: "It is called split_part(text, ',', 1) here.",
  len_trim: 'Write length(trim(a)) here.',
  datalength: 'It is called strlen(a) here.',
  convert: 'Write CAST(a AS INTEGER) here: the value stands first.',
  try_convert: 'Write TRY_CAST(a AS INTEGER) here.',
  safe_cast: 'Write TRY_CAST(a AS INTEGER) here.',
  safe_divide: 'Write a / nullif(b, 0) here.',
  div0: 'Write coalesce(a / nullif(b, 0), 0) here.',
  regexp_like: "It is called regexp_matches(a, 'pattern') here.",
  regexp_contains: "It is called regexp_matches(a, 'pattern') here.",
  regexp_substr: "It is called regexp_extract(a, 'pattern') here.",
  rlike: "It is called regexp_matches(a, 'pattern') here.",
  wm_concat: "It is called string_agg(a, ',') here.",
  collect_list: 'It is called list(a) here.',
  collect_set: 'It is called list(DISTINCT a) here.',
  countif: 'It is called count_if(condition) here, or count(*) FILTER (WHERE condition).',
  stuff: 'Use left, right and || here.',
  newid: 'It is called uuid() here.',
  sysuuid: 'It is called uuid() here.',
  square: 'Write a * a here.',
  object_construct: "It is called json_object('key', a) here.",
  parse_json: 'Write a::JSON here.',
  get_json_object: "It is called json_extract_string(a, '$.key') here.",
  json_value: "It is called json_extract_string(a, '$.key') here.",
  eomonth: 'It is called last_day(a) here.',
  datename: 'It is called dayname(a) or monthname(a) here.',
  timestampdiff: "It is called date_diff('day', a, b) here: the unit stands in quotes.",
});

/** Words that stand without brackets elsewhere. */
export const valueWords = toWords({
  sysdate: 'It is called current_timestamp here.',
  systimestamp: 'It is called current_timestamp here.',
  rownum: 'It is called row_number() OVER () here, and LIMIT stands at the end.',
});

/** Types, by their names elsewhere in small letters. */
export const typeWords = toWords({
  number: 'Use DECIMAL(18, 2), or BIGINT for whole numbers and DOUBLE for others.',
  varchar2: 'It is called VARCHAR here.',
  nvarchar2: 'It is called VARCHAR here.',
  nvarchar: 'It is called VARCHAR here.',
  nchar: 'It is called VARCHAR here.',
  ntext: 'It is called VARCHAR here.',
  clob: 'It is called VARCHAR here.',
  longtext: 'It is called VARCHAR here.',
  mediumtext: 'It is called VARCHAR here.',
  tinytext: 'It is called VARCHAR here.',
  money: 'Use DECIMAL(18, 2).',
  smallmoney: 'Use DECIMAL(18, 2).',
  bignumeric: 'Use DECIMAL(38, 9).',
  float64: 'It is called DOUBLE here.',
  datetime2: 'It is called TIMESTAMP here.',
  smalldatetime: 'It is called TIMESTAMP here.',
  datetimeoffset: 'It is called TIMESTAMPTZ here.',
  timestamp_ntz: 'It is called TIMESTAMP here.',
  timestamp_ltz: 'It is called TIMESTAMPTZ here.',
  timestamp_tz: 'It is called TIMESTAMPTZ here.',
  mediumint: 'It is called INTEGER here.',
  number38: 'Use DECIMAL(38, 0).',
  uniqueidentifier: 'It is called UUID here.',
  variant: 'Use JSON.',
  object: 'Use JSON.',
  inet: 'Addresses are kept as VARCHAR here.',
  geometry: 'Places are kept as VARCHAR or as two columns of DOUBLE here.',
});

/** Words of SQL that columns are called by often enough. */
export const reservedWords: ReadonlySet<string> = new Set(
  `all analyse analyze and any array as asc asymmetric both case cast check collate column constraint create default
  deferrable desc describe distinct do else end except false fetch for foreign from grant group having in initially
  intersect into lambda lateral leading limit not null offset on only or order pivot placing primary qualify references
  returning select show some summarize symmetric table then to trailing true union unique unpivot using variadic when
  where window with`.split(/\s+/),
);
