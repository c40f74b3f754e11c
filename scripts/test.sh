#!/usr/bin/env bash
# make test [CHAPTER=N]
. "$(dirname "$0")/common.sh"
. scripts/prepare.sh

test_chapters() {
  steps 3
  step "What the chapters need"
  prepare chapters
  step "Building the chapters up to $CHAPTER and their tests, without any other package"
  swift build --build-tests --scratch-path "$CHAPTER_BUILD" || build_failed
  step "Testing the chapters up to $CHAPTER"
  run_tests --scratch-path "$CHAPTER_BUILD"
}

test_everything() {
  steps 4
  step "What Swiftlet needs"
  prepare everything
  step "Building everything and its tests"
  [ -d .build/debug ] || say "The first time this compiles the network and TLS libraries: some minutes on two cores."
  swift build --build-tests || build_failed
  step "Comparing the chapters' text with their code"
  local quotes=0
  .build/debug/quotes || quotes=1
  step "Testing everything"
  # Chapters compute for minutes and never wait; tests of edges wait for sockets and processes, and are held up by them.
  local edges='^(HTTP|Certificates|YAMLCoding|SQLiteStorage|ProcessRuntime|Network|Probing|VolumeFiles|Runner|Kubectl|EndToEnd)Tests\.'
  # Many of them block a thread; all at once they starve each other.
  SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=4 run_tests --filter "$edges"
  run_tests --skip "$edges"
  [ $quotes = 0 ] || fail "the tests pass, but the chapters' text lacks code or has drifted" "step 3 says where"
}

run_tests() {
  local log
  log=$(mktemp)
  # The pipe's status is the tests' (pipefail): tee itself does not fail.
  swift test --skip-build --disable-xctest "$@" 2>&1 | tee "$log" || {
    failures "$log"
    rm -f "$log"
    fail "a test has failed" "what failed is named above once more" "one test alone: swift test --filter NAME"
  }
  rm -f "$log"
}

# failures LOG: whoever sees only the end of the output (of a build server, say) sees all that failed there.
failures() {
  printf '\nWhat has failed:\n\n'
  awk '
    /^(✘|􀢄) (Test run|Suite) / { continued = 0; next }
    /^(✘|􀢄) / { continued = 1; print "  " $0; next }
    /^[ \t]*(↳|􀄵)/ { if (continued) print "  " $0; next }
    /^error: |: Fatal error: |: error: / { print "  " $0 }
    { continued = 0 }
  ' "$1"
}

build_failed() {
  fail "the build has failed" "the first error above says where" \
    "if a package could not be fetched, check the network and run make again"
}

check_chapter
if [ -n "${CHAPTER:-}" ]; then test_chapters; else test_everything; fi
