# Made by infragen. Change the profile `shop`, then run: infragen render shop
# shellcheck shell=bash
#
# What the cluster keeps for whoever deploys next: a lock, and a record of what runs and of what ran before. Sourced by k8s.sh.

# Said by the scripts that source this, and by what they source.
: "${BUILD-}" "${CONTEXT-}" "${JSON-}" "${LOCK-}" "${META-}" "${NAMESPACE-}" "${PARAMETERS_MAP-}" "${PROJECT-}" "${RECORD-}" "${SECRET-}"
: "${STATE-}"

# The lock, into VERSION, HELD_SINCE and HOLDER.
lease() {
    get lease "$LOCK" --ignore-not-found --output 'jsonpath={.metadata.resourceVersion}|{.spec.acquireTime}|{.spec.holderIdentity}' || return 1
    IFS='|' read -r VERSION HELD_SINCE HOLDER <<< "$ANSWER"
}

# With a version, the server takes it only if nobody was faster.
lease_object() { # version, holder
    local spec='{}'
    if [[ -n $2 ]]; then
        json "$2"
        spec="{\"holderIdentity\":$JSON,\"acquireTime\":\"$(date -u +%Y-%m-%dT%H:%M:%S.000000Z)\"}"
    fi
    printf '{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":%s"name":"%s","resourceVersion":"%s"},"spec":%s}\n' "$META" "$LOCK" "$1" "$spec"
}

# One deployment at a time, from whatever machine. Which folder it is from is kept in it: a run that was killed there does not stand in the way of the next,
# because two at once in one folder cannot be.
lock() {
    local verb=replace
    [[ -s $STATE/k8s.holder ]] || printf '%s@%s %s\n' "$(id -un)" "${HOSTNAME:-}" "$(od -An -N6 -tx1 /dev/urandom | tr -d ' \n')" > "$STATE/k8s.holder"
    ME=$(< "$STATE/k8s.holder")
    lease || tell || exit 2
    if [[ -n $HOLDER && $HOLDER != "$ME" && -z $TAKE_LOCK ]]; then
        fail "$HOLDER has been deploying $PROJECT to $CONTEXT since $HELD_SINCE. If that is not so any more: --take-lock. Nothing was changed"
    fi
    [[ -n $VERSION ]] || verb=create
    lease_object "$VERSION" "$ME" | ask "$verb" --filename - > /dev/null 2> "$BUILD/said" ||
        fail "the lock $LOCK could not be taken: $(tail -n 1 "$BUILD/said"). Nothing was changed"
    LOCKED=1
}

unlock() {
    [[ -n $LOCKED ]] || return 0
    LOCKED=''
    if lease && [[ $HOLDER == "$ME" ]] && lease_object "$VERSION" '' | ask replace --filename - > /dev/null 2>&1; then return 0; fi
    if [[ $HOLDER == "$ME" || -z $VERSION ]]; then
        printf 'warning: %s\n' "the lock $LOCK could not be given back: from another machine, --take-lock" >&2
    else
        printf 'warning: %s\n' "${HOLDER:-nobody} has the lock $LOCK now: somebody took it" >&2
    fi
    return 0
}

# What is recorded, into CURRENT, BEFORE_NAME, PENDING, SINCE and BY; the manifests into the files current and before.
read_record() {
    local key
    CURRENT='' BEFORE_NAME='' PENDING='' SINCE='' BY=''
    : > "$BUILD/current"
    : > "$BUILD/before"
    [[ -n $REACHED ]] || return 0
    get configmap "$RECORD" --ignore-not-found --output 'jsonpath={.data.release}|{.data.before}|{.data.pending}|{.data.since}|{.data.by}' || return 1
    IFS='|' read -r CURRENT BEFORE_NAME PENDING SINCE BY <<< "$ANSWER"
    for key in current before; do
        get configmap "$RECORD" --ignore-not-found --output "jsonpath={.data.$key-manifests}" || return 1
        [[ -z $ANSWER ]] || printf '%s\n' "$ANSWER" > "$BUILD/$key"
    done
}

# What is kept in the cluster: release, since, by, file of its manifests; the release before and the file; what was begun and is not done.
record() {
    local key text='' at=0
    local -a fields=("$1" "$2" "$3" "$(< "$4")" "$5" "$(< "$6")" "$7")
    for key in release since by current-manifests before before-manifests pending; do
        json "${fields[at]}"
        text+=",\"$key\":$JSON"
        at=$((at + 1))
    done
    printf '{"apiVersion":"v1","kind":"ConfigMap","metadata":%s"name":"%s"},"data":%s}\n' "$META" "$RECORD" "{${text:1}}" | put
}

# As it is, with what is begun, or with nothing.
keep_record() { record "$CURRENT" "$SINCE" "$BY" "$BUILD/current" "$BEFORE_NAME" "$BUILD/before" "$1"; }

# The manifests $1 of the release $2 run now, and those that did are the ones before; the same ones anew are no new release.
remember() {
    local now before=$BUILD/current name=$CURRENT
    now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
    if [[ $(< "$1") == "$(< "$BUILD/current")" ]]; then before=$BUILD/before name=$BEFORE_NAME; fi
    record "$2" "$now" "${ME%% *}" "$1" "$name" "$before" ''
}

# What the object $2 of the kind $1 says, for the one that is called $3. Nothing, if it is not there.
copy_values() {
    local data type=''
    get "$1" "$2" --ignore-not-found --output 'jsonpath={.metadata.name}|{.data}' || tell || return 1
    [[ -n $ANSWER ]] || return 0
    data=${ANSWER#*|}
    if [[ -z $data ]]; then data='{}'; fi
    if [[ $1 == Secret ]]; then type='"type":"Opaque",'; fi
    printf '{"apiVersion":"v1","kind":"%s",%s"metadata":%s"name":"%s"},"data":%s}\n' "$1" "$type" "$META" "$3" "$data" | put
}

# The values that what runs has: they are in the cluster twice until the next deployment. What was half done has changed them, and they are kept already.
keep_values() {
    if [[ -z $PENDING ]]; then
        copy_values ConfigMap "$PARAMETERS_MAP" "$PARAMETERS_MAP-before" || return 1
    fi
    KEPT=1
}

# Pods that had none of the new values go on; those that had start anew, as their manifests differ.
give_back_values() {
    [[ -n $KEPT ]] || return 0
    copy_values ConfigMap "$PARAMETERS_MAP-before" "$PARAMETERS_MAP" || return 1
}

# Where a rollback leads, into TARGET and TARGET_NAME: out of what is half done to what ran, else to the release before.
target_of_rollback() {
    read_record || tell || exit 2
    TARGET=before TARGET_NAME=$BEFORE_NAME
    if [[ -n $PENDING ]]; then TARGET=current TARGET_NAME=$CURRENT; fi
    [[ -s $BUILD/$TARGET ]] || fail "${TARGET_NAME:-a release before ${CURRENT:-this one}} is not recorded in $NAMESPACE of $CONTEXT. Nothing was changed"
}
