"""python3 main.py METHOD URL HEADERS_FILE BODY_FILE [SEEN_FOLDER], with WEBHOOK_SECRET in the environment."""

import os
import sys
from email import message_from_binary_file
from pathlib import Path

from verify import is_repeat, verify

method, url, headers_file, body_file, *seen = sys.argv[1:]
with open(headers_file, "rb") as file:
    headers = message_from_binary_file(file)
secret, now = os.environ.get("WEBHOOK_SECRET"), os.environ.get("WEBHOOK_NOW")
body = Path(body_file).read_bytes()
answer = verify(secret, headers["X-Webhook-Signature"], method, url, body, int(now) if now else None)
delivery_id = headers["X-Webhook-Delivery"]
if answer == "ok" and seen and delivery_id and is_repeat(seen[0], delivery_id):
    answer = "repeat"
print(answer)
sys.exit(0 if answer in ("ok", "repeat") else 1)
