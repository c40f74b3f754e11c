#!/usr/bin/env bash
# make workbook-check: everything that keeps texts and exercises true; OPTIONS=--strict fails where nothing was run.
# SKIP="stubs" leaves that check out.
. "$(dirname "$0")/common.sh"

failed=""

# check NAME COMMAND…: runs it, and says in one line how it went; its words only when something is to be mended.
check() {
  local name=$1 log began status=0
  case " ${SKIP:-} " in
    *" $name "*)
      printf '%-12s left out\n' "$name"
      return
      ;;
  esac
  shift
  log=$(mktemp)
  began=$SECONDS
  "$@" >"$log" 2>&1 || status=$?
  if [ $status = 0 ]; then
    printf '%-12s %4d s  %s\n' "$name" $((SECONDS - began)) "$(tail -n 1 "$log")"
  else
    cat "$log"
    printf '%-12s %4d s  to be mended, see above\n' "$name" $((SECONDS - began))
    failed="$failed $name"
  fi
  rm -f "$log"
}

check quotes scripts/quotes.sh
check links scripts/workbook.sh links
check names scripts/workbook.sh names
check plan scripts/workbook.sh plan
check pictures scripts/workbook.sh pictures
# shellcheck disable=SC2086
check transcripts scripts/workbook.sh transcripts ${OPTIONS:-}
check checkpoints scripts/workbook.sh checkpoints
check stubs scripts/variants.sh stubs
check wrong scripts/variants.sh wrong
printf '%-12s %4d s\n' total $SECONDS
[ -z "$failed" ] || fail "to be mended:$failed" "each alone: make NAME"
