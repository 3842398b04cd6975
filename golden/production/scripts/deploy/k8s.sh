# Made by infragen. Change the profile `production`, then run: infragen render production
# shellcheck shell=bash
#
# Deploys to a Kubernetes cluster, with kubectl alone. Sourced, not run.
#
# The next deployment may be made on another machine, so the cluster keeps what has to be known: the ConfigMap PROJECT-release has the
# manifests of the release that runs and of the one before, the Lease PROJECT-deploy says who deploys.

NAMESPACE=pyt
# How the metadata begin of what this makes itself: with labels and annotations, if there are any.
META='{'
# The version that the manifests are for, as the number behind 1. The oldest kubectl that this was tried with.
KUBERNETES=34 KUBECTL=27
SECRET=pyt-secrets
SECRETS=(
    ADMIN_PASSWORD
    CACHE_PASSWORD
    CACHE_URL
    DATABASE_PASSWORD
    DATABASE_URL
    SECRET_KEY
)
# What the env file may set; what it does not set has the default that is in the manifests.
PARAMETERS_MAP=pyt-parameters
PARAMETERS=(
    API_WORKERS
    CORS_ORIGINS
    LOG_LEVEL
    METRICS_ENABLED
    NOTES_KEEP_DAYS
    NOTES_PAGE_SIZE
)
TLS=pyt-tls
# Image, its tag, the variable of the env file with another one, whether --tag is about it, the service that it is named after.
IMAGES=(
    registry.example.com/acme/api 1.4.0 API_TAG yes api
)
# What runs once before a roll-out: service, Job in the manifests, whose image, seconds at most.
RUN_ONCE=(
    migrate migrate-1-4-0 api 1800
)
# Backing services: they come before the others.
SERVERS=(database cache)
# What is waited for: kind, name, seconds at most, and what of the env file it reads when it starts.
ROLLED=(
    StatefulSet database 960 ''
    StatefulSet cache 900 'CACHE_PASSWORD'
    Deployment api 900 'ADMIN_PASSWORD API_WORKERS CACHE_URL CORS_ORIGINS DATABASE_URL LOG_LEVEL METRICS_ENABLED NOTES_KEEP_DAYS NOTES_PAGE_SIZE SECRET_KEY'
)
# Claims of StatefulSets: whose, name, size.
CLAIMS=(
    database data-database-0 20Gi
    cache data-cache-0 2Gi
)
# Web services that say whether they work: name, port, path.
READY=(
    api 8000 /api/v1/monitoring/health
)

# Said by the scripts that source this, and by what they source.
: "${ACTION-}" "${PROJECT-}" "${STATE-}"

MANAGER=$PROJECT-deploy LOCK=$PROJECT-deploy RECORD=$PROJECT-release
BUILD=$STATE/k8s
CONTEXT='' DRY_RUN='' PRUNE='' TAKE_LOCK=''

option() {
    [[ $1 == --context ]] || return 1
    CONTEXT=$2
}

flag() {
    case $1 in
        --dry-run) DRY_RUN=1 ;;
        --prune) PRUNE=1 ;;
        --take-lock) TAKE_LOCK=1 ;;
        *) return 1 ;;
    esac
}

# However this script ends.
end() {
    [[ -z $FORWARD ]] || kill "$FORWARD" 2> /dev/null || true
    unlock
}
interrupted() {
    trap '' INT TERM HUP
    [[ -n $CHANGED ]] || fail 'interrupted. Nothing was changed'
    printf 'error: %s\n' "interrupted in the middle: the same command again goes on, $0 k8s rollback goes back to ${CURRENT:-nothing}" >&2 || true
    exit 1
}

# shellcheck source-path=SCRIPTDIR source=k8s_cluster.sh
. scripts/deploy/k8s_cluster.sh
# shellcheck source-path=SCRIPTDIR source=k8s_record.sh
. scripts/deploy/k8s_record.sh
# shellcheck source-path=SCRIPTDIR source=k8s_manifests.sh
. scripts/deploy/k8s_manifests.sh
# shellcheck source-path=SCRIPTDIR source=k8s_waits.sh
. scripts/deploy/k8s_waits.sh

FORWARD='' LOCKED='' CHANGED='' CURRENT='' KEPT='' STAY=''
trap end EXIT
trap interrupted INT TERM HUP

deploy() {
    local question
    read_values
    choose_tags
    connect
    namespace_exists
    read_certificate
    build || fail 'the manifests cannot be built. Nothing was changed'
    read_record || tell || exit 2
    find_leftovers || tell || exit 2
    if [[ -n $DRY_RUN ]]; then show; return 0; fi

    question="Deploy $PROJECT $RELEASE to the namespace $NAMESPACE of $CONTEXT ($SERVER)${CURRENT:+, where $CURRENT runs}?"
    if [[ -n $PRUNE && -n $LEFTOVERS ]]; then question+=" Then delete ${LEFTOVERS//$'\n'/, }?"; fi
    confirm "$question"
    hook before_deploy || fail 'hooks/before_deploy failed. Nothing was changed'
    make_namespace
    lock
    # Somebody else may have deployed meanwhile.
    read_record || tell || exit 2
    find_revisions || tell || exit 2
    accepted || fail 'the cluster refuses these manifests, see above. Nothing that runs was changed'

    CHANGED=1
    if roll_out; then
        # Worth another try: nothing else is left to do.
        remember "$BUILD/manifests" "$RELEASE" || { sleep 2 && remember "$BUILD/manifests" "$RELEASE"; } || printf 'warning: %s\n' "the release is up, but could not be recorded: a rollback would go to ${CURRENT:-nothing}. Deploy it again" >&2
        leftovers
        set_quota
        step "$PROJECT $RELEASE is up in $NAMESPACE of $CONTEXT"
        hook notify "$ACTION" 'done' || true
        return 0
    fi
    go_back
    hook notify "$ACTION" failed || true
    exit 1
}

# Everything from the first change on; fails where the new release does.
roll_out() {
    keep_values || return 1
    # From here on a rollback leads to what runs now, until this is done.
    keep_record "$RELEASE" || return 1
    # Who may work in a namespace may not always change it.
    put < "$BUILD/namespace" || step "the namespace $NAMESPACE stays as it is"
    lift_quota
    step "values of $ENV_FILE"
    put_values || return 1
    # Now it is known which Secret it is: see checksum.
    build || return 1
    step 'configuration, network policies and backing services'
    put < "$BUILD/first" || return 1
    wait_for first || return 1
    hook backup || return 1
    release || return 1
    step 'services'
    hand_over || return 1
    put < "$BUILD/rest" || return 1
    wait_for rest || return 1
    verify || return 1
    addresses
    hook test || return 1
}

# Back to what ran before the roll-out that failed, with the values that it had.
go_back() {
    printf 'error: %s\n' "$RELEASE did not come up" >&2
    if [[ -s $BUILD/current ]]; then
        step "going back to $CURRENT"
        if give_back_values && put_back current && keep_record ''; then
            set_quota
            step "$CURRENT runs. Migrations stay applied; what is new in $ENV_FILE waits for the next deployment"
            return 0
        fi
    elif give_back_values && undo; then
        return 0
    fi
    printf 'error: %s\n' "it could not be taken back completely, see above; $0 k8s status shows what runs" >&2
}

rollback() {
    local target name
    [[ -z $TAG ]] || fail 'rollback goes to the release before; deploy --tag deploys any'
    connect
    [[ -n $REACHED ]] || fail 'the cluster does not answer. Nothing was changed'
    target_of_rollback
    target=$TARGET name=$TARGET_NAME
    if [[ -n $DRY_RUN ]]; then
        step "would go back to $name"
        divide "$BUILD/$target"
        for name in first rest; do difference < "$BUILD/$name"; done
        return 0
    fi
    confirm "Go from $PROJECT ${PENDING:-$CURRENT} back to $name in the namespace $NAMESPACE of $CONTEXT ($SERVER)?"
    lock
    target_of_rollback
    [[ $TARGET_NAME == "$name" ]] || fail 'somebody else deployed meanwhile: look at status, and try again. Nothing was changed'
    CHANGED=1
    step "going back to $name"
    # A deployment that was begun has changed them; those of a release that has come up are newer than it.
    [[ $target != current ]] || KEPT=1 STAY='that are new wait for the next deployment'
    lift_quota
    if give_back_values && put_back "$target"; then
        if [[ $target == current ]]; then keep_record ''; else remember "$BUILD/before" "$name"; fi ||
            printf 'warning: %s\n' "it could not be recorded: $0 k8s status tells more than it knows" >&2
        set_quota
        step "$PROJECT $name runs. Migrations stay applied; values of $ENV_FILE ${STAY:-stay}"
        hook notify "$ACTION" 'done' || true
        return 0
    fi
    printf 'error: %s\n' "$name did not come up; what ran stays where it can" >&2
    hook notify "$ACTION" failed || true
    exit 1
}

status() {
    connect
    [[ -n $REACHED ]] || fail 'the cluster does not answer'
    read_record || tell || exit 2
    lease || tell || exit 2
    printf '%s %s in the namespace %s of %s (%s)\n' "$PROJECT" "${CURRENT:-was not deployed by this script}" "$NAMESPACE" "$CONTEXT" "$SERVER"
    [[ -z $SINCE ]] || printf 'since %s, by %s%s\n' "$SINCE" "$BY" "${BEFORE_NAME:+; before: $BEFORE_NAME}"
    [[ -z $PENDING ]] || printf 'a deployment of %s was begun and did not end\n' "$PENDING"
    [[ -z $HOLDER ]] || printf 'locked by %s since %s\n' "$HOLDER" "$HELD_SINCE"
    ask get deployments,statefulsets --selector "app.kubernetes.io/part-of=$PROJECT" --output \
        'custom-columns=KIND:.kind,NAME:.metadata.name,WANTED:.spec.replicas,READY:.status.readyReplicas,NEW:.status.updatedReplicas,IMAGE:.spec.template.spec.containers[*].image'
}
