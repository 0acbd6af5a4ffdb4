#!/bin/sh
# Pin what pyproject.toml asks for, with hashes: requirements-dev.lock (everything) and requirements.lock (what runs).
# Versions that are already pinned stay; "scripts/lock.sh --upgrade" takes the newest. Needs uv; installing does not.
set -eu
cd "$(dirname "$0")/.."

uv=$(command -v uv || echo "${VENV:-.venv}/bin/uv")
if ! "$uv" --version >/dev/null 2>&1; then
    echo "lock: uv is missing; install it with 'pip install uv' and try again." >&2
    exit 2
fi

pin() {
    "$uv" pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
        --no-header --no-annotate --no-emit-index-url --no-emit-find-links "$@" >/dev/null
}

pin pyproject.toml --group dev --output-file requirements-dev.lock "$@"
pin pyproject.toml --group build --constraint requirements-dev.lock --output-file requirements.lock "$@"

if grep -n '://' requirements.lock requirements-dev.lock; then
    echo "lock: an address got into a lock; it must hold names, versions and hashes only." >&2
    exit 1
fi
