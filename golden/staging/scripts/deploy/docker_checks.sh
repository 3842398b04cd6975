# Made by infragen. Change the profile `staging`, then run: infragen render staging
# shellcheck shell=bash
#
# What has to be right before anything is changed. Everything that is wrong is said at once.

# Said by the scripts that source this, and by what they source.
: "${ACTION-}" "${BUILD_SECRETS-}" "${CPUS-}" "${EDGE-}" "${ENGINE-}" "${ENGINE_ROOM-}" "${ENV_FILE-}" "${FOLDERS-}" "${HOSTS-}" "${HOW-}" "${IMAGES-}" "${MEMORY-}" "${PORTS-}" "${POSTGRES-}"
: "${ROOM-}" "${SOURCES-}" "${STACK_FILE-}"

PROBLEMS=() DOUBTS=()
problem() { PROBLEMS+=("$*"); }
doubt() { DOUBTS+=("$*"); }

check() {
    step 'checking'
    check_engine
    check_env_file
    choose_tags
    if [[ -n $CERTIFICATE ]]; then check_certificate; fi
    check_folders
    check_sources
    if [[ -n $ENGINE_ANSWERS ]]; then
        check_host
        check_ports
        check_data
        check_images
    fi
    local line
    for line in ${DOUBTS[@]+"${DOUBTS[@]}"}; do warn "$line"; done
    if ((${#PROBLEMS[@]} > 0)); then
        for line in "${PROBLEMS[@]}"; do printf 'error: %s\n' "$line" >&2; done
        printf 'error: nothing was changed; %d to be put right first\n' "${#PROBLEMS[@]}" >&2
        exit 2
    fi
    if ((${#DOUBTS[@]} > 0)); then confirm 'Go on all the same?'; fi
}

# A container whose file is missing is not made.
check_sources() {
    local at count file
    for ((at = 0; at < ${#SOURCES[@]}; at += 2 + count)); do
        count=${SOURCES[at + 1]}
        for file in "${SOURCES[@]:at + 2:count}"; do
            [[ -f $file && -r $file ]] || problem "$file is not here, or cannot be read: a container mounts it; check the project out at the release that is deployed"
        done
    done
}

# Docker would make an empty one, and nginx would find nothing in it.
check_folders() {
    local folder found
    for folder in ${FOLDERS[@]+"${FOLDERS[@]}"}; do
        [[ -d $folder ]] || problem "$folder is not here: nginx serves its files from there; check the project out at the release that is deployed"
    done
    [[ -n $EDGE ]] || return 0
    for folder in nginx ${FOLDERS[@]+"${FOLDERS[@]}"}; do
        [[ -d $folder ]] || continue
        found=$(find "$folder" \( -type d ! -perm -o=rx -o -type f ! -perm -o=r \) -print -quit)
        [[ -z $found ]] || problem "nginx, which is neither root nor you, cannot read $found: chmod -R o+rX $folder"
    done
}

ENGINE_ANSWERS=''
check_engine() {
    local said
    if ! command -v docker > /dev/null; then
        problem 'docker is needed: install Docker Engine with Compose v2'
        return 0
    fi
    if ! said=$(docker info --format "$ENGINE" 2> /dev/null) || [[ -z $said ]]; then
        problem 'the engine does not answer: start it (systemctl start docker), and run this as somebody who may use it'
        return 0
    fi
    read -r HOST_CPUS HOST_MEMORY ENGINE_FOLDER <<< "$said"
    ENGINE_ANSWERS=1
    # Asked for what is used, and not for a number: distributions have numbers of their own.
    said=$(docker compose version --short 2> /dev/null) || said=''
    if [[ -z $said ]]; then
        problem 'Compose v2 is needed: install the plugin docker-compose-plugin'
        ENGINE_ANSWERS=''
    elif [[ $(docker compose create --help 2> /dev/null) != *--scale* || $(docker compose config --help 2> /dev/null) != *--hash* ]]; then
        problem "Compose $said is too old: install one that knows \`create --scale\` (2.20 or newer)"
        ENGINE_ANSWERS=''
    fi
}

check_env_file() {
    local said status=0
    # Read as Compose reads it; ports and tags come from there.
    if [[ -f $ENV_FILE && -r $ENV_FILE ]] && is_text "$ENV_FILE"; then read_env "$ENV_FILE"; fi
    [[ -n $HAS_ENV_FILE ]] || return 0
    said=$(scripts/validate_config.sh 2>&1) || status=$?
    if ((status == 0)); then return 0; fi
    printf '%s\n' "$said" >&2
    if ((status > 1)) || [[ $said == *': error['* ]]; then problem "$ENV_FILE is not right: see above"; else doubt "$ENV_FILE: see above"; fi
}

check_certificate() {
    local file host missing=''
    for file in secrets/tls.crt secrets/tls.key; do
        if [[ ! -s $file || ! -r $file ]]; then
            problem "$file is missing or cannot be read: put the certificate with its chain, and its key, into secrets/"
            missing=1
        fi
    done
    [[ -z $missing ]] || return 0
    if ! command -v openssl > /dev/null; then
        doubt 'the certificate was not looked at: install openssl'
        return 0
    fi
    if ! openssl x509 -in secrets/tls.crt -noout 2> /dev/null; then
        problem 'secrets/tls.crt is no certificate in PEM'
        return 0
    fi
    # The empty passphrase is no secret: it keeps openssl from asking for one.
    if ! said=$(openssl pkey -in secrets/tls.key -passin pass: -pubout 2> /dev/null); then
        problem 'secrets/tls.key is no private key in PEM, or has a passphrase: nginx has nobody to ask'
    elif [[ $said != "$(openssl x509 -in secrets/tls.crt -noout -pubkey)" ]]; then
        problem 'secrets/tls.key is not the key of secrets/tls.crt'
    fi
    for host in $HOSTS; do
        if [[ $(openssl x509 -in secrets/tls.crt -noout -checkhost "$host") != *'does match'* ]]; then problem "secrets/tls.crt is not for $host"; fi
    done
    if ! openssl x509 -in secrets/tls.crt -noout -checkend 0 > /dev/null; then
        problem 'secrets/tls.crt has expired'
    elif ! openssl x509 -in secrets/tls.crt -noout -checkend $((14 * 86400)) > /dev/null; then
        doubt 'secrets/tls.crt expires within 14 days: renew it'
    fi
}

check_host() {
    local at free
    for ((at = 0; at < ${#CPUS[@]}; at += 2)); do
        if ((CPUS[at + 1] > HOST_CPUS * 1000)); then
            problem "${CPUS[at]} may use $(thousandths "${CPUS[at + 1]}") CPUs, and this host has $HOST_CPUS: the engine refuses that; lower its limit in the profile"
        fi
    done
    if ((MEMORY > HOST_MEMORY / 1048576)); then
        doubt "in the middle of a roll-out everything may take $MEMORY MiB, and this host has $((HOST_MEMORY / 1048576))"
    fi
    # The engine may be on another machine, or keep its folder to itself.
    if [[ -d $ENGINE_FOLDER ]]; then
        free=$(free_mib "$ENGINE_FOLDER")
        if ((free < ENGINE_ROOM)); then problem "$ENGINE_FOLDER has $free MiB left, and $ENGINE_ROOM are needed for images: docker image prune"; fi
    fi
    free=$(free_mib .)
    if ((free < ROOM)); then problem "$PWD has $free MiB left, and $ROOM are needed"; fi
}

thousandths() {
    if (($1 % 1000 == 0)); then printf '%d' $(($1 / 1000)); else printf '%d.%03d' $(($1 / 1000)) $(($1 % 1000)); fi
}

check_ports() {
    local at owner address port name
    name=$(project 2> /dev/null) || { problem "Compose cannot read $STACK_FILE: scripts/compose.sh config says why"; return 0; }
    for ((at = 0; at < ${#PORTS[@]}; at += 4)); do
        owner=${PORTS[at]} address=${PORTS[at + 1]} port=${PORTS[at + 3]}
        if [[ ${PORTS[at + 2]} != - ]]; then port=$(env_value "${PORTS[at + 2]}" "$port"); fi
        if [[ -n $(docker ps --quiet --filter "label=com.docker.compose.project=$name" --filter "label=com.docker.compose.service=$owner" --filter "publish=$port") ]]; then
            continue
        fi
        if (exec 3<> "/dev/tcp/$address/$port") 2> /dev/null; then
            problem "port $port is taken by another program, and $owner needs it: ss -ltnp says which"
        fi
    done
}

# A server of another major version does not start on the files of the one before, and keeps the password that it got with an empty volume.
check_data() {
    local at id name has user said
    name=$(project 2> /dev/null) || return 0
    for ((at = 0; at < ${#POSTGRES[@]}; at += 5)); do
        id=$(docker ps --quiet --filter "label=com.docker.compose.project=$name" --filter "label=com.docker.compose.service=${POSTGRES[at]}" | head -n 1)
        [[ -n $id ]] || continue
        # shellcheck disable=SC2016
        has=$(docker exec "$id" sh -c 'cat "$PGDATA/PG_VERSION"' 2> /dev/null) || continue
        [[ $has == "${POSTGRES[at + 1]}" ]] ||
            problem "${POSTGRES[at]} has data of PostgreSQL $has, which version ${POSTGRES[at + 1]} does not read: dump it, take another volume and restore it there, or go back to version \"$has\" in the profile"
        user=${POSTGRES[at + 2]}
        # By its own name and not by 127.0.0.1, where the server asks for no password. The value stands in no command line.
        # shellcheck disable=SC2016
        said=$(PGPASSWORD=$(env_value "${POSTGRES[at + 4]}" '') docker exec --env PGPASSWORD "$id" \
            sh -c 'exec psql --host "$(hostname)" --username "$0" --dbname "$1" --no-password --command "SELECT 1"' "$user" "${POSTGRES[at + 3]}" 2>&1) ||
            [[ $said != *'password authentication failed'* ]] ||
            problem "${POSTGRES[at + 4]} in $ENV_FILE is not the password of $user in the data of ${POSTGRES[at]}: change it there first: scripts/compose.sh exec ${POSTGRES[at]} psql --username $user --dbname ${POSTGRES[at + 3]} --command '\\password'"
    done
}

check_images() {
    local at image context
    [[ $ACTION == deploy ]] || return 0
    for ((at = 0; at < ${#IMAGES[@]}; at += 5)); do
        image=$(image_of "${IMAGES[at]}") context=${IMAGES[at + 4]}
        # What the profile does not build is pulled, also with --build.
        if [[ $HOW == build && $context != - && ! -d $context ]]; then
            problem "$image cannot be built: its source, $context, is not here; without --build it is pulled"
        elif is_built "$context"; then
            check_build_secrets "${IMAGES[at]}" "$image"
            docker buildx version > /dev/null 2>&1 || doubt "$image is built without buildx, which keeps caches: install docker-buildx-plugin"
            if [[ $(noted "${IMAGES[at + 1]}") == "${image##*:}" ]]; then
                step "$image runs already, and is built again: no rollback to what it was; --tag gives a release a name of its own"
            elif [[ $(noted "PREVIOUS_${IMAGES[at + 1]}") == "${image##*:}" ]]; then
                doubt "$image is the release before, and is built again from what is here now: to go back to it as it was, say rollback"
            fi
        fi
    done
}

# Compose would build with an empty one, and the package index would say no.
check_build_secrets() {
    local at
    for ((at = 0; at < ${#BUILD_SECRETS[@]}; at += 2)); do
        [[ ${BUILD_SECRETS[at]} == "$1" && -z $(env_value "${BUILD_SECRETS[at + 1]}" '') ]] || continue
        problem "the build of $2 needs ${BUILD_SECRETS[at + 1]}, which has no value in $ENV_FILE: fill it in, or --pull the image"
    done
}
