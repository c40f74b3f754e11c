#!/usr/bin/env bash
# make new-chapter N=4 NAME=Services: the files that a chapter begins with, and its places in the lists.
. "$(dirname "$0")/common.sh"

NUMBER=${N:-}
MODULE=${NAME:-}
case $NUMBER in
  "" | *[!0-9]*) fail "N=$NUMBER is not a chapter's number" "say for example: make new-chapter N=4 NAME=Services" ;;
esac
case $MODULE in
  [A-Z]*) ;;
  *) fail "NAME=$MODULE is not a module's name" "say for example: make new-chapter N=4 NAME=Services" ;;
esac
case $MODULE in *[!A-Za-z]*) fail "NAME=$MODULE: a module's name has letters only" ;; esac

NUMBER=$((10#$NUMBER))
FOLDER=$(printf '%02d-%s' "$NUMBER" "$MODULE")
TEXT=$(printf '%02d-%s' "$NUMBER" "$(printf '%s' "$MODULE" | sed -E 's/([a-z])([A-Z])/\1-\2/g' | tr '[:upper:]' '[:lower:]')")
LAYER=$(printf '%s' "${MODULE:0:1}" | tr '[:upper:]' '[:lower:]')${MODULE:1}

for path in Sources Tests chapters; do
  for taken in "$path/$(printf '%02d' "$NUMBER")"-*; do
    [ ! -e "$taken" ] || fail "chapter $NUMBER is there already: $taken"
  done
done

# The chapters before this one that bring a layer, as Package.swift lists them.
EARLIER=$(sed -nE 's/^  Chapter\(number: ([0-9]+), folder: "[0-9a-z]+-([A-Za-z]+)".*/\1 \2/p' Package.swift |
  sort -n | awk -v n="$NUMBER" '$1 > 0 && $1 < n { print $2 }')
[ -n "$EARLIER" ] || fail "there is no chapter before chapter $NUMBER"
IMPORTS="\"Simulation\"$(printf ', "%s"' $EARLIER)"
layers=""
for module in $EARLIER $MODULE; do
  name=$(printf '%s' "${module:0:1}" | tr '[:upper:]' '[:lower:]')${module:1}
  layers="$layers${layers:+, }.$name"
done

mkdir -p "Sources/$FOLDER" "Tests/$FOLDER" "exercises/$TEXT/extensions" "exercises/$TEXT/wrong"

cat >"Sources/$FOLDER/${MODULE}Layer.swift" <<END
public import ControlLoop

extension Layer {
  /// Chapter $NUMBER.
  public static let $LAYER = Layer(chapter: $NUMBER, name: "$MODULE") { _ in
  }
}
END

{
  printf 'import %s\n' ControlLoop Simulation $EARLIER "$MODULE" Testing | sort
  cat <<END

/// The promises of chapter $NUMBER and of those before it, under all faults.
@Suite struct ${MODULE}SimulationTests {
  @Test func everyPromiseHoldsInTheSimulator() throws {
    try Search(layers: [$layers], chapter: $NUMBER).run(seeds: 1...20)
  }
}
END
} >"Tests/$FOLDER/${MODULE}SimulationTests.swift"

cat >"chapters/$TEXT.md" <<END
# Chapter $NUMBER: $MODULE

When you are through it you will be able to

## The problem

## Predict

## The rules that must hold

## The layer

\`\`\`swift file=Sources/$FOLDER/${MODULE}Layer.swift
$(cat "Sources/$FOLDER/${MODULE}Layer.swift")
\`\`\`

> **Checkpoint.** \`swift test --filter ${MODULE}SimulationTests\`.

## Watch it run

## What real Kubernetes does differently

## Check yourself

## Exercises

## What we have now
END

# insert_before FILE PATTERN LINE: puts the line before the first that matches, which must be there.
insert_before() {
  grep -qE "$2" "$1" || fail "$1 has no line to put $MODULE before" "add it by hand: $3"
  awk -v pattern="$2" -v line="$3" '!done && $0 ~ pattern { print line; done = 1 } { print }' "$1" >"$1.new"
  mv "$1.new" "$1"
}

# The first chapter with a greater number follows; after the last one, the list ends.
next=$(sed -nE 's/^  Chapter\(number: ([0-9]+),.*/\1/p' Package.swift | awk -v n="$NUMBER" '$1 > n { print; exit }')
before="^]"
[ -z "$next" ] || before="^  Chapter[(]number: $next,"
insert_before Package.swift "$before" \
  "  Chapter(number: $NUMBER, folder: \"$FOLDER\", imports: core + [$IMPORTS]),"
insert_before Sources/swiftlet/Layers.swift '^  ]$' "    .$LAYER,"
{ printf 'import %s\n' "$MODULE"; sed -n '/^import /p' Sources/swiftlet/Layers.swift; } | sort >Layers.new
sed '/^import /d' Sources/swiftlet/Layers.swift >>Layers.new
mv Layers.new Sources/swiftlet/Layers.swift

say "Chapter $NUMBER is laid out: Sources/$FOLDER, Tests/$FOLDER, chapters/$TEXT.md, exercises/$TEXT," \
  "one line in Package.swift, one in Sources/swiftlet/Layers.swift (look at its place in the order)." "" \
  "It builds and passes: make test CHAPTER=$NUMBER" \
  "Its text quotes it: make quotes" "" \
  "What else it must bring stands in CONTRIBUTING.md: kinds, promises, a demo, words for the glossary, exercises."
