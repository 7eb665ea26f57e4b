# Loaded by schemathesis (SCHEMATHESIS_HOOKS): every call comes from an address of its own, as through a proxy that the
# server trusts. Wrong credentials are tried at each operation, and the server counts them by address.
import itertools

import schemathesis

numbers = itertools.count(1)


@schemathesis.hook
def before_call(context, case, kwargs):
    number = next(numbers)
    case.headers["X-Forwarded-For"] = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
