"""JSON by Python's own reader, numbers by their digits."""

import datetime
import json
import re
from decimal import Decimal


class Number:
    def __init__(self, text):
        self.text = text

    def __repr__(self):
        return self.text

    def equals(self, other):
        if re.fullmatch(r"-?\d+", self.text):
            return Decimal(self.text) == Decimal(other.text)
        return float(self.text) == float(other.text)


decoder = json.JSONDecoder(parse_float=Number, parse_int=Number, parse_constant=lambda word: None)


def documents(text):
    """All values that stand in a text one after the other."""
    at, found = 0, []
    while True:
        at = re.compile(r"\s*").match(text, at).end()
        if at == len(text):
            return found
        value, at = decoder.raw_decode(text, at)
        found.append(value)


def rows_of(text):
    """The elements of one list, else the values one after the other."""
    found = documents(text)
    return found[0] if len(found) == 1 and isinstance(found[0], list) else found


def find_difference(rows, outcome):
    result = [json.loads(line, parse_float=Number, parse_int=Number) for line in open(outcome["result"], encoding="utf-8")]
    dataset = outcome["dataset"]
    types = {column["name"]: column["type"] for column in dataset["columns"]}
    keys = dataset["options"].get("columnKeys") or {}
    whole = not all(isinstance(row, dict) for row in rows) or dataset["options"].get("wholeValues")
    if len(rows) != len(result):
        return f"{len(rows)} rows, and {len(result)} came out"
    for at, (before, after) in enumerate(zip(rows, result)):
        was = {"json": before} if whole else before
        now = {keys.get(name, name): value for name, value in after.items()}
        for key in {**was, **now}:
            kind = types.get(key, types.get(next((n for n, k in keys.items() if k == key), ""), ""))
            if not same(was.get(key), now.get(key), kind):
                path, one, other = deepest(was.get(key), now.get(key), kind, repr(key))
                return f"row {at + 1}, key {path} ({kind[:60]}): {short(one)} came out as {short(other)}"
    return None


def deepest(was, now, kind, path):
    """Where within a value the difference is."""
    if isinstance(was, dict) and isinstance(now, dict):
        parts = [(key, was.get(key), now.get(key)) for key in {**was, **now}]
    elif isinstance(was, list) and isinstance(now, list) and len(was) == len(now):
        parts = [(at, one, other) for at, (one, other) in enumerate(zip(was, now))]
    else:
        return path, was, now
    at, one, other = next(part for part in parts if not same(part[1], part[2], kind))
    return deepest(one, other, kind, f"{path}/{at}")


def short(value):
    text = repr(value)
    return text if len(text) < 160 else text[:160] + "…"


def same(was, now, kind):
    if was is None or now is None:
        return is_nothing(was) and is_nothing(now)
    if isinstance(was, dict) and isinstance(now, dict):
        return all(same(was.get(key), now.get(key), kind) for key in {**was, **now})
    if isinstance(was, list) and isinstance(now, list):
        return len(was) == len(now) and all(same(a, b, kind) for a, b in zip(was, now))
    if isinstance(was, Number) and isinstance(now, Number):
        return was.equals(now)
    if isinstance(was, str) and isinstance(now, str):
        return was == now or same_moment(was, now, kind)
    if isinstance(was, bool) or isinstance(now, bool):
        return was is now or (isinstance(now, str) and "VARCHAR" in kind and now == json.dumps(was))
    if isinstance(now, str) and "VARCHAR" in kind:
        return now == was.text if isinstance(was, Number) else same(was, documents(now)[0], kind)
    if isinstance(now, str) and "JSON" in kind:
        return same(was, documents(now)[0], kind)
    return False


def is_nothing(value):
    """A key that an object does not have comes out as null, and so an object without any key as one of nulls."""
    if isinstance(value, dict):
        return all(is_nothing(each) for each in value.values())
    return value is None


def same_moment(was, now, kind):
    if "TIME" not in kind and "DATE" not in kind:
        return False
    try:
        return datetime.datetime.fromisoformat(was) == datetime.datetime.fromisoformat(now)
    except (ValueError, TypeError):
        return False
