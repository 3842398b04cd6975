# Made by infragen. Change the profile `shop`, then run: infragen render shop
# shellcheck shell=bash
#
# The cluster: how it is asked and told, and whether it fits. Sourced by k8s.sh.

# Said by the scripts that source this, and by what they source.
: "${BUILD-}" "${CLAIMS-}" "${KUBECTL-}" "${KUBERNETES-}" "${MANAGER-}"

kube() { kubectl --context "$CONTEXT" --namespace "$NAMESPACE" "$@"; }
# For what answers at once.
ask() { kube --request-timeout=60s "$@"; }
# What stands on the standard input becomes so. By the server: kubectl would copy a Secret into an annotation of it.
# With TRY the server says what it would say.
put() {
    local status=0
    ask apply --server-side --force-conflicts --field-manager "$MANAGER" ${TRY:+--dry-run=server} --filename - 2>&1 > /dev/null | tee "$BUILD/refused" >&2 || status=1
    ((status == 0)) || claims
    return "$status"
}

# Where a StatefulSet was refused because its claims would be others: how it takes over those that are there.
claims() {
    local at name kube
    [[ $(< "$BUILD/refused") =~ StatefulSet[a-z.]*\ \"([a-z0-9-]+)\"\ is\ invalid:[^$'\n']*updates\ to\ statefulset\ spec ]] || return 0
    name=${BASH_REMATCH[1]}
    printf -v kube '    kubectl --context %q --namespace %q' "$CONTEXT" "$NAMESPACE"
    printf '%s\n' "A StatefulSet cannot change its claims. One that is there grows, if its storage class lets it, by" >&2
    for ((at = 0; at < ${#CLAIMS[@]}; at += 3)); do
        [[ ${CLAIMS[at]} != "$name" ]] || printf '%s patch persistentvolumeclaim %s --type merge --patch %s\n' "$kube" "${CLAIMS[at + 1]}" \
            "'{\"spec\":{\"resources\":{\"requests\":{\"storage\":\"${CLAIMS[at + 2]}\"}}}}'" >&2
    done
    printf '%s\n' "The pod and the claims stay when the StatefulSet goes, and the next one takes them over. When this is done, run the same command again:" \
        "$kube delete statefulset $name --cascade=orphan" >&2
}

# The output of a call into ANSWER; where it fails, why is in SAID. In a trap a plain return would return what was before it.
get() {
    if ANSWER=$(ask get "$@" 2> "$BUILD/said"); then return 0; fi
    SAID="$CONTEXT does not tell about $1: $(tail -n 1 "$BUILD/said")"
    return 1
}
# Says why get failed.
tell() {
    printf 'error: %s\n' "$SAID" >&2
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
    [[ -z $EXISTS ]] || return 0
    step "namespace $NAMESPACE"
    put < "$BUILD/namespace" || fail "the namespace $NAMESPACE could not be made: whoever may do so has to. Nothing was changed"
    EXISTS=made
}
