# {{ made_by | comment }}
# shellcheck shell=bash
#
# nginx in a roll-out. Its container reads its configuration by the link /tmp/nginx.conf, which leads to the mounted one; for the time of a roll-out
# it leads to a copy that names containers by their addresses.
{% raw %}
# Said by the scripts that source this, and by what they source.
: "${ANSWER_WITHIN-}" "${CHANGED-}" "${DROP-}" "${EDGE_ADDRESS-}" "${EDGE_PORT-}" "${EDGE_PORT_NAME-}" "${INNER_PORT-}" "${KEEP-}" "${NETWORKS-}"
: "${QUESTIONS-}" "${SCHEME-}" "${SHUTDOWN-}" "${STARTED-}" "${STATUS-}"
: "${STATE:?}"
SITE=/etc/nginx/site/nginx.conf
# What nginx runs with: the configuration that it loaded last is kept, so that there is a way back from a new one.
LOADED=$STATE/nginx.conf
POINTED='' OLD_WORKERS='' RENEWED='' OLD_EDGE=''

# The newest of its containers.
edge() { containers "$EDGE" | head -n 1; }

edge_runs() {
    [[ -n $EDGE ]] || return 1
    local id
    id=$(edge)
    [[ -n $id && $(docker inspect --format "$STATUS" "$id") == *' running '* ]]
}

# Its container, when that was started, and what it would load now. The key keeps the digest from being a test for guesses.
edge_facts() {
    local id
    id=$(edge)
    [[ -n $id ]] || return 0
    docker inspect --format "$STARTED" "$id"
    { if [[ -f $STATE/key ]]; then cat "$STATE/key"; fi; cat nginx/nginx.conf; [[ -z $CERTIFICATE ]] || cat secrets/tls.crt secrets/tls.key; } 2> /dev/null | sha256sum
}

# True if the container is not the one that the Compose file asks for.
edge_is_other() {
    local id hash image state health restarts code
    read -r id hash image state health restarts code < <(states "$EDGE") || return 0
    : "$id$restarts$code"
    [[ $state != running || $health == unhealthy ]] || ! is_current "$EDGE" "$hash" "$image" "$(reference_of "$EDGE")"
}

edge_is_stale() {
    [[ -n $EDGE ]] || return 1
    edge_is_other || ! [[ -f $STATE/nginx.loaded && $(edge_facts) == "$(< "$STATE/nginx.loaded")" ]] || ! edge_follows
}

# True if it reads the mounted configuration. A deployment that was interrupted may have left it at a copy, with addresses that others have by now.
edge_follows() { [[ $(docker exec "$(edge)" readlink /tmp/nginx.conf 2> /dev/null) == "$SITE" ]]; }

# A configuration from the standard input, in the container.
hand_over() {
    docker exec --interactive "$(edge)" sh -c 'cat > /tmp/rollout.next && mv -f /tmp/rollout.next /tmp/rollout.conf'
}

# True if the client that gets certificates does not run, or is not the one that the Compose file asks for.
acme_is_stale() {
    [[ -n $ACME ]] || return 1
    local id hash image state health restarts code
    read -r id hash image state health restarts code < <(states "$ACME") || return 0
    : "$id$health$restarts$code"
    [[ $state != running ]] || ! is_current "$ACME" "$hash" "$image" "$(reference_of "$ACME")"
}

# Behind nginx, which answers for it. Nobody waits for it: a name that does not lead here yet gets no certificate.
start_acme() {
    acme_is_stale || return 0
    local id
    step "starting $ACME"
    for id in $(containers "$ACME"); do docker rm --force "$id" > /dev/null; done
    if ! create "$ACME" || ! docker start "$(containers "$ACME")" > /dev/null; then give_up "$ACME cannot be started"; fi
}

# Process ids of nginx' workers; with an argument those that take new connections.
workers() {
    local id pid words
    id=$(edge)
    docker top "$id" -eo pid,args 2> /dev/null | while read -r pid words; do
        [[ $words == *'nginx: worker process'* ]] || continue
        [[ -n ${1:-} && $words == *'shutting down'* ]] || printf '%s ' "$pid"
    done
}

# Loads a configuration, a path in the container, once nginx has found nothing wrong with it.
load() {
    local id before now pid began=$SECONDS
    id=$(edge)
    before=$(workers new)
    docker exec "$id" sh -c "nginx -t -q -c $1 && ln -sf $1 /tmp/nginx.next && mv -f /tmp/nginx.next /tmp/nginx.conf && kill -HUP 1" >&2 || return 1
    while :; do
        now=$(workers new)
        for pid in $now; do
            if [[ " $before" != *" $pid "* ]]; then
                OLD_WORKERS+=" $before"
                return 0
            fi
        done
        ((SECONDS - began < SHUTDOWN)) || { warn 'nginx did not take its configuration: scripts/compose.sh logs nginx says why'; return 1; }
        sleep 0.2
    done
}

# Loads a new configuration, or a new certificate, where no roll-out does it.
reload_edge() {
    step 'nginx loads what is new'
    load "$SITE" || return 1
    POINTED=site
}

# Until the old processes have ended: then nobody talks to the old containers. nginx cuts what is left (web sockets) after its shutdown time-out.
drain() {
    local began=$SECONDS pid now left
    while :; do
        now=" $(workers)" left=''
        for pid in $OLD_WORKERS; do if [[ $now == *" $pid "* ]]; then left=1; fi; done
        [[ -n $left ]] || break
        # Twice: a process that is busy looks at the clock late.
        ((SECONDS - began < 2 * SHUTDOWN)) || { warn 'old processes of nginx do not end'; break; }
        sleep 0.5
    done
    OLD_WORKERS=''
}

# The address of a container on a network that nginx is on.
address_of() {
    local edge_networks network address
    edge_networks=$(docker inspect --format "$NETWORKS" "$(edge)")
    for network in $(docker inspect --format "$NETWORKS" "$1"); do
        address=${network#*=}
        if [[ -n $address && " $edge_networks" == *" ${network%%=*}="* ]]; then
            printf '%s' "$address"
            return
        fi
    done
}

# Points nginx at the `old` or `new` containers of what changes.
point() {
    local which=$1 source=nginx/nginx.conf service target id address text line lines port
    if [[ $which == old && -f $LOADED ]]; then source=$LOADED; fi
    text=$(< "$source")
    for service in $CHANGED; do
        [[ -n ${ROUTED[$service]:-} ]] || continue
        for target in ${ROUTED[$service]}; do
            port=${target##*:} lines=''
            for id in ${KEEP[$service]} $(if [[ $which == old ]]; then printf '%s' "${DROP[$service]}"; else printf '%s' "${FRESH[$service]:-}"; fi); do
                address=$(address_of "$id")
                [[ -z $address ]] || lines+="        server $address:$port max_fails=0;"$'\n'
            done
            [[ -n $lines ]] || continue
            text=$(while IFS= read -r line; do
                if [[ $line =~ ^[[:space:]]+server[[:space:]]"$target"[[:space:]\;] ]]; then
                    # The name stays, unused: nginx keeps looking it up, and knows where it leads when it is used again.
                    printf '%s%s down;\n' "$lines" "${line%;}"
                else
                    printf '%s\n' "$line"
                fi
            done <<< "$text")
        done
    done
    printf '%s\n' "$text" | hand_over || return 1
    load /tmp/rollout.conf || return 1
    POINTED=$which
}

# A new container of nginx where the Compose file asks for one, or where none runs; checked before the old one stops.
renew_edge() {
    local id log=$STATE/compose.log
    edge_is_stale || return 0
    compose run --rm --no-deps --no-TTY "$EDGE" nginx -t -q -c "$SITE" > "$log" 2>&1 < /dev/null || { cat "$log" >&2; give_up 'nginx refuses its configuration'; }
    edge_is_other || return 0
    if edge_runs; then step "$EDGE changes: nobody answers for some seconds"; else step "starting $EDGE"; fi
    OLD_EDGE=$(containers "$EDGE" | tr '\n' ' ') RENEWED=1 POINTED='' OLD_WORKERS=''
    # It takes nobody any more once it is told to stop, and the next one needs its port: whoever is still being served has ten seconds.
    for id in $OLD_EDGE; do docker stop -t 10 "$id" > /dev/null || true; done
    create "$EDGE" || give_up "$EDGE cannot be made"
    docker start "$(edge)" > /dev/null || give_up "$EDGE cannot be started: is a port taken?"
    wait_for "$EDGE" "$(edge)"
}

# At the end: the mounted configuration, with names, that follows replicas by itself.
settle_edge() {
    remove "$OLD_EDGE"
    edge_runs || return 0
    if [[ $POINTED == site || (-z $POINTED && -n $RENEWED) ]]; then
        note_edge
        return 0
    elif [[ -n $POINTED ]]; then
        # nginx looks names up once a second; older versions only now. What was removed must be forgotten.
        sleep 2
    else
        return 0
    fi
    if load "$SITE"; then
        POINTED='' OLD_WORKERS=''
        note_edge
    else
        warn 'nginx stays with the containers that it was pointed at; the same command again tries it once more'
    fi
}

note_edge() {
    cp nginx/nginx.conf "$LOADED.new" && mv -f "$LOADED.new" "$LOADED"
    edge_facts > "$STATE/nginx.loaded"
}

# In a roll-out that is taken back: to the old containers, and nobody talks to the new ones any more.
restore_edge() {
    local id old=''
    if [[ -n $RENEWED ]]; then
        for id in $(containers "$EDGE"); do
            if [[ $OLD_EDGE == *"$id"* ]]; then old=$id; else docker rm --force "$id" > /dev/null; fi
        done
        POINTED=''
        [[ -z $old ]] || docker start "$old" > /dev/null || warn "$EDGE did not start again: scripts/compose.sh logs $EDGE"
    fi
    edge_runs || return 0
    [[ $POINTED == new || $POINTED == site ]] || return 0
    point old && drain
}

# And then back to their names.
release_edge() {
    if [[ -z $POINTED ]] || ! edge_runs; then return 0; fi
    sleep 2
    if [[ ! -f $LOADED ]] || cmp -s "$LOADED" nginx/nginx.conf; then
        load "$SITE"
    elif hand_over < "$LOADED" && load /tmp/rollout.conf; then
        warn 'nginx keeps the configuration that it had, until the next deployment'
    else
        warn 'nginx stays with the containers that it was pointed at: deploy again'
    fi
}

# Every route through the proxy, with its name and its certificate.
verify() {
    local at host path expected said try code waiting=''
    [[ -n $EDGE ]] && ((${#QUESTIONS[@]} > 0)) || return 0
    if ! choose_client; then
        warn 'the routes were not asked: curl is neither here nor in the image of nginx'
        return 0
    fi
    for ((at = 0; at < ${#QUESTIONS[@]}; at += 3)); do
        host=${QUESTIONS[at]} path=${QUESTIONS[at + 1]} expected=${QUESTIONS[at + 2]}
        for try in 1 2 3; do
            code=0
            said=$(ask "$host" "$path" 2> "$STATE/curl.log") || code=$? said='no answer'
            if [[ $expected == ready && $said == 2?? ]] || [[ $expected == any && $said == [1-5]?? && $said != 50[234] ]]; then continue 2; fi
            # nginx has just started, and looks names up.
            [[ $try == 3 ]] || sleep 1
        done
        # 35: no handshake. The certificate has not come yet, which is no fault of this release.
        if [[ -n $ACME && $code == 35 ]]; then
            if [[ " $waiting " != *" $host "* ]]; then warn "$host has no certificate yet, and was not asked: scripts/compose.sh logs $ACME"; fi
            waiting+=" $host"
            continue
        fi
        cat "$STATE/curl.log" >&2
        printf 'error: %s://%s%s: %s\n' "$SCHEME" "$host" "$path" "$said" >&2
        return 1
    done
    step "$((${#QUESTIONS[@]} / 3 - $(wc -w <<< "$waiting"))) routes answer through $EDGE"
}

# curl of this host, or that in the container of nginx, where the name is asked at the inner port.
choose_client() {
    CURL=(curl)
    CURL_PORT=$(env_value "$EDGE_PORT_NAME" "$EDGE_PORT") CURL_ADDRESS=$EDGE_ADDRESS
    command -v curl > /dev/null && return 0
    CURL=(docker exec "$(edge)" curl)
    CURL_PORT=$INNER_PORT CURL_ADDRESS=127.0.0.1
    docker exec "$(edge)" curl --version > /dev/null 2>&1
}

# The status that comes.
ask() {
    local -a trust=()
    # What a public authority signed is trusted by itself; what signed itself, by its file. Certificates that come by ACME are their client's care.
    if [[ -n $CERTIFICATE && ${CURL[0]} == curl ]]; then trust=(--cacert "$CERTIFICATE"); elif [[ -n $CERTIFICATE$ACME ]]; then trust=(--insecure); fi
    "${CURL[@]}" --silent --show-error --output /dev/null --write-out '%{http_code}' --max-time "$ANSWER_WITHIN" --noproxy '*' ${trust[@]+"${trust[@]}"} \
        --resolve "$1:$CURL_PORT:$CURL_ADDRESS" "$SCHEME://$1:$CURL_PORT$2"
}
{%- endraw %}
