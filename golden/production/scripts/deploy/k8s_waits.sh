# Made by infragen. Change the profile `production`, then run: infragen render production
# shellcheck shell=bash
#
# Waiting for what was applied, asking it, and taking it back. Sourced by k8s.sh.

# Said by the scripts that source this, and by what they source.
: "${ANSWER-}" "${BUILD-}" "${CONTEXT-}" "${JOB-}" "${NAMESPACE-}" "${OBJECTS-}" "${PROJECT-}" "${READY-}" "${ROLLED-}" "${RUN_ONCE-}"
: "${SERVERS-}" "${TAGS-}"

is_server() { [[ " ${SERVERS[*]-} " == *" $1 "* ]]; }

# Until everything that runs on and was applied, in the phase $1 (first or rest), is there in its new form.
wait_for() {
    local at phase seconds said try
    for ((at = 0; at < ${#OBJECTS[@]}; at++)); do
        phase=rest
        case ${OBJECTS[at]} in
            StatefulSet/*) phase=first ;;
            Deployment/*) if is_server "${OBJECTS[at]#*/}"; then phase=first; fi ;;
            *) continue ;;
        esac
        [[ $phase == "$1" ]] || continue
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
    local at status
    for ((at = 0; at < ${#RUN_ONCE[@]}; at += 4)); do
        job_name "${RUN_ONCE[at]}" "${TAGS[${RUN_ONCE[at + 2]}]}"
        job_state "$JOB" || tell || return 1
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
        step "waiting for $JOB, ${RUN_ONCE[at + 3]} s at most"
        status=0
        wait_job "$JOB" "${RUN_ONCE[at + 3]}" || status=1
        ask logs --selector "batch.kubernetes.io/job-name=$JOB" --all-containers --prefix --tail=100 >&2 || true
        ((status == 0)) || return 1
    done
}

# Until the Job $1 has ended, whether well or not, $2 s at most.
wait_job() {
    local end=$((SECONDS + $2 + 60)) unanswered=0 stuck='' stuck_since=0
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
            ((unanswered < 10)) || tell || return 1
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
    # Not by a function, which would be a process of its own above it; nor with the lock of this folder, which ends with this script.
    kubectl --context "$CONTEXT" --namespace "$NAMESPACE" port-forward --address 127.0.0.1 "service/$1" ":$2" > "$BUILD/forward" 2>&1 9>&- &
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
        'jsonpath={range .items[*]}{.metadata.name}|{.spec.rules[*].host}|{.status.loadBalancer.ingress[*].ip}{.status.loadBalancer.ingress[*].hostname}{"\n"}{end}' || tell || return 0
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
