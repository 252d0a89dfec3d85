#!/bin/sh
# Prepares a deployment, then becomes the command it was given.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
node "$here/bootstrap.mjs"
if [ -x "$here/pre-start.sh" ]; then "$here/pre-start.sh"; fi
exec "$@"
