# shellcheck shell=bash
# What a build needs: Swift, a linker, git, and for the whole of Swiftlet SQLite's header. Debian and macOS are looked
# after; elsewhere this says what is missing. Nothing is installed without a question, except in CI.

# Package.swift asks for the oldest; the toolchain installed here is the one that Swiftlet is tested with.
OLDEST_SWIFT=6.2
TESTED_SWIFT=6.3.1
SWIFT_PAGE=https://www.swift.org/install

# prepare chapters|everything
prepare() {
  find_swiftly
  case $(uname -s) in
    Darwin) prepare_macos ;;
    Linux) prepare_linux "$1" ;;
    *) need_swift ;;
  esac
  say "$(swift --version 2>/dev/null | grep -m 1 -o 'Swift version [0-9.]*')"
}

# A toolchain that swiftly has installed but this shell has not heard of yet.
find_swiftly() {
  local environment=${SWIFTLY_HOME_DIR:-$HOME/.local/share/swiftly}/env.sh
  if ! has_swift && [ -f "$environment" ]; then
    # shellcheck disable=SC1090
    . "$environment"
  fi
}

prepare_macos() {
  if ! xcode-select -p >/dev/null 2>&1; then
    agree "Apple's command line tools are missing. Open their installer?" "run: xcode-select --install" &&
      xcode-select --install
    fail "run make again when the command line tools are installed" "they bring the linker, git and SQLite"
  fi
  need_swift
}

prepare_linux() {
  local packages="git ca-certificates g++"
  [ "$1" = everything ] && packages="$packages libsqlite3-dev"
  if has_swift; then
    install_packages "$packages"
    need_swift
    return
  fi
  if ! agree "There is no Swift here. Install $TESTED_SWIFT with swiftly, from swift.org (about 1 GB)?" \
    "install Swift: $SWIFT_PAGE"; then
    fail "Swiftlet is built with Swift $OLDEST_SWIFT or newer" "install it: $SWIFT_PAGE" "then run make again"
  fi
  # What swift.org names for Debian; a release that lacks one of them does without.
  install_packages "$packages curl gnupg" "binutils-gold libcurl4-openssl-dev libedit-dev libncurses-dev \
    libpython3-dev libxml2-dev libz3-dev pkg-config tzdata unzip zlib1g-dev"
  install_swift
  need_swift
}

has_swift() { command -v swift >/dev/null 2>&1; }

need_swift() {
  has_swift || fail "there is no swift on the PATH" "install Swift $OLDEST_SWIFT or newer: $SWIFT_PAGE"
  local version oldest
  version=$(swift --version 2>/dev/null | grep -m 1 -o 'Swift version [0-9.]*' | cut -d ' ' -f 3) || version=unknown
  oldest=$(printf '%s\n%s\n' "$OLDEST_SWIFT" "$version" | sort -t . -k 1,1n -k 2,2n -k 3,3n | head -n 1)
  [ "$oldest" = "$OLDEST_SWIFT" ] ||
    fail "this is Swift $version; Swiftlet needs $OLDEST_SWIFT or newer" "install it: $SWIFT_PAGE" \
      "with swiftly: swiftly install $TESTED_SWIFT --use"
}

# install_packages NEEDED [WELCOME]: Debian packages; of the second list only those that the release has.
install_packages() {
  local missing=() package
  if ! command -v dpkg >/dev/null 2>&1; then
    has_swift && return
    fail "packages are installed on Debian only" "install what stands for these here: $1" "and Swift: $SWIFT_PAGE"
  fi
  for package in $1; do
    is_installed "$package" || missing+=("$package")
  done
  for package in ${2:-}; do
    is_installed "$package" || ! apt-cache show "$package" >/dev/null 2>&1 || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  local command="apt-get install --no-install-recommends ${missing[*]}"
  if ! agree "Run: $command ?" "run: sudo $command"; then
    fail "these packages are missing: ${missing[*]}" "run: sudo $command"
  fi
  as_root apt-get update -q || say "apt-get update failed; going on with the lists that are there"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}" ||
    fail "apt-get could not install ${missing[*]}" "read its message above, then run: sudo $command"
}

is_installed() { dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q 'ok installed'; }

install_swift() {
  local folder
  folder=$(mktemp -d)
  curl -fL --retry 3 -o "$folder/swiftly.tar.gz" \
    "https://download.swift.org/swiftly/linux/swiftly-$(uname -m).tar.gz" ||
    fail "swiftly could not be downloaded from download.swift.org" "install Swift another way: $SWIFT_PAGE"
  tar -xzf "$folder/swiftly.tar.gz" -C "$folder"
  "$folder/swiftly" init --assume-yes --skip-install --quiet-shell-followup ||
    fail "swiftly could not set itself up" "install Swift another way: $SWIFT_PAGE"
  find_swiftly
  # The file receives the system packages that swiftly would like; ours are installed already.
  swiftly install --assume-yes --use --post-install-file "$folder/packages.sh" "$TESTED_SWIFT" ||
    fail "swiftly could not install Swift $TESTED_SWIFT" "install Swift another way: $SWIFT_PAGE"
  hash -r
  rm -rf "$folder"
}
