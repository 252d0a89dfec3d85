#!/bin/sh
# Stands in for git on the PATH of the unmodified command: kills the caller around its nth call that has an
# argument of a certain form. The values between @ are filled in by the test.
for argument in "$@"; do
  case "$argument" in
    @FORM@)
      echo x >> "@COUNT@"
      if [ "$(wc -l < "@COUNT@")" -eq "@AT@" ]; then
        [ "@WHEN@" = before ] && kill -KILL "$PPID"
        "@GIT@" "$@"
        kill -KILL "$PPID"
        exit 1
      fi
      break
      ;;
  esac
done
exec "@GIT@" "$@"
