#!/usr/bin/env bash
# main.sh METHOD URL HEADERS_FILE BODY_FILE [SEEN_FOLDER], with WEBHOOK_SECRET in the environment.
set -euo pipefail
source "$(dirname -- "${BASH_SOURCE[0]}")/verify.sh"

# The value of header $1 in the file $2, empty when it is not there.
header() { { grep -i "^$1:" -- "$2" || true; } | head -n 1 | sed -E 's/^[^:]*:[[:space:]]*//; s/[[:space:]]*$//'; }

signature=$(header X-Webhook-Signature "$3")
delivery=$(header X-Webhook-Delivery "$3")
now=${WEBHOOK_NOW:-$(date +%s)000}
answer=$(verify "${WEBHOOK_SECRET:-}" "$signature" "$1" "$2" "$4" "$now") || { echo "$answer"; exit 1; }
if [[ -n ${5:-} && -n $delivery ]]; then
  state=0
  is_repeat "$5" "$delivery" || state=$?
  case $state in
    0) answer=repeat ;;
    2) echo "Can't write to $5" >&2; exit 2 ;;
  esac
fi
echo "$answer"
