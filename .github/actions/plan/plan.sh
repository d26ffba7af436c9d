#!/usr/bin/env bash
# Check, validate and plan; leave the results in a folder, and say in outputs what there is.
#
# Usage: plan.sh FOLDER
# From the environment: BASE (a commit), ENVIRONMENTS (names, or nothing for all), CHECKS (true: not
# only the plan), and what GitHub gives (GITHUB_OUTPUT, GITHUB_STEP_SUMMARY).
# Ends with 0 whatever it finds, so that the results can be posted; the output `code` has the verdict.
set -uo pipefail
folder=$1
mkdir -p "$folder"
read -ra names <<< "$ENVIRONMENTS"
marker='<!-- strimzi-gitops plan -->'
blocked=8
stale=7

unheard() { # run a command whose output may quote strangers: GitHub takes no commands from it
  local token code=0
  token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  printf '::stop-commands::%s\n' "$token"
  "$@" || code=$?
  printf '\n::%s::\n' "$token"
  return "$code"
}

if [ -z "$BASE" ]; then
  echo "::error::this is no pull request: say in the input base which commit to compare with"
  echo "code=64" >> "$GITHUB_OUTPUT"
  exit 0
fi
if ! git rev-parse --quiet --verify --end-of-options "$BASE^{commit}" > /dev/null; then
  git fetch --quiet --no-tags --depth=1 -- origin "$BASE" # where it fails, the plan says what to do
fi

checked=0
validated=0
if [ "$CHECKS" = true ]; then
  echo "::group::strimzi-gitops render --check"
  unheard strimzi-gitops render --check "${names[@]}" || checked=$?
  echo "::endgroup::"
  if [ "$checked" -eq "$stale" ]; then
    echo "::error title=rendered/ is stale::run strimzi-gitops render and commit what it writes"
  fi
  strimzi-gitops validate --format github --out "sarif=$folder/findings.sarif" "${names[@]}" ||
    validated=$?
fi

planned=0
unheard strimzi-gitops plan --base "$BASE" --out "markdown=$folder/plan.md" \
  --out "html=$folder/strimzi-gitops-plan.html" --out "json=$folder/plan.json" \
  "${names[@]}" || planned=$?
page=
if [ "$planned" -ne 0 ] && [ "$planned" -ne "$blocked" ]; then
  # An earlier comment must not stay, as if it were about this commit.
  printf '%s\n## Plan\n\nThere is none: strimzi-gitops plan ended with exit code %s.\n' \
    "$marker" "$planned" > "$folder/plan.md"
elif [ -s "$folder/plan.md" ]; then
  page=$folder/strimzi-gitops-plan.html
fi

code=0
for each in "$planned" "$validated" "$checked"; do
  if [ "$code" -eq 0 ]; then code=$each; fi
done
{
  echo "code=$code"
  echo "comment=$folder/plan.md"
  echo "page=$page"
  if [ -f "$folder/findings.sarif" ]; then echo "sarif=$folder/findings.sarif"; fi
} >> "$GITHUB_OUTPUT"

verdict() {
  if [ "$2" -eq 0 ]; then
    echo "| \`strimzi-gitops $1\` | fine |"
  else
    echo "| \`strimzi-gitops $1\` | exit code $2 |"
  fi
}
{
  if [ -s "$folder/plan.md" ]; then
    cat "$folder/plan.md"
  else
    printf '## Plan\n\nNothing changes.\n'
  fi
  if [ "$CHECKS" = true ]; then
    printf '\n| Check | Result |\n|---|---|\n'
    verdict "render --check" "$checked"
    verdict validate "$validated"
  fi
} >> "$GITHUB_STEP_SUMMARY"
