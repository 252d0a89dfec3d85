#!/bin/sh
# Prepares a deployment, then becomes the command it was given.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
# Where a container gets its secrets as files, the key of the model is one of them.
if [ -z "${LLM_API_KEY:-}" ] && [ -r /run/secrets/llm_api_key ]; then
  LLM_API_KEY=$(cat /run/secrets/llm_api_key)
  export LLM_API_KEY
fi
node "$here/bootstrap.mjs"
if [ -x "$here/pre-start.sh" ]; then "$here/pre-start.sh"; fi
exec "$@"
