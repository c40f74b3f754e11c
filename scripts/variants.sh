#!/usr/bin/env bash
# make stubs|wrong|mutants [CHAPTER=N] [UPDATE=1]: what the exercises and the chapters' tests are worth
. "$(dirname "$0")/common.sh"

WHAT=$1
ARGUMENTS=()
[ -z "${CHAPTER:-}" ] || ARGUMENTS+=("$CHAPTER")
[ "$WHAT" != stubs ] || [ "${UPDATE:-}" != 1 ] || ARGUMENTS+=(--update)

# The tool needs nothing but Foundation; which chapters it looks at, it is told.
export CHAPTER=0
TOOLS=1 swift build --quiet --scratch-path "$CHAPTER_BUILD" --product workbook ||
  fail "the workbook tool could not be built" "its sources are in Sources/Tools"
# bash 3.2 knows no empty arrays.
exec "$CHAPTER_BUILD/debug/workbook" "$WHAT" ${ARGUMENTS[@]+"${ARGUMENTS[@]}"}
