#!/usr/bin/env bash
# Runs infragen check: annotations for the change, the report for the job's summary and for a comment, SARIF for code scanning.
set -euo pipefail

arguments=(--fail-on "${INFRAGEN_FAIL_ON:-warning}")
[ -z "${INFRAGEN_GOLDEN_DIR:-}" ] || arguments+=(--golden-dir "$INFRAGEN_GOLDEN_DIR")
read -r -a profiles <<<"${INFRAGEN_PROFILES:-}"
# Nothing that is named is an option.
arguments+=(-- ${profiles[@]+"${profiles[@]}"})

folder=${RUNNER_TEMP:-/tmp}/infragen-report
mkdir -p "$folder"
status=0
infragen check --format github "${arguments[@]}" || status=$?
# What is wrong has been said: these are the same facts in other forms.
infragen check --format markdown "${arguments[@]}" >"$folder/report.md" 2>/dev/null || true
infragen check --format sarif "${arguments[@]}" >"$folder/report.sarif" 2>/dev/null || true

cat "$folder/report.md" >>"${GITHUB_STEP_SUMMARY:-/dev/null}"
printf '%s\n' "status=$status" "report=$folder/report.md" "sarif=$folder/report.sarif" >>"${GITHUB_OUTPUT:-/dev/null}"
exit "$status"
