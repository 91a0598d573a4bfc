# shellcheck shell=bash
# Stands before the commands of a file that `docs --prove` executes.
set -euo pipefail
proof=$(mktemp -d)
trap 'rm -rf "$proof"' EXIT

# curl keeps status, headers and body of the last answer, and prints the body
# like curl itself.
curl() {
  local own=(-o "$proof/body") body=$proof/body previous=
  for argument; do
    if [ "$previous" = -o ]; then
      own=() body=$argument
    fi
    previous=$argument
  done
  : >"$proof/body"
  command curl "$@" "${own[@]}" -D headers.txt -w '%{http_code}' >"$proof/status"
  if [ "$body" = "$proof/body" ]; then
    cat "$body"
  else
    cp "$body" "$proof/body"
  fi
}

# header NAME: of the last answer.
header() { sed -n "s/^$1: //Ip" headers.txt | tr -d '\r'; }

# expect STEP STATUS
expect() {
  step=$1
  [ "$(cat "$proof/status")" = "$2" ] || wrong "status $2"
}

wrong() {
  printf '%s: not so: %s\nthe answer was %s:\n' "$step" "$1" "$(cat "$proof/status")" >&2
  cat headers.txt "$proof/body" >&2
  exit 1
}

