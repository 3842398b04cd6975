#!/usr/bin/env bash
# Builds the infragen of this very version of the action. One that an earlier step has put into PATH is taken as it is.
set -euo pipefail

if command -v infragen >/dev/null; then
  echo "infragen is there: $(infragen --version)"
  exit 0
fi
if ! command -v cargo >/dev/null; then
  echo "::error title=infragen::there is no cargo to build infragen with: install Rust before, or put infragen into PATH"
  exit 2
fi
root=${RUNNER_TEMP:-/tmp}/infragen
cargo install --quiet --locked --path "$GITHUB_ACTION_PATH" --root "$root"
echo "$root/bin" >>"$GITHUB_PATH"
