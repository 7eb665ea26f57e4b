"""Parquet by pyarrow, before and after."""

import pyarrow.parquet as parquet


def find_difference(path, outcome):
    before = parquet.ParquetFile(path).read()
    after = parquet.ParquetFile(outcome["result"]).read()
    if before.column_names != after.column_names:
        return f"columns {before.column_names} came out as {after.column_names}"
    if before.num_rows != after.num_rows:
        return f"{before.num_rows} rows, and {after.num_rows} came out"
    for name in before.column_names:
        pairs = zip(before[name].to_pylist(), after[name].to_pylist())
        for at, (was, now) in enumerate(pairs):
            if not same(was, now):
                kinds = f"{before.schema.field(name).type}, then {after.schema.field(name).type}"
                return f"row {at + 1}, column {name!r} ({kinds}): {was!r:.100} came out as {now!r:.100}"
    return None


def same(was, now):
    if isinstance(was, dict) and isinstance(now, dict):
        return was.keys() == now.keys() and all(same(was[key], now[key]) for key in was)
    if isinstance(was, (list, tuple)) and isinstance(now, (list, tuple)):
        return len(was) == len(now) and all(map(same, was, now))
    if was != was and now != now:
        return True
    return was == now and isinstance(was, bool) == isinstance(now, bool)
