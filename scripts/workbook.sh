#!/usr/bin/env bash
# make exercise | check CHAPTER=N: a command of the workbook. Its arguments are the command's, and those that are absent
# are taken from CHAPTER and EXERCISE.
. "$(dirname "$0")/common.sh"

subject=${EXERCISE:-${CHAPTER:-}}
unset EXERCISE
# The tool needs nothing but Foundation.
export CHAPTER=0
[ -x "$CHAPTER_BUILD/debug/workbook" ] || echo "Building the workbook's tool; the first time this takes a minute …"
swift build --quiet --scratch-path "$CHAPTER_BUILD" --product workbook >"$CHAPTER_BUILD.log" 2>&1 ||
  fail "the workbook's tool could not be built; $CHAPTER_BUILD.log says why"
unset CHAPTER
command=$1
shift
[ $# -gt 0 ] || [ -z "$subject" ] || set -- "$subject"
exec "$CHAPTER_BUILD/debug/workbook" "$command" "$@"
