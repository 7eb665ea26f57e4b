"""Compares what came out of the product with independent readings of the same files, and prints how many are equal, told,
or silently different. The argument is the list of outcomes that corpus.ts has written."""

import json
import sys
from collections import Counter, defaultdict

import csv_reading
import json_reading
import parquet_reading


def difference(outcome):
    """Why the result is not what the independent reader has; None where it is."""
    kind = outcome["dataset"]["format"]
    if kind == "parquet":
        return parquet_reading.find_difference(outcome["path"], outcome)
    text = csv_reading.decode(outcome["path"])
    if text is None:
        return "its encoding says itself nowhere"
    if kind in ("json", "ndjson"):
        return json_reading.find_difference(json_reading.rows_of(text), outcome)
    found = {}
    for name, rows in csv_reading.readings(text, outcome["name"]):
        found[name] = csv_reading.find_difference(rows, outcome, text)
        if found[name] is None:
            return None
    return "; ".join(f"{name}: {why}" for name, why in found.items())


def judge(outcome):
    if outcome["told"] is not None:
        return outcome["told"], outcome["why"]
    try:
        why = difference(outcome)
    except Exception as error:
        why = f"the independent reader failed: {error!r}"
    if why is None:
        return "equal", ""
    said = [each["text"] for each in outcome["dataset"]["assumptions"]] + outcome["warnings"]
    if said:
        return "warned", f"{' '.join(said)} | {why}"
    return "different", why


KINDS = ["equal", "refused", "failed", "warned", "different"]


def main():
    outcomes = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
    counts = defaultdict(Counter)
    lines = []
    for outcome in outcomes:
        kind, why = judge(outcome)
        package = outcome["name"].split("/")[0]
        for row in (package, "all"):
            counts[row][kind] += 1
        if kind != "equal":
            lines.append((KINDS.index(kind), f"{kind}: {outcome['name']}: {why[:600]}"))
    print("\n".join(line for _, line in sorted(lines)))
    print(f"\n{'package':24}{'files':>8}" + "".join(f"{kind:>16}" for kind in KINDS))
    for package, found in sorted(counts.items(), key=lambda item: (item[0] == "all", item[0])):
        print(f"{package:24}{sum(found.values()):>8}" + "".join(f"{found[kind]:>16}" for kind in KINDS))
    print(
        f"\ntold is refused, failed and warned together: {sum(counts['all'][kind] for kind in KINDS[1:4])}; "
        f"silently different: {counts['all']['different']}"
    )


main()
