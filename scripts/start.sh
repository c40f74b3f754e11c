#!/usr/bin/env bash
# make start: from a clean clone to a cluster with an application in it. EXERCISE=02 builds it with the learner's copy
# of chapter 2.
. "$(dirname "$0")/common.sh"
. scripts/prepare.sh

SWIFTLET=.build/release/swiftlet

# without_zeros NUMBER: 2 of 02, a of 00a and 0a.
without_zeros() { printf '%s' "${1#"${1%%[!0]*}"}"; }

# An exercise that Package.swift does not find would go unnoticed: our module would be built.
check_exercise() {
  local folder number
  [ -n "${EXERCISE:-}" ] || { unset EXERCISE; return; }
  for folder in exercises/[0-9]*; do
    number=${folder#exercises/}
    [ "$(without_zeros "${number%%-*}")" = "$(without_zeros "$EXERCISE")" ] || continue
    [ -d "$folder/work/Sources" ] ||
      fail "$folder/work is not there" "make it with: make exercise CHAPTER=$EXERCISE"
    say "" "Chapter $EXERCISE runs on your own code: $folder/work/Sources."
    return
  done
  fail "EXERCISE=$EXERCISE is not a chapter with exercises" "give its number, for example: make start EXERCISE=02"
}

check_exercise
steps 4
step "What Swiftlet needs"
prepare everything

step "Building the release"
[ -d .build/release ] || say "The first time this compiles the network and TLS libraries: several minutes on two cores."
swift build -c release --product swiftlet ||
  fail "the build has failed" "the first error above says where" \
    "if a package could not be fetched, check the network and run make again"

step "Starting a cluster"
if "$SWIFTLET" status >/dev/null 2>&1; then
  say "One is running already; going on with it. A fresh build serves after: $SWIFTLET stop, then make start"
else
  "$SWIFTLET" start --detach || fail "the cluster did not start" "the sentence above says why"
fi

step "Running examples/web.yaml in it"
"$SWIFTLET" kubectl apply -f examples/web.yaml &&
  "$SWIFTLET" kubectl rollout status deployment/web &&
  "$SWIFTLET" kubectl get pods -o wide ||
  fail "the application did not start" "look at: $SWIFTLET kubectl describe pods"

say "" \
  "The cluster keeps running. kubectl finds it by itself (its context is called swiftlet):" \
  "" \
  "  kubectl scale deployment/web --replicas=5" \
  "  kubectl get pods" \
  "" \
  "A small web shop, with names, configuration, a volume, probes and an Ingress (Linux):" \
  "" \
  "  kubectl apply -f examples/shop.yaml" \
  "  curl http://shop.localhost:8080/" \
  "" \
  "Without kubectl say $SWIFTLET kubectl instead; $SWIFTLET stop ends the cluster and keeps its data."
