#!/usr/bin/env bash
# What the GitHub action runs: the command on the capture, its findings as annotations. Ends
# with the command's exit code, diagnose with 1 where it finds a warning or an error.
set -uo pipefail

deno=(npx -y deno@2.9.6)
command -v deno >/dev/null && deno=(deno)
report=$(mktemp)
trap 'rm -f "$report"' EXIT

case ${COMMAND:-check} in
  check) set -- check ;;
  diagnose) set -- diagnose --fail-on warn ;;
  *)
    echo "::error title=iggyscope::command is check or diagnose, not $COMMAND"
    exit 2
    ;;
esac
# Arguments are split at blanks, as they are written in a workflow.
read -r -a more <<<"${ARGUMENTS:-}"

"${deno[@]}" run --no-prompt --allow-read --config "$ACTION/deno.json" "$ACTION/cli/main.ts" \
  "$@" -T json ${more[@]+"${more[@]}"} -- "$CAPTURE" >"$report"
code=$?
"${deno[@]}" run --no-prompt --config "$ACTION/deno.json" "$ACTION/packaging/annotate.ts" \
  "$CAPTURE" <"$report"
[ -z "${GITHUB_OUTPUT:-}" ] || echo "code=$code" >>"$GITHUB_OUTPUT"
exit $code
