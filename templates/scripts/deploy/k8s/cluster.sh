{% raw -%}
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
{%- endraw %}
