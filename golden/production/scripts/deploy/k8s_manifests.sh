# Made by infragen. Change the profile `production`, then run: infragen render production
# shellcheck shell=bash
#
# What is applied: values of the env file, and the manifests in k8s/ with what this release changes in them. Sourced by k8s.sh.

# Said by the scripts that source this, and by what they source.
: "${BUILD-}" "${CONTEXT-}" "${ENV_FILE-}" "${IMAGES-}" "${JSON-}" "${MANAGER-}" "${META-}" "${NAMES-}" "${NAMESPACE-}" "${PARAMETERS-}" "${PARAMETERS_MAP-}"
: "${PROJECT-}" "${RUN_ONCE-}" "${SECRET-}" "${SECRETS-}" "${SERVER-}" "${TLS-}" "${VALUES-}"

declare -A GIVEN=() TAGS=()

# The env file, into GIVEN, if it is right. Doubts about it are shown.
read_values() {
    local at said status=0
    said=$(scripts/validate_config.sh "$ENV_FILE" 2>&1) || status=$?
    ((status == 0)) || printf '%s\n' "$said" >&2
    if ((status > 1)) || [[ $said == *': error['* ]]; then fail "$ENV_FILE is not right, see above. Nothing was changed"; fi
    read_env "$ENV_FILE"
    for ((at = 0; at < ${#NAMES[@]}; at++)); do GIVEN[${NAMES[at]}]=${VALUES[at]}; done
}

# The tag of each image, by its service, and what people call all of them: --tag, else what the env file says, else the profile's.
choose_tags() {
    local at tag=''
    RELEASE=''
    for ((at = 0; at < ${#IMAGES[@]}; at += 5)); do
        tag=${GIVEN[${IMAGES[at + 2]}]:-${IMAGES[at + 1]}}
        if [[ -n $TAG && ${IMAGES[at + 3]} == yes ]]; then tag=$TAG; fi
        [[ $tag =~ ^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$ ]] || fail "${IMAGES[at + 2]} in $ENV_FILE is no tag of an image. Nothing was changed"
        TAGS[${IMAGES[at + 4]}]=$tag
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
    printf '{"apiVersion":"v1","kind":"Secret","type":"%s","metadata":%s"name":"%s"},"data":%s}\n' "$1" "$META" "$2" "{${text:1}}"
}

parameters_object() {
    local key text=''
    for key in "${PARAMETERS[@]}"; do
        [[ -n ${GIVEN[$key]:-} ]] || continue
        json "${GIVEN[$key]}"
        text+=",\"$key\":$JSON"
    done
    printf '{"apiVersion":"v1","kind":"ConfigMap","metadata":%s"name":"%s"},"data":%s}\n' "$META" "$PARAMETERS_MAP" "{${text:1}}"
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
    local at tag
    printf 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n  - base\nimages:\n'
    for ((at = 0; at < ${#IMAGES[@]}; at += 5)); do
        tag=${TAGS[${IMAGES[at + 4]}]}
        [[ $tag == "${IMAGES[at + 1]}" ]] || printf '  - name: "%s"\n    newTag: "%s"\n' "${IMAGES[at]}" "$tag"
    done
    printf 'patches:\n'
    for ((at = 0; at < ${#RUN_ONCE[@]}; at += 4)); do
        job_name "${RUN_ONCE[at]}" "${TAGS[${RUN_ONCE[at + 2]}]}"
        [[ $JOB != "${RUN_ONCE[at + 1]}" ]] || continue
        printf '  - target: {kind: Job, name: "%s"}\n    patch: |-\n      - {op: replace, path: /metadata/name, value: "%s"}\n' "${RUN_ONCE[at + 1]}" "$JOB"
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
        get secret "$SECRET" --ignore-not-found --output 'jsonpath={.metadata.uid}' || tell || return 1
        IDENTITY=$ANSWER
    fi
    rm -rf "$BUILD/overlay"
    mkdir "$BUILD/overlay"
    cp -R k8s "$BUILD/overlay/base" || return 1
    overlay > "$BUILD/overlay/kustomization.yaml"
    kubectl kustomize "$BUILD/overlay" > "$BUILD/built" || return 1
    divide "$BUILD/built"
}

# The documents of the file $1 by the phase that applies them: namespace, first, job-NAME, rest, quota; manifests are those that a rollback needs.
# The objects' kinds and names go into OBJECTS.
divide() {
    local line section='' kind='' name='' text=''
    OBJECTS=()
    rm -f "$BUILD"/job-*
    for line in namespace first rest quota manifests; do : > "$BUILD/$line"; done
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
        ResourceQuota | LimitRange) file=quota ;;
        Job) file=job-$name ;;
        ServiceAccount | ConfigMap | ExternalSecret | NetworkPolicy | PersistentVolumeClaim | StatefulSet) file=first ;;
        # Of a backing service: it has to be there, and to be found, before the release job runs.
        Deployment | Service) if is_server "$name"; then file=first; fi ;;
    esac
    printf -- '---\n%s' "$text" >> "$BUILD/$file"
    # Going back never makes a claim what it was: it may have grown since.
    [[ $kind == Namespace || $kind == Job || $kind == PersistentVolumeClaim ]] || printf -- '---\n%s' "$text" >> "$BUILD/manifests"
    OBJECTS+=("$kind/$name")
}

# The manifests of an earlier release that are in the file $1, until they run.
put_back() { divide "$BUILD/$1" && hand_over && cat "$BUILD/first" "$BUILD/rest" | put && wait_for first && wait_for rest; }

# A number of pods that the manifests said, and leave to an autoscaler now: somebody else says it first. Otherwise nobody would for a moment, and it would be 1.
hand_over() {
    local object
    for object in "${OBJECTS[@]}"; do
        [[ $object == HorizontalPodAutoscaler/* ]] || continue
        get deployment "${object#*/}" --ignore-not-found --show-managed-fields --output \
            "jsonpath={.spec.replicas}{.metadata.managedFields[?(@.manager==\"$MANAGER\")].fieldsV1.f:spec.f:replicas}" || tell || return 1
        [[ $ANSWER =~ ^([0-9]+)\{ ]] || continue
        # Refused where the autoscaler has changed it meanwhile: then it is its own already.
        printf '{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"%s"},"spec":{"replicas":%s}}\n' "${object#*/}" "${BASH_REMATCH[1]}" |
            ask apply --server-side --field-manager "$PROJECT-replicas" --filename - > /dev/null || true
    done
}

# While one release makes room for another, neither waits for a quota, whatever the other one needs. Who may work in a namespace may not always change it.
lift_quota() {
    ask delete "resourcequota/$PROJECT" "limitrange/$PROJECT" --ignore-not-found > /dev/null || step "the quota of $NAMESPACE stays as it is"
}
set_quota() {
    [[ ! -s $BUILD/quota ]] || put < "$BUILD/quota" || printf 'warning: %s\n' "the quota of $NAMESPACE is not set: whoever may do so applies k8s/quota.yaml" >&2
}

# Asks the server what it would say to all of it. A Job that is there already cannot be changed.
accepted() {
    local file name
    [[ -n $EXISTS ]] || return 0
    for file in "$BUILD/first" "$BUILD"/job-* "$BUILD/rest"; do
        [[ -s $file ]] || continue
        name=${file##*/}
        if [[ $name == job-* ]]; then
            get job "${name#job-}" --ignore-not-found --output name || tell || return 1
            [[ -z $ANSWER ]] || continue
        fi
        TRY=1 put < "$file" || return 1
    done
}

# What an earlier release had and this one has not, into LEFTOVERS.
find_leftovers() {
    local object kinds=serviceaccounts,configmaps,services,deployments,statefulsets,cronjobs,ingresses,networkpolicies,poddisruptionbudgets,horizontalpodautoscalers
    LEFTOVERS=''
    [[ -n $EXISTS ]] || return 0
    # Not every cluster knows them.
    if [[ $(cat "$BUILD/manifests" "$BUILD/current" "$BUILD/before") == *$'\nkind: HTTPRoute\n'* ]]; then kinds+=,httproutes.gateway.networking.k8s.io; fi
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
