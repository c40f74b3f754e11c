# shellcheck shell=bash
# What the other scripts share: steps, questions, and sentences for when something fails. Runs in bash 3.2 (macOS).

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Chapters build beside the full build, so that neither waits for the other or throws its products away.
CHAPTER_BUILD=.build-chapter

STEP=0
STEPS=0

# steps COUNT: how many steps this script announces.
steps() { STEPS=$1; }

# step SENTENCE: the next step begins.
step() {
  STEP=$((STEP + 1))
  printf '\n[%d/%d] %s\n' "$STEP" "$STEPS" "$1"
}

say() { printf '      %s\n' "$@"; }

# fail WHAT [ADVICE…]: the end, with what to do about it.
fail() {
  printf '\nmake: %s\n' "$1" >&2
  shift
  [ $# -eq 0 ] || printf '      %s\n' "$@" >&2
  exit 1
}

in_ci() { [ "${CI:-}" = true ]; }

# agree QUESTION ADVICE: true in CI and for people who say yes; without a terminal to ask on, it ends with the advice.
agree() {
  in_ci && return 0
  [ -t 0 ] || fail "this needs your consent, and there is no terminal to ask on" "$2" "or run again with CI=true"
  local answer
  printf '      %s [y/N] ' "$1"
  read -r answer
  case $answer in
    y | Y | yes | Yes) return 0 ;;
    *) return 1 ;;
  esac
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# check_chapter: CHAPTER is a number or absent.
check_chapter() {
  case ${CHAPTER:-0} in
    *[!0-9]*) fail "CHAPTER=$CHAPTER is not a chapter" "give its number, for example: make test CHAPTER=2" ;;
  esac
  # An empty variable would reach Package.swift as a chapter too.
  [ -n "${CHAPTER:-}" ] || unset CHAPTER
}
