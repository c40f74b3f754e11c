#!/usr/bin/env bash
# make hello: from a clean clone to a green test of the first chapter.
. "$(dirname "$0")/common.sh"
. scripts/prepare.sh

export CHAPTER=0
steps 2
step "What the first chapter needs"
prepare chapters
step "Building and testing it"
swift test --scratch-path "$CHAPTER_BUILD" --disable-xctest --filter ObjectsTests ||
  fail "the first chapter's tests have failed" "if nothing was edited, that is a bug: tell us what is above"
say "" "It works here. The text is chapters/00a-objects.md; the code Sources/00a-Objects."
