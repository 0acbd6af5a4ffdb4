#!/bin/sh
# Have the system libraries that make the PDF: install them where that is allowed, else name them. Never fails:
# without them everything but the PDF is made.
set -u
packages="libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
venv=${VENV:-.venv}

present() {
    "$venv/bin/python" -c '
import ctypes
for name in ("libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libharfbuzz-subset.so.0"):
    ctypes.CDLL(name)' 2>/dev/null
}

[ "$(uname -s)" = Linux ] || exit 0
if present; then
    exit 0
fi
as_root=no
if [ "$(id -u)" = 0 ]; then
    as_root=
elif sudo -n true 2>/dev/null; then
    as_root="sudo -n"
fi
if [ "$as_root" != no ] && command -v apt-get >/dev/null; then
    echo "install: adding the Debian packages $packages, which make the PDF" >&2
    export DEBIAN_FRONTEND=noninteractive
    # shellcheck disable=SC2086  # words are meant to be split
    { $as_root apt-get update -qq; $as_root apt-get install -qq -y --no-install-recommends $packages; } </dev/null >/dev/null
fi
if ! present; then
    echo "install: the PDF needs Pango and HarfBuzz, which are missing; on Debian and Ubuntu install them with" \
        "'apt install $packages', elsewhere see README.md. Everything else works without them." >&2
fi
