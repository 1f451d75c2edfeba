#!/bin/sh
# Installs the gateway in a folder, or brings it up to date there: sh deploy/installeren.sh omgeving
# What others made is what requirements.lock and bouw.lock name, byte for byte; only we ourselves are
# built here.
set -eu
doel=$1
bron=$(cd "$(dirname "$0")/.." && pwd)
export PIP_DISABLE_PIP_VERSION_CHECK=1
werk=$(mktemp -d)
trap 'rm -rf "$werk"' EXIT

python3 -m venv "$doel"
"$doel/bin/pip" install --no-cache-dir --require-hashes --requirement "$bron/requirements.lock"

python3 -m venv "$werk/bouw"
"$werk/bouw/bin/pip" install --no-cache-dir --require-hashes --requirement "$bron/bouw.lock"
"$werk/bouw/bin/pip" wheel --no-deps --no-build-isolation --wheel-dir "$werk" "$bron"

# Also where this version is there already: its code may be newer.
"$doel/bin/pip" install --no-deps --force-reinstall "$werk"/*.whl
