"""Verifies the X-Webhook-Signature of a Flowhook request, and tells a repeat."""

import hashlib
import hmac
import os
import re
import time

TOLERANCE_MS = 5 * 60 * 1000
FORM = re.compile(r"t=([0-9]{1,15})((?:,[a-z0-9]+=[0-9a-f]+)+)")


def verify(secret, header, method, url, body, now=None):
    """Answers "ok" or why the request is refused. header is X-Webhook-Signature or None,
    body the raw bytes as they came, url the whole URL that was called, with its query."""
    now = time.time() * 1000 if now is None else now
    if not secret:
        return "no_secret"
    if not header:
        return "missing_header"
    form = FORM.fullmatch(header)
    signatures = re.findall(r",sha256=([0-9a-f]{64})\b", form[2]) if form else []
    if not signatures:
        return "malformed"
    if now - int(form[1]) > TOLERANCE_MS:
        return "expired"
    if int(form[1]) - now > TOLERANCE_MS:
        return "too_new"
    signed = url.encode() if method.lower() in ("get", "delete") else body
    message = form[1].encode() + b"." + signed
    expected = hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()
    fits = any([hmac.compare_digest(expected, signature) for signature in signatures])
    return "ok" if fits else "mismatch"


def is_repeat(folder, delivery_id):
    """True when this X-Webhook-Delivery was taken before; the first to create its mark has it."""
    mark = os.path.join(folder, hashlib.sha256(delivery_id.encode()).hexdigest())
    try:
        open(mark, "x").close()
        return False
    except FileExistsError:
        return True
