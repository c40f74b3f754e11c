#!/usr/bin/env bash
# make bench
. "$(dirname "$0")/common.sh"
. scripts/prepare.sh

steps 2
step "Building the release"
prepare everything
swift build -c release || fail "the build has failed" "the first error above says where"
step "Measuring: CPU time, so that other work on the machine matters little"
exec .build/release/bench
