# Verifies the X-Webhook-Signature of a Flowhook request, and tells a repeat. Bash, openssl, od.

TOLERANCE_MS=300000

# hmac_sha256 KEY: hex HMAC of standard input. By hand, because openssl takes a key only as an
# argument, and every user of a machine can read the arguments of a running program.
hmac_sha256() {
  local LC_ALL=C hex inner='' outer='' at byte digest
  hex=$(printf %s "$1" | od -An -v -tx1 | tr -d ' \n')
  if ((${#hex} > 128)); then hex=$(printf %s "$1" | sha256); fi
  for ((at = 0; at < 128; at += 2)); do
    byte=$((16#0${hex:at:2}))
    printf -v inner '%s\\x%02x' "$inner" $((byte ^ 0x36))
    printf -v outer '%s\\x%02x' "$outer" $((byte ^ 0x5c))
  done
  digest=$({ printf "$inner"; cat; } | sha256)
  { printf "$outer"; printf "$(printf %s "$digest" | sed 's/../\\x&/g')"; } | sha256
}

sha256() { openssl dgst -sha256 -r | cut -c1-64; }

# verify SECRET HEADER METHOD URL BODY_FILE [NOW_MS]: prints ok or why the request is refused.
# HEADER is X-Webhook-Signature or empty, BODY_FILE holds the raw bytes as they came, URL is the
# whole one that was called, with its query.
verify() {
  local LC_ALL=C secret=$1 header=$2 method=$3 url=$4 body_file=$5 now=${6:-$(date +%s)000}
  local time members signatures expected nonce each
  if [[ -z $secret ]]; then echo no_secret; return 1; fi
  if [[ -z $header ]]; then echo missing_header; return 1; fi
  if ! [[ $header =~ ^t=([0-9]{1,15})((,[a-z0-9]+=[0-9a-f]+)+)$ ]]; then echo malformed; return 1; fi
  time=${BASH_REMATCH[1]} members=${BASH_REMATCH[2]}
  signatures=$(tr , '\n' <<<"$members" | sed -nE 's/^sha256=([0-9a-f]{64})$/\1/p')
  if [[ -z $signatures ]]; then echo malformed; return 1; fi
  if ((now - 10#$time > TOLERANCE_MS)); then echo expired; return 1; fi
  if ((10#$time - now > TOLERANCE_MS)); then echo too_new; return 1; fi
  case $method in
    [Gg][Ee][Tt] | [Dd][Ee][Ll][Ee][Tt][Ee]) expected=$(printf %s "$time.$url" | hmac_sha256 "$secret") ;;
    *) expected=$({ printf %s "$time."; cat -- "$body_file"; } | hmac_sha256 "$secret") ;;
  esac
  # Compared under a fresh random key: how long it takes tells nothing about the signatures.
  nonce=$(openssl rand -hex 32)
  for each in $signatures; do
    if [[ $(hmac_sha256 "$nonce" <<<"$each") == "$(hmac_sha256 "$nonce" <<<"$expected")" ]]; then
      echo ok
      return 0
    fi
  done
  echo mismatch
  return 1
}

# is_repeat FOLDER DELIVERY_ID: 0 when this X-Webhook-Delivery was taken before, 1 when it is new
# (the first to create its mark has it), 2 when the folder can't be written.
is_repeat() {
  local mark
  mark=$1/$(printf %s "$2" | sha256)
  if mkdir -- "$mark" 2>/dev/null; then return 1; fi
  if [[ -d $mark ]]; then return 0; fi
  return 2
}
