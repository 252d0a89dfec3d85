#!/bin/sh
# Stands in for git on the PATH of the unmodified command: kills the caller around its nth call of one
# subcommand. The values between @ are filled in by the test.
for argument in "$@"; do
  if [ "$argument" = "@SUBCOMMAND@" ]; then
    echo x >> "@COUNT@"
    if [ "$(wc -l < "@COUNT@")" -eq "@AT@" ]; then
      [ "@WHEN@" = before ] && kill -KILL "$PPID"
      "@GIT@" "$@"
      kill -KILL "$PPID"
      exit 1
    fi
    break
  fi
done
exec "@GIT@" "$@"
