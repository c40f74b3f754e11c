#!/usr/bin/env bash
# make exercise, check, hint …: a command of the workbook and its arguments.
. "$(dirname "$0")/common.sh"

unset EXERCISE
# The tool needs nothing but Foundation, and for the demos the chapters that they show.
case $1 in
  demo | pictures) export CHAPTER=12 ;;
  *) export CHAPTER=0 ;;
esac
[ -x "$CHAPTER_BUILD/debug/workbook" ] || echo "Building the workbook's tool; the first time this takes a minute …"
TOOLS=1 swift build --quiet --scratch-path "$CHAPTER_BUILD" --product workbook >"$CHAPTER_BUILD.log" 2>&1 ||
  fail "the workbook's tool could not be built; $CHAPTER_BUILD.log says why"
unset CHAPTER
exec "$CHAPTER_BUILD/debug/workbook" "$@"
