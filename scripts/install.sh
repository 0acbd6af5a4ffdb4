#!/bin/sh
# Install reporter and what the lock pins into a virtual environment of its own. Does nothing where that is done.
#   scripts/install.sh requirements.lock       what runs
#   scripts/install.sh requirements-dev.lock   the same, and what tests and checks need
# PYTHON (python3) makes the environment, VENV (.venv) is its place.
set -eu
cd "$(dirname "$0")/.."
lock=${1:-requirements.lock}
venv=${VENV:-.venv}
python=${PYTHON:-python3}

say() { echo "install: $*" >&2; }

if [ ! -x "$venv/bin/python" ]; then
    if ! "$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then
        say "'$python' is missing or is not Python 3.11, 3.12 or 3.13; name one that is, as in 'make demo PYTHON=python3.12'."
        exit 2
    fi
    if ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
        say "Python's venv is missing; on Debian and Ubuntu install it with 'apt install python3-venv'."
        exit 2
    fi
    say "making a virtual environment in $venv"
    "$python" -m venv "$venv"
fi

# What is installed is known by the contents of the lock and of pyproject.toml, by Python and by the checkout's place.
wanted=$(cat "$lock" pyproject.toml | cksum; "$venv/bin/python" -V; pwd)
stamp="$venv/.installed-$lock"
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then
    exit 0
fi
say "installing $lock into $venv (a minute or two; later runs skip this)"
pip() { "$venv/bin/python" -m pip --disable-pip-version-check "$@"; }
pip install --quiet --require-hashes --requirement "$lock"
# Build tools come from the lock too: nothing is fetched without a hash.
pip install --quiet --no-deps --no-build-isolation --no-index --editable .
echo "$wanted" > "$stamp"
