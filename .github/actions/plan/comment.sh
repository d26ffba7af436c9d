#!/usr/bin/env bash
# Keep the one comment with the plan on a pull request: make it, replace it, or remove it.
#
# Usage: comment.sh FILE: the Markdown, which begins with the marker line; empty when nothing changes.
# From the environment: GH_TOKEN, GITHUB_REPOSITORY, PULL_REQUEST (its number), PAGE (an address, or
# nothing). Without the right to write it says so and ends well: the job's summary has the same.
set -euo pipefail
file=$1
marker='<!-- strimzi-gitops plan -->'
author='github-actions[bot]' # whose comments the job's token writes; anybody can write a marker
comments="repos/$GITHUB_REPOSITORY/issues/$PULL_REQUEST/comments"
said=$(mktemp)
trap 'rm -f "$said"' EXIT

call() { # gh api with these arguments; ends the script where it is refused
  local code=0
  gh api "$@" 2> "$said" || code=$?
  cat "$said" >&2
  if [ "$code" -ne 0 ] && grep -Eq 'HTTP (403|404)' "$said"; then
    echo "::notice title=No comment::the token may not write to the pull request; that of a fork" \
      "never may, else the job needs pull-requests: write" >&2
    exit 0
  fi
  return "$code"
}

# The first line of each comment with its author, one comment a line.
call --paginate "$comments?per_page=100" \
  --jq '.[] | [.id, .user.login, (.body | split("\n")[0])] | @tsv' > "$file.found"
ids=()
while IFS=$'\t' read -r id login line; do
  if [ "$login" = "$author" ] && [[ $line == "$marker"* ]]; then ids+=("$id"); fi
done < "$file.found"

if [ -s "$file" ]; then
  body=$file.body
  cp "$file" "$body"
  if [ -n "$PAGE" ]; then
    printf '\n[The plan as a page to search in](%s)\n' "$PAGE" >> "$body"
  fi
  if [ "${#ids[@]}" -gt 0 ]; then
    call --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/${ids[0]}" -F "body=@$body" --silent
    echo "replaced the comment"
    ids=("${ids[@]:1}")
  else
    call --method POST "$comments" -F "body=@$body" --silent
    echo "made a comment"
  fi
fi
for id in ${ids[@]+"${ids[@]}"}; do
  call --method DELETE "repos/$GITHUB_REPOSITORY/issues/comments/$id" --silent
  echo "removed a comment that holds no more"
done
