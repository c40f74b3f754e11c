#!/usr/bin/env bash
# make quotes [FIX=1]
. "$(dirname "$0")/common.sh"

# The tool needs nothing but Foundation.
export CHAPTER=0
TOOLS=1 swift build --quiet --scratch-path "$CHAPTER_BUILD" --product quotes ||
  fail "the quotes tool could not be built" "its sources are Sources/Tools/Quotes and Sources/Tools/QuoteChecking"
if [ "${FIX:-}" = 1 ]; then
  exec "$CHAPTER_BUILD/debug/quotes" --fix
fi
exec "$CHAPTER_BUILD/debug/quotes"
