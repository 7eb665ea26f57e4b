"""CSV by Python's own reader: in the form that the file's name says, and in the one that clevercsv finds."""

import csv
import datetime
import gzip
import io
import re
import warnings
from decimal import Decimal, InvalidOperation

import clevercsv

warnings.filterwarnings("ignore")
csv.field_size_limit(2**30)

DATE_FORMS = [
    f"{day}{clock}"
    for day in ("%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%m/%d/%y", "%d/%m/%y", "%Y%m%d")
    for clock in ("", " %H:%M", " %H:%M:%S")
]


def decode(path):
    """Its text; None where it is in no encoding that says itself."""
    data = open(path, "rb").read()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None


def readings(text, name):
    """(what it is called, rows) for each independent reading."""
    given = "\t" if re.search(r"\.tsv(\.|$)", name, re.I) else ","
    yield "by its name", read(text, delimiter=given)
    try:
        found = clevercsv.Sniffer().sniff(text[:50_000])
    except Exception:
        return
    if not found or not found.delimiter:
        return
    form = {"delimiter": found.delimiter, "quotechar": found.quotechar or None, "escapechar": found.escapechar or None}
    if not found.quotechar:
        form["quoting"] = csv.QUOTE_NONE
    yield "by clevercsv", read(text, **form)


def read(text, **form):
    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), **form) if row]
    except csv.Error:
        return []
    return rows


def has_header(text):
    try:
        return clevercsv.Sniffer().has_header(text[:50_000])
    except Exception:
        return None


def find_difference(rows, outcome, text):
    """Why the product's result is not this reading; None where it is."""
    result = read(open(outcome["result"], encoding="utf-8", newline="").read())
    dataset = outcome["dataset"]
    options, columns = dataset["options"], dataset["columns"]
    if not rows:
        return "nothing was read by Python"
    header = options.get("header", True)
    if not header and has_header(text) is not False:
        return "read without a header, which the first line may be"
    names, body = (rows[0], rows[1:]) if header else (None, rows)
    width = len(columns)
    if names is not None:
        seen = set()
        if len(names) != width:
            return f"{len(names)} names, and {width} columns"
        for name, column in zip(names, columns):
            free = name.strip() == "" or name.lower() in seen
            seen.add(name.lower())
            if not free and name != column["name"] and name.strip() != column["name"]:
                return f"the column {name!r} is called {column['name']!r}"
    found = result[1:]
    # A line without any value is one row of a table with one column, and Python leaves it out.
    if width == 1:
        found = [row for row in found if row and row != [""]]
        body = [row for row in body if row != [""]]
    if len(found) != len(body):
        return f"{len(body)} rows, and {len(found)} came out"
    for at, (before, after) in enumerate(zip(body, found)):
        if before == after:
            continue
        if len(before) != width:
            return f"row {at + 1} has {len(before)} values of {width}"
        for place, (was, now) in enumerate(zip(before, after)):
            if was != now and not same_cell(was, now, columns[place]["type"], lambda p=place: [r[p] for r in body if len(r) > p]):
                return f"row {at + 1}, column {columns[place]['name']!r} ({columns[place]['type']}): {was[:80]!r} came out as {now[:80]!r}"
    return None


def same_cell(was, now, kind, column):
    if kind == "VARCHAR":
        return False
    text = was.strip()
    if text == "" or now == "":
        return text == "" and now == ""
    if kind in ("BIGINT", "HUGEINT", "INTEGER") or kind.startswith("DECIMAL"):
        return to_decimal(text) is not None and to_decimal(text) == to_decimal(now)
    if kind == "DOUBLE":
        return same_double(text, now)
    if kind == "BOOLEAN":
        return text.lower() in ("true", "false") and text.lower() == now
    if kind == "TIME":
        return datetime.time.fromisoformat(text) == datetime.time.fromisoformat(now)
    return same_moment(text, now, kind, column)


def to_decimal(text):
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def same_double(was, now):
    """The nearest double, and a whole number only where that is the number itself."""
    try:
        if re.fullmatch(r"[-+]?\d+", was) and Decimal(float(was)) != Decimal(was):
            return False
        return float(was) == float(now) or (was.lower() == "nan" and now.lower() == "nan")
    except (ValueError, InvalidOperation):
        return False


known_forms = {}


def same_moment(was, now, kind, column):
    try:
        before, after = datetime.datetime.fromisoformat(was), datetime.datetime.fromisoformat(now)
        if kind == "DATE":
            return re.fullmatch(r"\d{4}-\d\d-\d\d", was) is not None and before == after
        if kind == "TIMESTAMP":
            return before == after and before.tzinfo is None
        return before == after
    except (ValueError, TypeError):
        pass
    # Another form: the only one of many that all values of the column have.
    values = column()
    key = (id(values), len(values), was)
    texts = {value.strip() for value in values if value.strip()}
    forms = [form for form in DATE_FORMS if all(parse(text, form) for text in texts)]
    return {parse(was, form) for form in forms} == {datetime.datetime.fromisoformat(now)}


def parse(text, form):
    key = (text, form)
    if key not in known_forms:
        try:
            known_forms[key] = datetime.datetime.strptime(text, form)
        except ValueError:
            known_forms[key] = None
    return known_forms[key]
