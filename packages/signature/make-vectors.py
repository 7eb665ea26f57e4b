"""Writes vectors.json with Python's hmac alone, so that the package is checked by something it is not made of."""

import base64
import hashlib
import hmac
import json
import pathlib

NOW = 1568818215724
SECONDS = NOW // 1000
URL = 'https://receiver.example.com/hooks/1'
JSON_BODY = b'{"text":"Job 42 has completed. Status: Complete."}'
PLAIN, OTHER = 'mySecret', 'another secret, with \u00fcml\u00e4uts'
LONG = 'a secret that is longer than one block of the hash, ' * 3
STANDARD = 'whsec_' + base64.b64encode(bytes(range(32))).decode()


def mac(key, content):
    return hmac.new(key, content, hashlib.sha256)


def standard_key(secret):
    if secret.startswith('whsec_'):
        return base64.b64decode(secret[len('whsec_'):])
    return secret.encode()


def headers_of(secrets, method, url, body, delivery, time):
    by_url = method in ('get', 'delete')
    own = f'{time}.'.encode() + (url.encode() if by_url else body)
    standard = f'{delivery}.{time // 1000}.'.encode() + (b'' if by_url else body)
    return {
        'X-Webhook-Signature': ','.join(
            [f't={time}'] + ['sha256=' + mac(s.encode(), own).hexdigest() for s in secrets]),
        'webhook-id': delivery,
        'webhook-timestamp': str(time // 1000),
        'webhook-signature': ' '.join(
            'v1,' + base64.b64encode(mac(standard_key(s), standard).digest()).decode() for s in secrets),
        'X-Webhook-Delivery': delivery,
    }


def case(name, *, signed_with=(PLAIN,), secret=PLAIN, method='post', url=URL, body=JSON_BODY,
         received=None, called=None, now=NOW, change=None, own='ok', standard='ok'):
    delivery = 'dlv_0Zx4mGq7aJ2b'
    headers = headers_of(signed_with, method, url, body, delivery, NOW)
    if change:
        change(headers)
    return {
        'name': name,
        'signedWith': list(signed_with),
        'signedAt': NOW,
        'secret': secret,
        'method': method,
        'url': called or url,
        'bodyBase64': base64.b64encode(body if received is None else received).decode(),
        'headers': headers,
        'now': now,
        # What the two schemes answer: ok, or the reason of the refusal.
        'expect': {'webhook': own, 'standard': standard},
    }


def drop(headers):
    for name in list(headers):
        if name != 'X-Webhook-Delivery':
            del headers[name]


def spoil(own, standard):
    def change(headers):
        headers['X-Webhook-Signature'] = own
        headers['webhook-signature'] = standard
    return change


def later(headers):
    headers['X-Webhook-Signature'] = headers['X-Webhook-Signature'].replace(str(NOW), str(NOW + 1))
    headers['webhook-timestamp'] = str(SECONDS + 1)


MINUTE = 60_000
cases = [
    case('the word test', body=b'test'),
    case('a JSON body'),
    case('put', method='put'),
    case('patch', method='patch', signed_with=(OTHER,), secret=OTHER),
    case('a body that is not text', body=bytes([0, 255, 10, 13, 37, 92, 128, 0])),
    case('a body of line ends', body=b'\n\r\n'),
    case('an empty body', body=b''),
    case('get is signed by its URL', method='get', url=URL + '?job=42&name=a%20b', body=b''),
    case('delete is signed by its URL', method='delete', url=URL + '/42', body=b''),
    case('a secret longer than one block', signed_with=(LONG,), secret=LONG),
    case('a Standard Webhooks secret', signed_with=(STANDARD,), secret=STANDARD),
    case('rotation, the receiver has the old secret', signed_with=(OTHER, PLAIN)),
    case('rotation, the receiver has the new secret', signed_with=(PLAIN, OTHER)),
    case('just young enough', now=NOW + 5 * MINUTE - 1000),
    case('another secret', secret='notMySecret', own='mismatch', standard='mismatch'),
    case('a changed body', received=JSON_BODY.replace(b'42', b'43'), own='mismatch', standard='mismatch'),
    case('a line end added', received=JSON_BODY + b'\n', own='mismatch', standard='mismatch'),
    case('a changed timestamp', change=later, own='mismatch', standard='mismatch'),
    # Standard Webhooks does not sign the URL.
    case('get of another URL', method='get', url=URL + '?job=42', called=URL + '?job=43', body=b'', own='mismatch'),
    case('too old', now=NOW + 6 * MINUTE, own='expired', standard='expired'),
    case('too new', now=NOW - 6 * MINUTE, own='too_new', standard='too_new'),
    case('no signature header', change=drop, own='missing_header', standard='missing_header'),
    case('no timestamp', change=spoil('sha256=' + '0' * 64, 'v2,AAAA'), own='malformed', standard='malformed'),
    case('a cut signature', change=spoil(f't={NOW},sha256=ae9c', 'v1,AAAA'), own='malformed', standard='malformed'),
    case('words', change=spoil('t=now,sha256=me', 'let me in'), own='malformed', standard='malformed'),
    case('an empty header', change=spoil('', ''), own='missing_header', standard='missing_header'),
    case('the secret was lost', secret='', own='no_secret', standard='no_secret'),
]

target = pathlib.Path(__file__).with_name('vectors.json')
target.write_text(json.dumps({'cases': cases}, indent=2, ensure_ascii=True) + '\n')
