#!/usr/bin/env bash
# Builds influxd (InfluxDB OSS 2.9.1, MIT) from its Go module, without its web pages, and prints the path of the binary.
# Needs go, gcc, pkg-config and cargo. The binary is kept outside the checkout, by recipe and toolchain.
set -euo pipefail
cd "$(dirname "$0")"

missing=()
for tool in go gcc pkg-config cargo; do command -v "$tool" >/dev/null || missing+=("$tool"); done
if ((${#missing[@]})); then
  echo "to build influxd this machine lacks: ${missing[*]} (Debian: apt-get install golang gcc pkg-config cargo)" >&2
  exit 3
fi

cache=${BENCH_LAB_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/hepbench-lab}/influxd
key=$(cat go.mod go.sum build.sh <(go version) <(cargo --version) | sha256sum | cut -c1-16)
binary=$cache/$key/influxd
mkdir -p "$cache/$key"
# Two builds at once would take twice as long: the second waits for the first and finds its binary.
exec 9>"$cache/lock"
flock 9
if [[ ! -x $binary ]]; then
  export GOTOOLCHAIN=local GOFLAGS='-mod=readonly -buildvcs=false'
  # The Rust library inside asks for a toolchain of its own by a file; the one that is here will do.
  toolchain=$(rustup show active-toolchain 2>/dev/null | cut -d' ' -f1 || true)
  [[ -z $toolchain ]] || export RUSTUP_TOOLCHAIN=$toolchain
  export RUSTFLAGS=--cap-lints=warn CARGO_PROFILE_RELEASE_LTO=off
  {
    go build -o "$cache/$key/pkg-config" github.com/influxdata/pkg-config
    PKG_CONFIG=$cache/$key/pkg-config go build -p 2 -trimpath -tags sqlite_foreign_keys,sqlite_json \
      -ldflags '-s -w -X main.version=v2.9.1' -o "$binary.new" github.com/influxdata/influxdb/v2/cmd/influxd
    "$binary.new" version
  } >&2
  mv "$binary.new" "$binary"
fi
echo "$binary"
