#!/bin/sh
# Make .venv hold what a pin file says, and this checkout's package; do nothing where it
# does already. Whatever stands in the way is said in one line, and the next run starts
# clean. Called by make:  sh .ci/venv.sh requirements.txt
set -u
pins=$1
log=_build/install.log
begun=

fail() {
    [ -n "$begun" ] && rm -rf .venv # half an environment is worse than none
    printf '%s\n' "$1" >&2
    exit 1
}

version() { "$1" -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])' 2>/dev/null; }
fits() { case $(version "$1") in 3.11.* | 3.12.* | 3.13.*) ;; *) return 1 ;; esac; }

# A stamp says what was installed. A moved checkout counts as changed, because the
# environment knows where it lies.
made_of() { pwd && cksum "$1"; }
is_made_of() { [ "$(cat ".venv/$1.stamp" 2>/dev/null)" = "$(made_of "$1")" ]; }
is_whole() { [ -x .venv/bin/python ] && is_made_of requirements.txt; }

choose_python() {
    if [ -n "${PYTHON:-}" ]; then
        found=$(version "$PYTHON") ||
            fail "PYTHON=$PYTHON does not run. Name a Python 3.11, 3.12 or 3.13."
        fits "$PYTHON" ||
            fail "PYTHON=$PYTHON is Python $found. The book needs 3.11, 3.12 or 3.13: name one of these."
        return
    fi
    for PYTHON in python3.13 python3.12 python3.11 python3; do
        fits "$PYTHON" && return
    done
    fail "No Python 3.11, 3.12 or 3.13 here. Install one, or name it: make book PYTHON=/path/to/python3.12"
}

pip_install() {
    # Without a network pip's own five tries only look as if it were stuck.
    .venv/bin/python -m pip install --quiet --retries 2 --disable-pip-version-check \
        --no-deps "$@" >>$log 2>&1 && return
    grep -Eqi 'from versions: none|connection|name resolution|timed out' $log &&
        fail "The packages could not be fetched. Check the network connection and run this again. (What pip said: $log)"
    fail "The packages could not be installed: $(grep ERROR $log | head -1) (What pip said: $log)"
}

if [ -n "${PYTHON:-}" ]; then # another Python than the environment's means a new one
    choose_python
    grep -qx "version = $found" .venv/pyvenv.cfg 2>/dev/null || rm -f .venv/*.stamp
fi
if is_whole && is_made_of "$pins" && is_made_of pyproject.toml; then
    exit 0
fi

is_whole || choose_python
begun=yes
trap 'fail "Interrupted. The same command starts again."' HUP INT TERM
mkdir -p _build && : >$log
if ! is_whole; then
    rm -rf .venv
    "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null ||
        fail "Python $(version "$PYTHON") has no venv module. On Debian and Ubuntu: sudo apt-get install python3-venv"
    echo "Making .venv with Python $(version "$PYTHON"): about a minute, this once."
    "$PYTHON" -m venv .venv >>$log 2>&1 ||
        fail "Python could not make .venv: $(tail -1 $log)"
fi
if ! is_made_of "$pins"; then
    echo "Installing $pins"
    rm -f .venv/*.stamp
    pip_install --require-hashes -r "$pins"
fi
rm -f .venv/*.stamp
pip_install --no-build-isolation --editable .
# requirements-dev.txt holds all of requirements.txt, so both are in now.
for file in requirements.txt "$pins" pyproject.toml; do
    made_of "$file" >".venv/$file.stamp"
done
