# Made by infragen. Change the profile `staging`, then run: infragen render staging
# shellcheck shell=bash
#
# What runs, what has to change, and how one set of containers replaces another.

# Said by the scripts that source this, and by what they source.
: "${ACTION-}" "${ID-}" "${KNOWN-}" "${LABEL-}" "${OTHERS-}" "${PUBLISHED-}" "${RELEASES-}" "${REPLICAS-}" "${SERVICES-}" "${SETTLE-}"
: "${STACK_FILE-}" "${STATUS-}" "${STORES-}" "${WITHIN-}"
: "${STATE:?}"
# Of each service: containers that stay, those that go, and how many are to be made; and what this run has made or stopped so far.
declare -A KEEP=() DROP=() MISSING=() FRESH=() HASH=() HALTED=() WANTED=()
CHANGED='' STALE_STORES='' STUCK='' STORES_TOUCHED='' STALE_RELEASES='' ORPHANS='' STACK=''

# The containers of a service: one-off runs are not among them.
containers() {
    docker ps --all --no-trunc --quiet --filter "label=com.docker.compose.project=$STACK" --filter "label=com.docker.compose.service=$1" \
        --filter label=com.docker.compose.oneoff=False
}

# Of each of them: id, hash of its configuration, image, state, health, restarts, exit status.
states() {
    local -a ids=()
    mapfile -t ids < <(containers "$1")
    ((${#ids[@]} == 0)) || docker inspect --format "$STATUS" "${ids[@]}"
}

# True if a container of this hash and image is what the Compose file asks for.
is_current() {
    local service=$1 hash=$2 image=$3 wanted
    wanted=$(docker image inspect --format "$ID" "$4" 2> /dev/null) || return 1
    [[ $hash == "${HASH[$service]:-}" && $image == "$wanted" ]]
}

# What differs from the Compose file with the tags of this run.
survey() {
    local service id hash image state health restarts code reference count all wanted
    STACK=$(project)
    while read -r service hash; do HASH[$service]=$hash; done < <(compose config --hash '*')
    ((${#HASH[@]} > 0)) || give_up "Compose cannot read $STACK_FILE: scripts/compose.sh config says why"
    for service in $SERVICES; do
        KEEP[$service]='' DROP[$service]='' count=0 wanted=${REPLICAS[$service]}
        while read -r id hash image state health restarts code; do
            # One that is not up belongs to a run that was interrupted, or needs another in its place.
            if ((count < wanted)) && [[ $state == running && ($health == healthy || $health == none) ]] &&
                is_current "$service" "$hash" "$image" "$(image_of "$service")"; then
                KEEP[$service]+=" $id" count=$((count + 1))
            else
                DROP[$service]+=" $id"
            fi
        done < <(states "$service")
        MISSING[$service]=$((wanted - count))
        if [[ ${MISSING[$service]} != 0 || -n ${DROP[$service]} ]]; then CHANGED+=" $service"; fi
    done
    for service in $STORES; do
        reference=$(reference_of "$service")
        count=0
        while read -r id hash image state health restarts code; do
            is_current "$service" "$hash" "$image" "$reference" || continue
            if [[ $state == running && ($health == healthy || $health == none) ]]; then
                count=1
            elif [[ $state != running || $health != starting ]]; then
                STUCK+=" $service"
            fi
        done < <(states "$service")
        if ((count == 0)); then STALE_STORES+=" $service"; fi
    done
    for service in $RELEASES; do
        count=0
        while read -r id hash image state health restarts code; do
            # After a rollback it is made and not run.
            if [[ $state == created || ($state == exited && $code == 0) ]] && is_current "$service" "$hash" "$image" "$(image_of "$service")"; then count=1; fi
        done < <(states "$service")
        if ((count == 0)); then STALE_RELEASES+=" $service"; fi
    done
    all=$(docker ps --all --filter "label=com.docker.compose.project=$STACK" --format "$LABEL" | sort -u)
    for service in $all; do
        [[ " $KNOWN " == *" $service "* ]] || ORPHANS+=" $service"
    done
    : "$restarts"
}

# The image of a backing service or of nginx.
reference_of() {
    local at
    for ((at = 0; at < ${#OTHERS[@]}; at += 2)); do
        if [[ ${OTHERS[at]} == "$1" ]]; then printf '%s' "${OTHERS[at + 1]}"; fi
    done
}

# Containers, made and not started, with the hash that a plain `up` gives them: `up --no-deps` would give them another, and `up` without it runs
# the release job. What is there stays.
create() {
    local service
    local -a scale=() all=()
    # All of them are named: Compose would take one back to its usual number otherwise, or not take its number.
    for service in $SERVICES; do
        all+=("$service")
        scale+=(--scale "$service=$(($(containers "$service" | wc -l) + ${WANTED[$service]:-0}))")
    done
    if [[ $1 == "$EDGE" ]]; then scale+=(--scale "$EDGE=$(($(containers "$EDGE" | wc -l) + 1))"); fi
    compose create --no-recreate --no-build --pull never ${scale[@]+"${scale[@]}"} ${all[@]+"${all[@]}"} "$@" > "$STATE/compose.log" 2>&1 || { cat "$STATE/compose.log" >&2; return 1; }
}

start_stores() {
    [[ -n $STALE_STORES ]] || return 0
    local service
    for service in $STALE_STORES; do
        if [[ " $STUCK " == *" $service "* ]]; then
            # What it is asked to be it is already, so that Compose would wait for it and do nothing.
            step "$service does not work as it is: it is made anew on its volume"
            remove "$(containers "$service" | tr '\n' ' ')"
        elif [[ -n $(containers "$service") ]]; then
            step "$service changes: it is away for a moment"
        else
            step "starting $service"
        fi
    done
    STORES_TOUCHED=1
    local -a list=()
    read -ra list <<< "$STALE_STORES"
    compose up --detach --wait --no-build --pull never "${list[@]}" > "$STATE/compose.log" 2>&1 || {
        cat "$STATE/compose.log" >&2
        for service in $STALE_STORES; do last_lines "$(containers "$service")"; done
        give_up 'a backing service does not become healthy'
    }
}

# Backing services as the deployment before had them: they were replaced where they are, on their volumes. Its secrets are there again by now.
restore_stores() {
    local service
    local -a list=()
    [[ -n $STORES_TOUCHED && -f $STATE/stack.yml ]] || return 0
    for service in $(STACK_FILE=$STATE/stack.yml compose --project-directory . config --services 2> /dev/null); do
        if [[ " $STALE_STORES " == *" $service "* ]]; then list+=("$service"); fi
    done
    ((${#list[@]} > 0)) || return 0
    step "putting back ${list[*]}"
    STACK_FILE=$STATE/stack.yml compose --project-directory . up --detach --wait --no-deps --no-build --pull never "${list[@]}" > "$STATE/compose.log" 2>&1 || {
        cat "$STATE/compose.log" >&2
        warn "${list[*]} did not come back as before: what needs them does not work"
    }
}

run_releases() {
    local service id
    for service in $RELEASES; do
        for id in $(containers "$service"); do
            if [[ $(docker inspect --format "$STATUS" "$id") == *' running '* ]]; then
                step "$service of an interrupted deployment still runs: waiting for it"
                docker wait "$id" > /dev/null
            fi
            docker rm --force "$id" > /dev/null
        done
        create "$service" || give_up "$service cannot be made"
        step "running $service"
        if ! docker start --attach "$(containers "$service")" >&2; then
            # Left there, the next plain up would take it for one that has to run first.
            for id in $(containers "$service"); do docker rm --force "$id" > /dev/null; done
            give_up "$service failed: its output stands above"
        fi
    done
}

# After a rollback the release job is there as Compose wants it, so that a plain `up` recreates nothing that waits for it; it was not run.
prepare_releases() {
    local service id
    for service in $STALE_RELEASES; do
        for id in $(containers "$service"); do docker rm --force "$id" > /dev/null; done
        create "$service" || warn "$service was not prepared"
    done
}

roll_out() {
    local service id
    if [[ -n $CHANGED ]]; then
        # While new ones start, users stay with those that they have.
        if edge_runs && [[ -n $(serving) ]]; then point old || give_up 'nginx cannot be pointed at the containers that run'; fi
        for service in $CHANGED; do start "$service"; done
    fi
    if [[ -n $EDGE ]]; then renew_edge; fi
    start_acme
    enter switched
    if edge_runs && [[ -n $POINTED$(going_on) ]]; then
        step 'nginx goes over to the new containers'
        point new || give_up 'nginx cannot be pointed at the new containers'
    elif edge_runs && edge_is_stale && [[ -z $RENEWED ]]; then
        reload_edge || give_up 'nginx cannot load its configuration'
    fi
    verify || give_up 'the new release does not answer as it should'
    hook test || give_up 'hooks/test failed'
    note_release
    # From here on there is no way back but a rollback.
    enter decided
    if [[ -n $(going_on) ]]; then
        if edge_runs; then drain; fi
        step 'the old containers stop'
    fi
    for service in $CHANGED; do remove "${DROP[$service]}"; done
    if [[ $ACTION == rollback ]]; then prepare_releases; fi
    if [[ -n $EDGE ]]; then settle_edge; fi
}

# Ids of what runs already of services that change.
serving() {
    local service
    for service in $CHANGED; do printf '%s' "${KEEP[$service]}${DROP[$service]}"; done
}

# Ids of what ran before and is to go.
going_on() {
    local service
    for service in $CHANGED; do printf '%s' "${DROP[$service]}"; done
}

# Makes and starts what is missing of a service, and waits for it.
start() {
    local service=$1 id before
    local -a fresh=()
    ((MISSING[$service] > 0)) || return 0
    before=$(containers "$service")
    WANTED[$service]=${MISSING[$service]}
    step "starting ${MISSING[$service]} of $service"
    create "$service" || { note_fresh "$service" "$before"; give_up "$service cannot be made"; }
    note_fresh "$service" "$before"
    unset "WANTED[$service]"
    if [[ " $PUBLISHED " == *" $service "* && -n ${DROP[$service]} ]]; then
        step "$service must not be there twice: the old one stops first, and nobody answers for a moment"
        HALTED[$service]=${DROP[$service]}
        for id in ${DROP[$service]}; do docker stop "$id" > /dev/null; done
    fi
    read -ra fresh <<< "${FRESH[$service]}"
    docker start "${fresh[@]}" > /dev/null || give_up "$service cannot be started"
    for id in "${fresh[@]}"; do wait_for "$service" "$id"; done
}

note_fresh() {
    local id
    FRESH[$1]=''
    for id in $(containers "$1"); do
        [[ $2 == *"$id"* ]] || FRESH[$1]+=" $id"
    done
}

# Until it is healthy. One that crashes is restarted, and never looks as if it had ended: its restarts tell.
wait_for() {
    local service=$1 began=$SECONDS longest=${WITHIN[$1]} least=${SETTLE[$1]} id hash image state health restarts code
    while :; do
        read -r id hash image state health restarts code < <(docker inspect --format "$STATUS" "$2") || give_up "a container of $service is gone"
        if [[ $state != running || $restarts != 0 ]]; then give_up "$service does not stay up (exit status $code)"; fi
        case $health in
            healthy) return ;;
            unhealthy) give_up "$service is not healthy" ;;
            none) ((SECONDS - began < least)) || return 0 ;;
        esac
        ((SECONDS - began < longest)) || give_up "$service was not healthy within $longest s"
        sleep 0.5
    done
    : "$id$hash$image"
}

# With the time to stop that the Compose file gives them.
remove() {
    local -a ids=()
    read -ra ids <<< "$1"
    ((${#ids[@]} > 0)) || return 0
    docker stop "${ids[@]}" > /dev/null || warn 'an old container did not stop'
    docker rm --force "${ids[@]}" > /dev/null || warn 'an old container was not removed: the same command again tries it'
}

remove_orphans() {
    local service
    for service in $ORPHANS; do
        step "$service is no longer in the profile: it stops"
        remove "$(docker ps --all --no-trunc --quiet --filter "label=com.docker.compose.project=$STACK" --filter "label=com.docker.compose.service=$service" | tr '\n' ' ')"
    done
}

last_lines() {
    local id
    for id in $1; do
        printf -- '--- last lines of %s\n' "${id:0:12}" >&2
        docker logs --tail 20 "$id" >&2 || true
    done
}

# Takes back what this run has started. Nothing here may stop the rest.
undo() {
    local service id made=''
    for service in $CHANGED; do made+=${FRESH[$service]:-}; done
    if [[ -n $made ]]; then last_lines "$made"; fi
    for service in "${!HALTED[@]}"; do
        for id in ${FRESH[$service]:-}; do docker rm --force "$id" > /dev/null; done
        for id in ${HALTED[$service]}; do docker start "$id" > /dev/null; done
    done
    if [[ -x scripts/install_secrets.sh ]]; then scripts/install_secrets.sh --restore || warn 'the secrets of before were not put back'; fi
    restore_stores
    if [[ -n $EDGE ]]; then restore_edge; fi
    for id in $made; do docker rm --force "$id" > /dev/null 2>&1; done
    if [[ -n $EDGE ]]; then release_edge; fi
}
