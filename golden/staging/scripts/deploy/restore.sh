# Made by infragen. Change the profile `staging`, then run: infragen render staging
# shellcheck shell=bash
#
# Puts a backup in the place of a database. Sourced by the script that deploys. The backup is restored beside the database and takes its name when it is
# complete; what was there stays, closed, until the next restoration.

# Said by the scripts that source this.
: "${SERVER-}"

# What people call it, its name in the server, the server, what puts a backup back.
BACKED_UP=(
    database pyt_staging database database-restore
)
# Said by the scripts that source this, and by what they source.
: "${ACTION-}" "${BUILD-}" "${CHANGED-}" "${CONTEXT-}" "${DRY_RUN-}" "${JOB_STATE-}" "${MODE-}" "${NAMESPACE-}" "${PROJECT-}" "${REACHED-}"
: "${SERVER-}" "${TAG-}"
DUMP=latest DATABASE=''

restore_option() {
    case $1 in
        --from)
            [[ $2 =~ ^[A-Za-z0-9][A-Za-z0-9._-]*$ ]] || fail '--from takes the name of a backup, such as 20260131T030000Z.dump'
            DUMP=$2
            ;;
        --database) DATABASE=$2 ;;
        *) return 1 ;;
    esac
}

restore() {
    local at labels=() database='' store job
    for ((at = 0; at < ${#BACKED_UP[@]}; at += 4)); do
        labels+=("${BACKED_UP[at]}")
        if [[ ${DATABASE:-${BACKED_UP[0]}} == "${BACKED_UP[at]}" ]]; then database=${BACKED_UP[at + 1]} store=${BACKED_UP[at + 2]} job=${BACKED_UP[at + 3]}; fi
    done
    if [[ -z $database || (-z $DATABASE && ${#labels[@]} != 1) ]]; then fail "--database takes one of: ${labels[*]}"; fi
    [[ -z $TAG ]] || fail '--tag is for deploy'
    case $MODE in
        docker) restore_docker "$database" "$store" "$job" ;;
        k8s) restore_k8s "$database" "$store" "$job" ;;
        *) fail "restore is no action of $MODE" ;;
    esac
}

asked() { printf 'Put the backup %s in the place of the database %s of %s%s? Whoever uses it is cut off when it is complete.' "$DUMP" "$@"; }

restore_docker() {
    command -v docker > /dev/null || fail 'docker is needed: install Docker Engine with Compose v2'
    confirm "$(asked "$1" "$2" '')"
    if ! scripts/compose.sh run --rm --no-deps --no-TTY --env "DATABASE=$1" --env "DUMP=$DUMP" "$3" < /dev/null >&2; then
        printf 'error: %s\n' "not restored, see above: $1 is what it was. Should nobody get in, it was cut off at the last step: restore again" >&2
        exit 1
    fi
    hook notify "$ACTION" 'done' || true
}

RESTORE_SECONDS=86400

restore_k8s() {
    local status=0
    connect
    [[ -n $REACHED ]] || fail 'the cluster does not answer. Nothing was changed'
    [[ -f k8s/restore/$2.yaml ]] || fail "k8s/restore/$2.yaml is not there. Nothing was changed"
    if [[ -n $DRY_RUN ]]; then step "would put the backup $DUMP in the place of $1 of $2"; return 0; fi
    confirm "$(asked "$1" "$2" " in the namespace $NAMESPACE of $CONTEXT ($SERVER)")"
    lock
    job_state "$3" || tell || exit 2
    case $JOB_STATE in
        # Of an earlier one, for its log.
        *' Complete '* | *' Failed '*) ask delete job "$3" --wait=true --ignore-not-found >&2 || fail "the Job $3 of an earlier restoration is still there. Nothing was changed" ;;
        "$3 "*) fail "$3 runs already. Nothing was changed" ;;
    esac
    # Only the choice differs from the file.
    sed -e "/- name: DATABASE\$/{n;s/value: .*/value: '$1'/}" -e "/- name: DUMP\$/{n;s/value: .*/value: '$DUMP'/}" "k8s/restore/$2.yaml" > "$BUILD/restore"
    # What is told at the end follows from it.
    # shellcheck disable=SC2034
    CHANGED=1
    if ! put < "$BUILD/restore"; then
        printf 'error: %s\n' "whether $3 was started is not known, see above: kubectl get job $3 tells" >&2
        exit 1
    fi
    step "waiting for $3, $RESTORE_SECONDS s at most"
    wait_job "$3" "$RESTORE_SECONDS" || status=1
    ask logs --selector "batch.kubernetes.io/job-name=$3" --all-containers --prefix --tail=100 >&2 || true
    if ((status != 0)); then
        printf 'error: %s\n' "not restored, see above: $1 is what it was. Should nobody get in, it was cut off at the last step: restore again" >&2
        hook notify "$ACTION" failed || true
        exit 1
    fi
    if [[ -n ${RUN_ONCE[*]-} ]]; then
        ask delete jobs --selector "app.kubernetes.io/part-of=$PROJECT,app.kubernetes.io/component=release" --ignore-not-found >&2 ||
            printf 'warning: %s\n' 'the Jobs of releases are still there: delete them, or the next deployment of the same release does not run them again' >&2
        step 'deploy again: a backup may be older than what the release job changed'
    fi
    hook notify "$ACTION" 'done' || true
}
