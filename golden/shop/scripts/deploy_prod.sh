#!/usr/bin/env bash
# Made by infragen. Change the profile `shop`, then run: infragen render shop
#
# Deploys this stack, says how it is, or goes back to the release before.
#   scripts/deploy_prod.sh docker|k8s|local [deploy|rollback|status] [--tag TAG] [--yes]
#   docker: --build builds images whose source is here, --pull pulls all; without either, images are built where their source is, and pulled if missing.
#   docker: --tag is for the images of this stack's own, those that the profile builds if it builds any; without it, the env file says, or the profile where it says something new; otherwise it stays as deployed.
#   k8s: --context NAME is the cluster, as kubectl names it; without, the current one. --dry-run shows what would change, and changes nothing.
#   k8s: --prune deletes what the manifests have no longer (volumes stay); --take-lock, when the machine that has the lock is gone.
#   local: --host NAME=ADDRESS:PORT says where a backing service is, seen from this host; may be repeated. --venv DIR is an environment with the packages.
#   local: --user NAME runs the services as somebody who exists; without, as an account of their own. --tag is a tag of git.
# Files in hooks/ are run where they exist: before_deploy, backup (before the stores change and the release job runs), test (behind the roll-out; a failure rolls
# back), notify (at the end, with the result). They get MODE and TAG in their environment.
# Exit status: 0 done, 1 the new release did not come up and the old one goes on, 2 nothing was changed.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source-path=SCRIPTDIR source=lib.sh
. scripts/lib.sh
umask 077

# What parts of this script read.
# shellcheck disable=SC2034
PROJECT=acme ENVIRONMENT=production ENV_FILE=.env.production SCRIPT=scripts/deploy_prod.sh
# What runs and ran here: never committed.
STATE=.deploy
MODES=(docker k8s local)

usage() { sed -n '4,/^set /{/^set /d; s/^# \{0,1\}//; p;}' "$0"; }

# Runs hooks/$1 with the other arguments, if it is there.
hook() {
    local name=$1
    shift
    [[ -e hooks/$name ]] || return 0
    # Left out without a word, a backup would be missed when it is needed.
    [[ -x hooks/$name ]] || { printf 'error: hooks/%s is not executable: chmod +x hooks/%s, or remove it\n' "$name" "$name" >&2; return 1; }
    step "hooks/$name"
    MODE=$MODE TAG=${TAG:-} "hooks/$name" "$@" >&2
}

# A question that --yes answers.
confirm() {
    local answer
    [[ -z $YES ]] || return 0
    [[ -t 0 ]] || fail "$1 Nobody is there to ask, and nothing was changed: --yes says yes"
    read -r -p "$1 [y/N] " answer
    [[ $answer == [yY]* ]] || fail 'nothing was changed'
}

MODE=${1:-} ACTION=deploy TAG='' YES=''
case $MODE in
    -h | --help) usage; exit 0 ;;
    '') usage >&2; exit 2 ;;
esac
[[ $MODE != *[[:space:]]* && " ${MODES[*]} " == *" $MODE "* ]] || fail "$MODE is no mode here: ${MODES[*]}"
shift
# Each part has deploy, rollback, status and option (which takes what only this mode knows, with its value, and fails for what it does not);
# it may have flag, for what has no value.
flag() { return 1; }
# shellcheck source=/dev/null
. "scripts/deploy/$MODE.sh"
while (($# > 0)); do
    case $1 in
        deploy | rollback | status) ACTION=$1 ;;
        -h | --help) usage; exit 0 ;;
        --yes) YES=1 ;;
        --tag)
            TAG=${2:-}
            [[ $TAG =~ ^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$ ]] || fail "--tag takes the tag of an image"
            shift
            ;;
        *)
            if ! flag "$1"; then
                option "$1" "${2:-}" || fail "$1 is no option of this mode; see --help"
                (($# > 1)) || fail "$1 needs a value"
                shift
            fi
            ;;
    esac
    shift
done

if [[ $ACTION != status ]]; then
    command -v flock > /dev/null || fail 'flock is needed, so that two deployments never run at once: install util-linux'
    mkdir -p "$STATE" || fail "$PWD/$STATE cannot be made: run this as somebody who may write here"
    # Held until this script, and what it started, has ended.
    exec 9> "$STATE/lock" || fail "$PWD/$STATE/lock cannot be written"
    flock --nonblock 9 || fail 'another deployment is running in this folder'
fi
"$ACTION"
