# Made by infragen. Change the profile `production`, then run: infragen render production
# shellcheck shell=bash
#
# Deploys to a Kubernetes cluster, with kubectl alone. Sourced, not run.
#
# The next deployment may be made on another machine, so the cluster keeps what has to be known: the ConfigMap PROJECT-release has the
# manifests of the release that runs and of the one before, the Lease PROJECT-deploy says who deploys.

NAMESPACE=pyt
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
    LOG_LEVEL
)
TLS=pyt-tls
# Image, its tag, the variable of the env file with another one, whether --tag is about it, the service that it is named after.
IMAGES=(
    registry.example.com/acme/api 1.4.0 API_TAG yes api
)
# What runs once before a roll-out: service, Job in the manifests, image.
RELEASES=(
    migrate migrate-1-4-0 registry.example.com/acme/api
)
RELEASE_SECONDS=1800
# What is waited for: kind, name, seconds at most, and what of the env file it reads when it starts.
ROLLED=(
    StatefulSet database 960 ''
    StatefulSet cache 900 'CACHE_PASSWORD'
    Deployment api 900 'ADMIN_PASSWORD API_WORKERS CACHE_URL DATABASE_URL LOG_LEVEL SECRET_KEY'
)
# Web services that say whether they work: name, port, path.
READY=(
    api 8000 /api/v1/monitoring/health
)

MANAGER=$PROJECT-deploy LOCK=$PROJECT-deploy RECORD=$PROJECT-release
BUILD=$STATE/k8s
CONTEXT='' DRY_RUN='' PRUNE='' TAKE_LOCK=''

mode_usage() {
    cat << END

In the mode k8s:
  --context NAME  the cluster, as kubectl names it; its current context if left out
  --dry-run       shows what would change, and changes nothing
  --prune         deletes what the manifests have no longer (volumes stay)
  --take-lock     although another machine deploys: for when that is not so any more
Needs kubectl 1.$KUBECTL or newer. Secrets come from $ENV_FILE, which rollback leaves as it is, and never leave the connection to the cluster.
END
}

option() {
    case $1 in
        --context)
            [[ -n $2 ]] || fail '--context takes a name; kubectl config get-contexts lists them'
            CONTEXT=$2
            return 0
            ;;
        --dry-run) DRY_RUN=1 ;;
        --prune) PRUNE=1 ;;
        --take-lock) TAKE_LOCK=1 ;;
        *) return 1 ;;
    esac
    # These have no value.
    # shellcheck disable=SC2034
    TAKES=''
}

# However this script ends.
end() {
    [[ -z $FORWARD ]] || kill "$FORWARD" 2> /dev/null || true
    [[ -z $LOCKED ]] || unlock
}
interrupted() {
    trap '' INT TERM HUP
    [[ -n $CHANGED ]] || fail 'interrupted. Nothing was changed'
    printf 'error: %s\n' "interrupted in the middle: the same command again goes on, $0 k8s rollback goes back to ${CURRENT:-nothing}" >&2 || true
    exit 1
}
FORWARD='' LOCKED='' CHANGED='' CURRENT=''
trap end EXIT
trap interrupted INT TERM HUP

kube() { kubectl --context "$CONTEXT" --namespace "$NAMESPACE" "$@"; }
# For what answers at once.
ask() { kube --request-timeout=60s "$@"; }
# What stands on the standard input becomes so. By the server: kubectl would copy a Secret into an annotation of it.
put() { ask apply --server-side --force-conflicts --field-manager "$MANAGER" --filename - "$@" > /dev/null; }

# The output of a call into ANSWER; where it fails, why is in SAID, as a whole sentence. In a trap a plain return would return what was before it.
get() {
    if ANSWER=$(ask get "$@" 2> "$BUILD/said"); then return 0; fi
    SAID="$CONTEXT does not tell about $1: $(tail -n 1 "$BUILD/said")"
    return 1
}

# Text as a string of JSON, into JSON.
json() {
    local code sign escape
    JSON=${1//"$BACKSLASH"/"$BACKSLASH$BACKSLASH"}
    JSON=${JSON//'"'/"$BACKSLASH"'"'}
    if [[ $JSON == *[$'\x01'-$'\x1f']* ]]; then
        for ((code = 1; code < 32; code++)); do
            printf -v sign '\\x%02x' "$code"
            printf -v sign '%b' "$sign"
            printf -v escape '\\u%04x' "$code"
            JSON=${JSON//"$sign"/"$escape"}
        done
    fi
    JSON="\"$JSON\""
}

# Which cluster it is, into CONTEXT, SERVER and REACHED; and whether it and kubectl fit.
connect() {
    local program text client
    for program in kubectl base64 sha256sum; do command -v "$program" > /dev/null || fail "$program is needed, and not there. Nothing was changed"; done
    mkdir -p "$BUILD"
    text=$(kubectl version --client --output json 2> /dev/null) || text=''
    [[ $text =~ \"gitVersion\":\ *\"v1\.([0-9]+) ]] || fail 'kubectl does not say which version it is. Nothing was changed'
    client=${BASH_REMATCH[1]}
    ((client >= KUBECTL)) || fail "kubectl is 1.$client; 1.$KUBECTL or newer is needed. Nothing was changed"
    [[ -n $CONTEXT ]] || CONTEXT=$(kubectl config current-context 2> /dev/null) || fail 'kubectl has no current context: --context NAME says where to; kubectl config get-contexts lists them'
    # For hooks.
    export CONTEXT NAMESPACE
    SERVER=$(kubectl config view --minify --context "$CONTEXT" --output jsonpath='{.clusters[0].cluster.server}' 2> /dev/null) ||
        fail "kubectl knows no context $CONTEXT; kubectl config get-contexts lists them"
    REACHED=''
    if ! text=$(ask version --output json 2> "$BUILD/said"); then
        [[ -n $DRY_RUN ]] || fail "$CONTEXT ($SERVER) does not answer: $(tail -n 1 "$BUILD/said"). Nothing was changed"
        step "$CONTEXT ($SERVER) does not answer; what follows does without"
        return 0
    fi
    REACHED=1
    [[ $text =~ \"serverVersion\":.*\"gitVersion\":\ *\"v1\.([0-9]+) ]] || fail "$CONTEXT does not say which version it is. Nothing was changed"
    if ((BASH_REMATCH[1] < KUBERNETES)); then
        fail "$CONTEXT is Kubernetes 1.${BASH_REMATCH[1]}, these files are for 1.$KUBERNETES: set targets.kubernetes.version and render them anew. Nothing was changed"
    fi
    if ((client - BASH_REMATCH[1] > 1 || BASH_REMATCH[1] - client > 1)); then
        step "kubectl 1.$client and Kubernetes 1.${BASH_REMATCH[1]} are further apart than their makers support"
    fi
}

# Whether the namespace is there, into EXISTS. Who may work in it may not always look at it.
namespace_exists() {
    EXISTS=''
    [[ -n $REACHED ]] || return 0
    if get namespace "$NAMESPACE" --ignore-not-found --output name; then EXISTS=$ANSWER; else EXISTS=unknown; fi
}

make_namespace() {
    step "namespace $NAMESPACE"
    put < "$BUILD/namespace" || fail "the namespace $NAMESPACE could not be made: whoever may do so has to. Nothing was changed"
    EXISTS=made
}

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
    printf '{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"%s","resourceVersion":"%s"},"spec":%s}\n' "$LOCK" "$1" "$spec"
}

# One deployment at a time, from whatever machine. Which folder it is from is kept in it: a run that was killed there does not stand in the way of the next,
# because two at once in one folder cannot be.
lock() {
    local verb=replace
    [[ -s $STATE/k8s.holder ]] || printf '%s@%s %s\n' "$(id -un)" "${HOSTNAME:-}" "$(od -An -N6 -tx1 /dev/urandom | tr -d ' \n')" > "$STATE/k8s.holder"
    ME=$(< "$STATE/k8s.holder")
    lease || fail "$SAID"
    if [[ -n $HOLDER && $HOLDER != "$ME" && -z $TAKE_LOCK ]]; then
        fail "$HOLDER has been deploying $PROJECT to $CONTEXT since $HELD_SINCE. If that is not so any more: --take-lock. Nothing was changed"
    fi
    [[ -n $VERSION ]] || verb=create
    lease_object "$VERSION" "$ME" | ask "$verb" --filename - > /dev/null 2> "$BUILD/said" ||
        fail "the lock $LOCK could not be taken: $(tail -n 1 "$BUILD/said"). Nothing was changed"
    LOCKED=1
}

unlock() {
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
    printf '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"%s"},"data":%s}\n' "$RECORD" "{${text:1}}" | put
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

# Where a rollback leads, into TARGET and TARGET_NAME: out of what is half done to what ran, else to the release before.
target_of_rollback() {
    read_record || fail "$SAID"
    TARGET=before TARGET_NAME=$BEFORE_NAME
    if [[ -n $PENDING ]]; then TARGET=current TARGET_NAME=$CURRENT; fi
    [[ -s $BUILD/$TARGET ]] || fail "no release before ${CURRENT:-this one} is recorded in $NAMESPACE of $CONTEXT. Nothing was changed"
}

declare -A GIVEN=() TAGS=()

# The env file, into GIVEN. It was checked before.
read_values() {
    local at
    read_env "$ENV_FILE"
    for ((at = 0; at < ${#NAMES[@]}; at++)); do GIVEN[${NAMES[at]}]=${VALUES[at]}; done
}

# The tag of each image, and what people call all of them: --tag, else what the env file says, else the profile's.
choose_tags() {
    local at tag=''
    RELEASE=''
    for ((at = 0; at < ${#IMAGES[@]}; at += 5)); do
        tag=${GIVEN[${IMAGES[at + 2]}]:-${IMAGES[at + 1]}}
        if [[ -n $TAG && ${IMAGES[at + 3]} == yes ]]; then tag=$TAG; fi
        [[ $tag =~ ^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$ ]] || fail "${IMAGES[at + 2]} in $ENV_FILE is no tag of an image. Nothing was changed"
        TAGS[${IMAGES[at]}]=$tag
        RELEASE+=", ${IMAGES[at + 4]} $tag"
    done
    RELEASE=${RELEASE:2}
    if ((${#IMAGES[@]} == 5)); then RELEASE=$tag; fi
    # For hooks.
    TAG=${TAG:-$tag}
}

# The values, for the cluster alone: on a standard input, in no file and in no list of arguments.
put_values() {
    secret_object Opaque "$SECRET" "${SECRETS[@]}" | put || return 1
    parameters_object | put || return 1
    if [[ -n $CERTIFICATE ]]; then
        GIVEN[tls.crt]=$(cat secrets/tls.crt && echo x) GIVEN[tls.key]=$(cat secrets/tls.key && echo x)
        GIVEN[tls.crt]=${GIVEN[tls.crt]%x} GIVEN[tls.key]=${GIVEN[tls.key]%x}
        secret_object kubernetes.io/tls "$TLS" tls.crt tls.key | put || return 1
    fi
}

# A Secret of a type, with a name and keys. An optional key without a value is there, and empty.
secret_object() {
    local key text=''
    for key in "${@:3}"; do text+=",\"$key\":\"$(printf %s "${GIVEN[$key]:-}" | base64 | tr -d '\n')\""; done
    printf '{"apiVersion":"v1","kind":"Secret","type":"%s","metadata":{"name":"%s"},"data":%s}\n' "$1" "$2" "{${text:1}}"
}

parameters_object() {
    local key text=''
    for key in "${PARAMETERS[@]}"; do
        [[ -n ${GIVEN[$key]:-} ]] || continue
        json "${GIVEN[$key]}"
        text+=",\"$key\":$JSON"
    done
    printf '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"%s"},"data":%s}\n' "$PARAMETERS_MAP" "{${text:1}}"
}

# Whether there is a certificate here, into CERTIFICATE. Others may have put one into the cluster.
read_certificate() {
    CERTIFICATE=''
    if [[ -e secrets/tls.crt || -e secrets/tls.key ]]; then
        kubectl create secret tls "$TLS" --cert secrets/tls.crt --key secrets/tls.key --dry-run=client --output name > /dev/null ||
            fail 'secrets/tls.crt and secrets/tls.key are no certificate with its key, or may not be read. Nothing was changed'
        CERTIFICATE=1
    elif [[ -n $REACHED ]]; then
        get secret "$TLS" --ignore-not-found --output name || ANSWER=''
        [[ -n $ANSWER ]] || fail "there is no Secret $TLS in $NAMESPACE: put the certificate and its key into secrets/tls.crt and secrets/tls.key. Nothing was changed"
    fi
}

# Name of the Job of the service $1 with the tag $2, into JOB: no two tags share one.
job_name() {
    local label=${2,,} digest
    JOB=$1-${label//[!a-z0-9]/-}
    if [[ $2 != *[!a-z0-9.]* && $2 != *. ]] && ((${#JOB} <= 63)); then return 0; fi
    digest=$(printf %s "$2" | sha256sum)
    JOB=${JOB:0:54}
    while [[ $JOB == *- ]]; do JOB=${JOB%-}; done
    JOB+=-${digest:0:8}
}

# Changes with the values of the names $1, and says nothing of them without the identity of the Secret, which only its readers know.
checksum() {
    local name
    CHECKSUM=$(
        {
            printf '%s' "$IDENTITY"
            for name in $1; do printf '%s=%s\0' "$name" "${GIVEN[$name]:-}"; done
        } | sha256sum
    )
    CHECKSUM=${CHECKSUM:0:16}
}

# What differs from the files in k8s/.
overlay() {
    local at
    printf 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n  - base\nimages:\n'
    for ((at = 0; at < ${#IMAGES[@]}; at += 5)); do printf '  - name: "%s"\n    newTag: "%s"\n' "${IMAGES[at]}" "${TAGS[${IMAGES[at]}]}"; done
    printf 'patches:\n'
    for ((at = 0; at < ${#RELEASES[@]}; at += 3)); do
        job_name "${RELEASES[at]}" "${TAGS[${RELEASES[at + 2]}]}"
        [[ $JOB != "${RELEASES[at + 1]}" ]] || continue
        printf '  - target: {kind: Job, name: "%s"}\n    patch: |-\n      - {op: replace, path: /metadata/name, value: "%s"}\n' "${RELEASES[at + 1]}" "$JOB"
    done
    for ((at = 0; at < ${#ROLLED[@]}; at += 4)); do
        [[ -n ${ROLLED[at + 3]} ]] || continue
        checksum "${ROLLED[at + 3]}"
        printf '  - target: {kind: %s, name: "%s"}\n    patch: |-\n' "${ROLLED[at]}" "${ROLLED[at + 1]}"
        printf '      %s\n' 'apiVersion: apps/v1' "kind: ${ROLLED[at]}" "metadata: {name: \"${ROLLED[at + 1]}\"}" \
            "spec: {template: {metadata: {annotations: {checksum/values: \"$CHECKSUM\"}}}}"
    done
}

# The manifests of this release, into the files that divide makes. k8s/ stays as it is.
build() {
    IDENTITY=''
    if [[ -n $REACHED && -n $EXISTS ]]; then
        get secret "$SECRET" --ignore-not-found --output 'jsonpath={.metadata.uid}' || {
            printf 'error: %s\n' "$SAID" >&2
            return 1
        }
        IDENTITY=$ANSWER
    fi
    rm -rf "$BUILD/overlay"
    mkdir "$BUILD/overlay"
    cp -R k8s "$BUILD/overlay/base" || return 1
    overlay > "$BUILD/overlay/kustomization.yaml"
    kubectl kustomize "$BUILD/overlay" > "$BUILD/built" || return 1
    divide "$BUILD/built"
}

# The documents of the file $1 by the phase that applies them: namespace, first, job-NAME, rest; manifests are those that a rollback needs.
# The objects' kinds and names go into OBJECTS.
divide() {
    local line section='' kind='' name='' text=''
    OBJECTS=()
    rm -f "$BUILD"/job-*
    for line in namespace first rest manifests; do : > "$BUILD/$line"; done
    while IFS= read -r line; do
        case $line in
            ---)
                file_away || return 1
                kind='' name='' text=''
                continue
                ;;
            'kind: '*) kind=${line#kind: } ;;
            '  name: '*) if [[ $section == metadata: ]]; then name=${line#  name: }; fi ;;
        esac
        if [[ $line == [a-z]* ]]; then section=$line; fi
        text+=$line$'\n'
    done < "$1"
    file_away
}

# The document $text of divide.
file_away() {
    local file=rest
    [[ -n $text ]] || return 0
    # A name that looks like something else is in quotes.
    name=${name//[\"\']/}
    [[ -n $kind && -n $name ]] || { printf 'error: %s\n' 'kubectl kustomize made something without a kind or a name' >&2; return 1; }
    case $kind in
        Namespace) file=namespace ;;
        Job) file=job-$name ;;
        ServiceAccount | ConfigMap | NetworkPolicy | StatefulSet) file=first ;;
        # Of a backing service: it has to be found before the release job runs.
        Service) if [[ " ${ROLLED[*]} " == *" StatefulSet $name "* ]]; then file=first; fi ;;
    esac
    printf -- '---\n%s' "$text" >> "$BUILD/$file"
    [[ $kind == Namespace || $kind == Job ]] || printf -- '---\n%s' "$text" >> "$BUILD/manifests"
    OBJECTS+=("$kind/$name")
}

# Asks the server what it would say to all of it. A Job that is there already cannot be changed.
accepted() {
    local file name
    [[ -n $EXISTS ]] || return 0
    for file in "$BUILD/first" "$BUILD"/job-* "$BUILD/rest"; do
        [[ -s $file ]] || continue
        name=${file##*/}
        if [[ $name == job-* ]]; then
            get job "${name#job-}" --ignore-not-found --output name || { printf 'error: %s\n' "$SAID" >&2; return 1; }
            [[ -z $ANSWER ]] || continue
        fi
        put --dry-run=server < "$file" 2> "$BUILD/said" || { cat "$BUILD/said" >&2; return 1; }
        grep -i '^warning' "$BUILD/said" >&2 || true
    done
}

# What an earlier release had and this one has not, into LEFTOVERS.
find_leftovers() {
    local object kinds=serviceaccounts,configmaps,services,deployments,statefulsets,cronjobs,ingresses,networkpolicies,poddisruptionbudgets
    LEFTOVERS=''
    [[ -n $EXISTS ]] || return 0
    get "$kinds" --selector "app.kubernetes.io/part-of=$PROJECT" --output 'jsonpath={range .items[*]}{.kind}/{.metadata.name}{"\n"}{end}' || return 1
    while read -r object; do
        if [[ -n $object && " ${OBJECTS[*]} " != *" $object "* ]]; then LEFTOVERS+=${LEFTOVERS:+$'\n'}$object; fi
    done <<< "$ANSWER"
}

leftovers() {
    local object
    [[ -n $LEFTOVERS ]] || return 0
    if [[ -z $PRUNE ]]; then
        step "no longer in the manifests, and still there (--prune deletes them): ${LEFTOVERS//$'\n'/, }"
        return 0
    fi
    while read -r object; do
        ask delete "$object" --wait=false --ignore-not-found >&2 || printf 'warning: %s\n' "$object could not be deleted" >&2
    done <<< "$LEFTOVERS"
}

# What the manifests on the standard input would change, on the standard output.
difference() {
    local status=0
    command -v diff > /dev/null || fail 'diff is needed, and not there'
    kube diff --server-side --force-conflicts --field-manager "$MANAGER" --filename - || status=$?
    ((status < 2)) || fail "$CONTEXT does not say what would change"
}

show() {
    local file
    printf '%s %s to the namespace %s of %s (%s)%s\n' "$PROJECT" "$RELEASE" "$NAMESPACE" "$CONTEXT" "$SERVER" "${CURRENT:+, where $CURRENT runs}"
    printf 'Secret/%s from %s\n' "$SECRET" "$ENV_FILE"
    printf 'ConfigMap/%s from %s\n' "$PARAMETERS_MAP" "$ENV_FILE"
    [[ -z $CERTIFICATE ]] || printf 'Secret/%s from secrets/\n' "$TLS"
    printf '%s\n' "${OBJECTS[@]}"
    [[ -z $LEFTOVERS ]] || printf 'no longer in the manifests: %s\n' "${LEFTOVERS//$'\n'/, }"
    if [[ -z $EXISTS ]]; then return 0; fi
    accepted || fail 'the cluster refuses these manifests, see above'
    for file in "$BUILD/first" "$BUILD/rest"; do
        [[ ! -s $file ]] || difference < "$file"
    done
}

# Until everything of the kind $1 that was applied is there in its new form.
wait_for() {
    local at seconds said try
    for ((at = 0; at < ${#OBJECTS[@]}; at++)); do
        [[ ${OBJECTS[at]} == "$1/"* ]] || continue
        seconds=$(seconds_of "${OBJECTS[at]}")
        step "waiting for ${OBJECTS[at]}, $seconds s at most"
        for try in 1 2 3; do
            if said=$(kube rollout status "${OBJECTS[at]}" --timeout="${seconds}s" 2>&1); then continue 2; fi
            # Only a connection that was lost is worth another try.
            if [[ $said == *'progress deadline'* || $said == *'timed out'* || $try == 3 ]]; then break; fi
            sleep 2
        done
        printf '%s\n' "$said" >&2
        ask get pods --selector "app.kubernetes.io/name=${OBJECTS[at]#*/}" >&2 || true
        ask logs --selector "app.kubernetes.io/name=${OBJECTS[at]#*/}" --all-containers --prefix --tail=20 >&2 || true
        return 1
    done
}

# How long the object $1 may take: what the profile says, or what most do.
seconds_of() {
    local at
    for ((at = 0; at < ${#ROLLED[@]}; at += 4)); do
        if [[ ${ROLLED[at]}/${ROLLED[at + 1]} == "$1" ]]; then echo "${ROLLED[at + 2]}"; return 0; fi
    done
    echo 600
}

# How far the Job $1 is, into JOB_STATE: nothing if there is none, else its name and each condition that is true.
job_state() {
    get job "$1" --ignore-not-found --output 'jsonpath={.metadata.name}{range .status.conditions[?(@.status=="True")]} {.type}{end}' || return 1
    JOB_STATE="$ANSWER "
}

# Runs each release job once for its image, and waits for its end.
release() {
    local at
    for ((at = 0; at < ${#RELEASES[@]}; at += 3)); do
        job_name "${RELEASES[at]}" "${TAGS[${RELEASES[at + 2]}]}"
        job_state "$JOB" || { printf 'error: %s\n' "$SAID" >&2; return 1; }
        case $JOB_STATE in
            *' Complete '*)
                step "$JOB has run already; to run it again: kubectl --context $CONTEXT --namespace $NAMESPACE delete job $JOB"
                continue
                ;;
            *' Failed '*)
                step "$JOB failed before, and is made again"
                ask delete job "$JOB" --wait=true --ignore-not-found >&2 || return 1
                ;;
            "$JOB "*) step "$JOB runs already" ;;
        esac
        if [[ $JOB_STATE != "$JOB "* || $JOB_STATE == *' Failed '* ]]; then put < "$BUILD/job-$JOB" || return 1; fi
        step "waiting for $JOB, $RELEASE_SECONDS s at most"
        if wait_job "$JOB"; then continue; fi
        ask logs --selector "batch.kubernetes.io/job-name=$JOB" --all-containers --prefix --tail=100 >&2 || true
        return 1
    done
}

# Until the Job $1 has ended, whether well or not.
wait_job() {
    local end=$((SECONDS + RELEASE_SECONDS + 60)) unanswered=0 stuck='' stuck_since=0
    while ((SECONDS < end)); do
        if job_state "$1"; then
            unanswered=0
            case $JOB_STATE in
                *' Complete '*) return 0 ;;
                *' Failed '*)
                    printf 'error: %s\n' "$1 failed" >&2
                    return 1
                    ;;
                ' ')
                    printf 'error: %s\n' "$1 is gone: somebody deleted it" >&2
                    return 1
                    ;;
            esac
            # What keeps its pods from starting.
            get pods --selector "batch.kubernetes.io/job-name=$1" --output 'jsonpath={.items[*].status.containerStatuses[*].state.waiting.reason}' || ANSWER=''
            if [[ $ANSWER != "$stuck" ]]; then
                stuck=$ANSWER stuck_since=$SECONDS
                [[ -z $stuck ]] || step "its pod: $stuck"
            elif [[ $stuck == *ImagePullBackOff* || $stuck == *ErrImagePull* || $stuck == *InvalidImageName* ]] && ((SECONDS - stuck_since > 120)); then
                printf 'error: %s\n' "its image cannot be pulled; the Job is deleted" >&2
                ask delete job "$1" --wait=false --ignore-not-found >&2 || true
                return 1
            fi
        else
            unanswered=$((unanswered + 1))
            if ((unanswered >= 10)); then
                printf 'error: %s\n' "$SAID" >&2
                return 1
            fi
        fi
        sleep 2
    done
    printf 'error: %s\n' "$1 did not end in time" >&2
    return 1
}

# Each web service is asked, through its Service. In the pod itself: network policies let nobody else in.
verify() {
    local at
    for ((at = 0; at < ${#READY[@]}; at += 3)); do
        if answers "${READY[@]:at:3}"; then continue; fi
        printf 'error: %s\n' "${READY[at]} does not answer on ${READY[at + 2]}: ${LINE:-nothing}" >&2
        return 1
    done
}

# The first line of the answer of the service $1, port $2, to a request for $3, into LINE; a readiness probe would be content with it.
answers() {
    local port='' try
    : > "$BUILD/forward"
    # Not with the lock of this folder: it ends with this script, whatever becomes of this process.
    kube port-forward --address 127.0.0.1 "service/$1" ":$2" > "$BUILD/forward" 2>&1 9>&- &
    FORWARD=$! LINE=''
    for try in {1..60}; do
        if [[ $(< "$BUILD/forward") =~ 127\.0\.0\.1:([0-9]+) ]]; then port=${BASH_REMATCH[1]}; break; fi
        kill -0 "$FORWARD" 2> /dev/null || break
        sleep 0.5
    done
    if [[ -n $port ]]; then
        for try in 1 2 3; do
            LINE=$(request "$port" "$3" 2> /dev/null) || true
            if [[ $LINE == 'HTTP/1.'?' '[23]* ]]; then break; fi
            sleep 2
        done
        step "$1 answers on $3: ${LINE%$'\r'}"
    else
        LINE=$(tail -n 1 "$BUILD/forward")
    fi
    kill "$FORWARD" 2> /dev/null || true
    wait "$FORWARD" 2> /dev/null || true
    FORWARD=''
    if [[ -z $port && $LINE == *forbidden* ]]; then
        step "$1 could not be asked, as this user may not forward ports; its readiness probes are content"
        return 0
    fi
    [[ -n $port && $LINE == 'HTTP/1.'?' '[23]* ]]
}

# In a process of its own: a connection that breaks ends the one that writes.
request() (
    exec 8<> "/dev/tcp/127.0.0.1/$1"
    printf 'GET %s HTTP/1.0\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n' "$2" >&8
    IFS= read -r -t 10 -u 8 line
    printf '%s' "$line"
)

# Where the public finds it.
addresses() {
    local name hosts address
    get ingresses --selector "app.kubernetes.io/part-of=$PROJECT" --output \
        'jsonpath={range .items[*]}{.metadata.name}|{.spec.rules[*].host}|{.status.loadBalancer.ingress[*].ip}{.status.loadBalancer.ingress[*].hostname}{"\n"}{end}' || {
        step "$SAID"
        return 0
    }
    while IFS='|' read -r name hosts address; do
        [[ -z $name ]] || step "Ingress/$name for $hosts: ${address:-no address yet}"
    done <<< "$ANSWER"
}

# The Deployments that are there and their revisions, into REVISIONS, where there is no record.
find_revisions() {
    REVISIONS=''
    [[ ! -s $BUILD/current ]] || return 0
    get deployments --selector "app.kubernetes.io/part-of=$PROJECT" --output \
        'jsonpath={range .items[*]}{.metadata.name} {.metadata.annotations.deployment\.kubernetes\.io/revision}{"\n"}{end}' || return 1
    REVISIONS=$ANSWER
}

# Without a record: the Deployments go to the revisions that they had.
undo() {
    local name revision status=0
    if [[ -z $REVISIONS ]]; then
        printf 'error: %s\n' 'there was no release before: what was applied stays, to be looked at' >&2
        return 0
    fi
    while read -r name revision; do
        ask rollout undo "deployment/$name" --to-revision="$revision" >&2 || status=1
    done <<< "$REVISIONS"
    while read -r name revision; do
        kube rollout status "deployment/$name" --timeout="$(seconds_of "Deployment/$name")s" >&2 || status=1
    done <<< "$REVISIONS"
    return "$status"
}


deploy() {
    local question
    scripts/validate_config.sh "$ENV_FILE" >&2 || fail "$ENV_FILE is not ready, see above. Nothing was changed"
    read_values
    choose_tags
    connect
    namespace_exists
    read_certificate
    build || fail 'the manifests cannot be built. Nothing was changed'
    read_record || fail "$SAID"
    find_leftovers || fail "$SAID"
    if [[ -n $DRY_RUN ]]; then show; return 0; fi

    question="Deploy $PROJECT $RELEASE to the namespace $NAMESPACE of $CONTEXT ($SERVER)${CURRENT:+, where $CURRENT runs}?"
    if [[ -n $PRUNE && -n $LEFTOVERS ]]; then question+=" Then delete ${LEFTOVERS//$'\n'/, }?"; fi
    confirm "$question"
    hook before_deploy || fail 'hooks/before_deploy failed. Nothing was changed'
    [[ -n $EXISTS ]] || make_namespace
    lock
    # Somebody else may have deployed meanwhile.
    read_record || fail "$SAID"
    find_revisions || fail "$SAID"
    accepted || fail 'the cluster refuses these manifests, see above. Nothing that runs was changed'

    CHANGED=1
    if roll_out; then
        remember "$BUILD/manifests" "$RELEASE" || printf 'warning: %s\n' "the release is up, but could not be recorded: a rollback would go to ${CURRENT:-nothing}. Deploy it again" >&2
        leftovers
        step "$PROJECT $RELEASE is up in $NAMESPACE of $CONTEXT"
        hook notify deployed || true
        return 0
    fi
    go_back
    hook notify failed || true
    exit 1
}

# Everything from the first change on; fails where the new release does.
roll_out() {
    # From here on a rollback leads to what runs now, until this is done.
    keep_record "$RELEASE" || return 1
    # Who may work in a namespace may not always change it.
    put < "$BUILD/namespace" || step "the namespace $NAMESPACE stays as it is"
    step "values of $ENV_FILE"
    put_values || return 1
    # Now it is known which Secret it is: see checksum.
    build || return 1
    step 'configuration, network policies and backing services'
    put < "$BUILD/first" || return 1
    wait_for StatefulSet || return 1
    hook backup || return 1
    release || return 1
    step 'services'
    put < "$BUILD/rest" || return 1
    wait_for Deployment || return 1
    verify || return 1
    addresses
    hook test || return 1
}

# Back to what ran before the roll-out that failed. What the env file says stays.
go_back() {
    printf 'error: %s\n' "$RELEASE did not come up" >&2
    if [[ -s $BUILD/current ]]; then
        step "going back to $CURRENT"
        if put < "$BUILD/current" && divide "$BUILD/current" && wait_for Deployment && keep_record ''; then
            step "$CURRENT runs. Migrations stay applied; values of $ENV_FILE stay"
            return 0
        fi
    elif undo; then
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
        difference < "$BUILD/$target"
        return 0
    fi
    confirm "Go from $PROJECT ${PENDING:-$CURRENT} back to $name in the namespace $NAMESPACE of $CONTEXT ($SERVER)?"
    lock
    target_of_rollback
    [[ $TARGET_NAME == "$name" ]] || fail 'somebody else deployed meanwhile: look at status, and try again. Nothing was changed'
    CHANGED=1
    step "going back to $name"
    if put < "$BUILD/$target" && divide "$BUILD/$target" && wait_for StatefulSet && wait_for Deployment; then
        if [[ $target == current ]]; then keep_record ''; else remember "$BUILD/before" "$name"; fi ||
            printf 'warning: %s\n' "it could not be recorded: $0 k8s status tells more than it knows" >&2
        step "$PROJECT $name runs. Migrations stay applied; values of $ENV_FILE stay"
        hook notify deployed || true
        return 0
    fi
    printf 'error: %s\n' "$name did not come up; what ran stays where it can" >&2
    hook notify failed || true
    exit 1
}

status() {
    connect
    [[ -n $REACHED ]] || fail 'the cluster does not answer'
    read_record || fail "$SAID"
    lease || fail "$SAID"
    printf '%s %s in the namespace %s of %s (%s)\n' "$PROJECT" "${CURRENT:-was not deployed by this script}" "$NAMESPACE" "$CONTEXT" "$SERVER"
    [[ -z $SINCE ]] || printf 'since %s, by %s%s\n' "$SINCE" "$BY" "${BEFORE_NAME:+; before: $BEFORE_NAME}"
    [[ -z $PENDING ]] || printf 'a deployment of %s was begun and did not end\n' "$PENDING"
    [[ -z $HOLDER ]] || printf 'locked by %s since %s\n' "$HOLDER" "$HELD_SINCE"
    ask get deployments,statefulsets --selector "app.kubernetes.io/part-of=$PROJECT" --output \
        'custom-columns=KIND:.kind,NAME:.metadata.name,WANTED:.spec.replicas,READY:.status.readyReplicas,NEW:.status.updatedReplicas,IMAGE:.spec.template.spec.containers[*].image'
}
