#!/bin/sh
# Stands in for git on the PATH of the unmodified command: kills the caller around its nth call of one
# subcommand. CRASH_GIT=<subcommand>, CRASH_AT=<n>, CRASH_WHEN=before|after, CRASH_COUNT=<file>, REAL_GIT=<path>
for argument in "$@"; do
  if [ "$argument" = "$CRASH_GIT" ]; then
    echo x >> "$CRASH_COUNT"
    if [ "$(wc -l < "$CRASH_COUNT")" -eq "$CRASH_AT" ]; then
      [ "$CRASH_WHEN" = before ] && kill -KILL "$PPID"
      "$REAL_GIT" "$@"
      kill -KILL "$PPID"
      exit 1
    fi
    break
  fi
done
exec "$REAL_GIT" "$@"
