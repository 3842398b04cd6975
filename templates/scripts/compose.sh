#!/usr/bin/env bash
# {{ made_by | comment }}
#
# Docker Compose for this stack, with the release that {{ deploy | comment }} noted, and what it needs to know of secrets:
#   scripts/compose.sh ps
#   scripts/compose.sh logs --follow
# Plain docker compose would take the tags of the env file or of the profile, which may be another release.
set -euo pipefail
cd "$(dirname "$0")/.."
{% raw %}
case ${1:-} in
    -h | --help | '') sed -n '4,/^set /{/^set /d; s/^# \{0,1\}//; p;}' "$0"; exit 0 ;;
esac
command -v docker > /dev/null || { echo 'error: docker is needed: install Docker Engine with Compose v2' >&2; exit 2; }
{% endraw -%}
arguments=({% if env_file %}--env-file {{ env_file }}{% endif %})
if [[ -f .deploy/secrets.env ]]; then arguments+=(--env-file .deploy/secrets.env); fi
if [[ -s .deploy/sources.env ]]; then arguments+=(--env-file .deploy/sources.env); fi
if [[ -f .deploy/release.env ]]; then
    arguments+=(--env-file .deploy/release.env)
    # What the shell has would win.
    unset{% for tag in tags %} {{ tag }}{% endfor %}
fi
# What the shell has would win over the env file.
overrides=()
{%- if env_file %}
[[ ! -f {{ env_file }} ]] || overrides=({% for name in variables %}{% if not loop.first %} {% endif %}-u {{ name }}{% endfor %})
{%- endif %}
exec env ${overrides[@]+"${overrides[@]}"} docker compose ${arguments[@]+"${arguments[@]}"} --file {{ file }} "$@"
