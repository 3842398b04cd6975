#!/usr/bin/env bash
# Made by infragen. Change the profile `production`, then run: infragen render production
#
# Docker Compose for this stack, with the release that scripts/deploy_prod.sh noted, and what it needs to know of secrets:
#   scripts/compose.sh ps
#   scripts/compose.sh logs --follow
# Plain docker compose would take the tags of the env file or of the profile, which may be another release.
set -euo pipefail
cd "$(dirname "$0")/.."

case ${1:-} in
    -h | --help | '') sed -n '4,/^set /{/^set /d; s/^# \{0,1\}//; p;}' "$0"; exit 0 ;;
esac
command -v docker > /dev/null || { echo 'error: docker is needed: install Docker Engine with Compose v2' >&2; exit 2; }
arguments=(--env-file .env.production)
if [[ -f .deploy/secrets.env ]]; then arguments+=(--env-file .deploy/secrets.env); fi
if [[ -s .deploy/sources.env ]]; then arguments+=(--env-file .deploy/sources.env); fi
if [[ -f .deploy/release.env ]]; then
    arguments+=(--env-file .deploy/release.env)
    # What the shell has would win.
    unset API_TAG
fi
# What the shell has would win over the env file.
overrides=()
[[ ! -f .env.production ]] || overrides=(-u CORS_ORIGINS -u NOTES_PAGE_SIZE -u NOTES_KEEP_DAYS -u DATABASE_PASSWORD -u DATABASE_URL -u CACHE_PASSWORD -u CACHE_URL -u ADMIN_PASSWORD -u SECRET_KEY -u API_WORKERS -u LOG_LEVEL -u METRICS_ENABLED -u HTTP_PORT -u HTTPS_PORT)
exec env ${overrides[@]+"${overrides[@]}"} docker compose ${arguments[@]+"${arguments[@]}"} --file docker-compose.prod.yml "$@"
