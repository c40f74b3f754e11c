#!/usr/bin/env bash
# make book
. "$(dirname "$0")/common.sh"

BOOK=.build-book
steps 3

step "What the book is built with"
command -v python3 >/dev/null || fail "the book needs python3" "install it with your system's packages"
python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' || fail "the book needs Python 3.10 or newer"
if ! cmp -s scripts/book/requirements.txt "$BOOK/requirements.txt"; then
  say "installing mkdocs-material into $BOOK/venv, nowhere else; this takes a minute, and only once"
  rm -rf "$BOOK/venv" "$BOOK/requirements.txt"
  mkdir -p "$BOOK"
  python3 -m venv "$BOOK/venv" || fail "python3 cannot make a virtual environment" "on Debian: apt install python3-venv"
  "$BOOK/venv/bin/pip" install --quiet --disable-pip-version-check -r scripts/book/requirements.txt ||
    fail "the packages in scripts/book/requirements.txt could not be installed"
  cp scripts/book/requirements.txt "$BOOK/requirements.txt"
fi
say "mkdocs-material $("$BOOK/venv/bin/python" -c 'from importlib.metadata import version; print(version("mkdocs-material"))')"

step "Building the pages"
rm -rf "$BOOK/pages"
mkdir -p "$BOOK/pages"
for part in README.md CONTRIBUTING.md AGENTS.md LICENSE chapters exercises; do
  ln -s "../../$part" "$BOOK/pages/$part"
done
ln -s ../../scripts/book/assets "$BOOK/pages/assets"
NO_MKDOCS_2_WARNING=1 "$BOOK/venv/bin/mkdocs" build --quiet --clean -f scripts/book/mkdocs.yml ||
  fail "the book could not be built" "each line above names a page and what is wrong in it"

step "Checking links, headings, alternatives and contrast"
"$BOOK/venv/bin/python" scripts/book/check.py "$BOOK/site" scripts/book/assets/book.css chapters/images ||
  fail "the book is built, but not as it should be"
say "$BOOK/site/index.html opens in a browser, from disk or from any server of files"
