# Made by infragen. Change the profile `production`, then run: infragen render production
# shellcheck shell=bash
#
# Deploys on this host with Docker Compose. The new containers of a release start beside the old ones; nginx is pointed at the new ones, and when
# its old processes have ended nobody talks to the old ones any more: they are removed.

STACK_FILE=docker-compose.prod.yml HAS_ENV_FILE=1
# Own services that keep running, each behind those that it waits for; those that run once before a roll-out; backing services; all names.
SERVICES=api RELEASES=migrate STORES='database cache' KNOWN='migrate api prune database cache database-backup database-restore nginx'
# Those with a port of this host: two of them cannot run at once.
PUBLISHED=''
# How many, the seconds within which one is healthy, and those for which one without a health check has to stay up.
declare -A REPLICAS=( [api]=3 [nginx]=1 )
declare -A WITHIN=( [api]=120 [nginx]=42 )
declare -A SETTLE=( [api]=10 [nginx]=1 )
# The image of a service is that of the one which builds or names it first.
declare -A OWNER=( [migrate]=api [api]=api [prune]=api )
# Of each image of this stack's own: its service, the variable of its tag, name, tag of the profile, and where its source is.
IMAGES=(
    api API_TAG registry.example.com/acme/api 1.4.0 ../../examples/fastapi
)
# What a build reads of the env file, and nothing that runs does.
BUILD_SECRETS=()
# Those that --tag is for.
TAGGED=api
# Services whose images are of others, and those.
OTHERS=(database postgres:17-trixie cache redis:7-alpine nginx nginx:1.30-alpine)
# What the checks before a deployment ask: owner of a port of this host, address, variable of the env file, port; service, thousandths of a CPU.
PORTS=(
    nginx 127.0.0.1 HTTP_PORT 80
    nginx 127.0.0.1 HTTPS_PORT 443
)
# Servers of PostgreSQL: major version, user, database, and the variable with the user's password.
POSTGRES=(database 17 pyt_prod pyt_production DATABASE_PASSWORD)
# Files of the checkout that containers mount: the variable of a label, how many, which.
SOURCES=(
)
CPUS=(migrate 500 api 4000 prune 500 database 2000 cache 500 nginx 1000)
# MiB of everything at its limits, own services twice: that many there are in the middle of a roll-out.
MEMORY=27648
# Free MiB in the engine's folder, for one more set of images, and here.
ENGINE_ROOM=1024 ROOM=16

EDGE=nginx
# What nginx leads to, with the lines of its upstreams; seconds after which it cuts what old processes still hold.
declare -A ROUTED=( [api]=api:8000 )
SHUTDOWN=30
# Where it listens, outside and in its container.
SCHEME=https EDGE_ADDRESS=127.0.0.1 EDGE_PORT_NAME=HTTPS_PORT EDGE_PORT=443 INNER_PORT=8443
ANSWER_WITHIN=65
CERTIFICATE=secrets/tls.crt
# The client that gets certificates, where there is one.
ACME=''
HOSTS=api.example.com
# What it serves itself.
FOLDERS=(../../examples/fastapi/static)
# Host, path and what has to come: ready (200), or any answer that is not nginx' own for a service that does not answer.
QUESTIONS=(
    api.example.com /static/ any
    api.example.com /ws any
    api.example.com /api/v1/monitoring/health ready
)

# What the env file decides: a variable of the shell would win over it.
OVERRIDES=(-u CORS_ORIGINS -u NOTES_PAGE_SIZE -u NOTES_KEEP_DAYS -u DATABASE_PASSWORD -u DATABASE_URL -u CACHE_PASSWORD -u CACHE_URL -u ADMIN_PASSWORD -u SECRET_KEY -u API_WORKERS -u LOG_LEVEL -u METRICS_ENABLED -u HTTP_PORT -u HTTPS_PORT)

# What is asked of docker.
ID='{{.Id}}' STATUS='{{.Id}} {{index .Config.Labels "com.docker.compose.config-hash"}} {{.Image}} {{.State.Status}} {{with index .State "Health"}}{{.Status}}{{else}}none{{end}} {{.RestartCount}} {{.State.ExitCode}}'
NETWORKS='{{range .NetworkSettings.Networks}}{{.NetworkID}}={{.IPAddress}} {{end}}'
ENGINE='{{.NCPU}} {{.MemTotal}} {{.DockerRootDir}}'
LISTED='{{.Names}}\t{{.Image}}\t{{.Status}}' LABEL='{{.Label "com.docker.compose.service"}}'
STARTED='{{.Id}} {{.State.StartedAt}}'

# What the script that sources this says.
: "${NAMES-}" "${PROJECT-}" "${SCRIPT-}"
: "${STATE:?}" "${ENV_FILE:?}"

# Compose with the env file and what it has to know of secrets and of files. Tags are exported: then no file and no shell says otherwise.
compose() {
    local -a files=()
    [[ ! -f $ENV_FILE ]] || files+=(--env-file "$ENV_FILE")
    [[ ! -f $STATE/secrets.env ]] || files+=(--env-file "$STATE/secrets.env")
    [[ ! -s $STATE/sources.env ]] || files+=(--env-file "$STATE/sources.env")
    [[ -f $ENV_FILE ]] || OVERRIDES=()
    COMPOSE_ANSI=never COMPOSE_IGNORE_ORPHANS=1 env ${OVERRIDES[@]+"${OVERRIDES[@]}"} docker compose ${files[@]+"${files[@]}"} --file "$STACK_FILE" "$@"
}

# shellcheck source-path=SCRIPTDIR source=docker_checks.sh
. scripts/deploy/docker_checks.sh
# shellcheck source-path=SCRIPTDIR source=docker_roll.sh
. scripts/deploy/docker_roll.sh
# shellcheck source-path=SCRIPTDIR source=docker_edge.sh
. scripts/deploy/docker_edge.sh

HOW=''
flag() {
    case $1 in
        --build | --pull) HOW=${1#--} ;;
        *) return 1 ;;
    esac
}
option() { return 1; }

# The value of a variable of the env file, or $2.
env_value() {
    local at value=$2
    for ((at = 0; at < ${#NAMES[@]}; at++)); do
        if [[ ${NAMES[at]} == "$1" && -n ${VALUES[at]} ]]; then value=${VALUES[at]}; fi
    done
    printf '%s' "$value"
}

# A line of the note of the last release.
noted() {
    [[ ! -f $STATE/release.env ]] || sed -n "s/^$1=//p" "$STATE/release.env"
}

# Exports the tags of this run, and says them. For a rollback those of the release before.
choose_tags() {
    local at owner variable tag before profile
    for ((at = 0; at < ${#IMAGES[@]}; at += 5)); do
        owner=${IMAGES[at]} variable=${IMAGES[at + 1]}
        tag=$(env_value "$variable" '') before=$(noted "$variable") profile=${IMAGES[at + 3]}
        if [[ $ACTION == rollback ]]; then
            tag=$(noted "PREVIOUS_$variable")
            [[ -n $tag ]] || fail 'there is no release before this one: nothing was changed'
        elif [[ -n $TAG && " $TAGGED " == *" $owner "* ]]; then
            tag=$TAG
        elif [[ -z $tag && -n $before && $before != "$profile" && $(noted "PROFILE_$variable") == "$profile" ]]; then
            # By --tag or by a rollback: the profile has said nothing new since then.
            step "$owner stays at $before; the profile says $profile, which --tag $profile deploys"
            tag=$before
        fi
        tag=${tag:-$profile}
        [[ $tag =~ ^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$ ]] || fail "$variable in $ENV_FILE is no tag of an image"
        export "$variable=$tag"
        if [[ -n $before && $before != "$tag" ]]; then step "$owner: from $before to $tag"; else step "$owner: $tag"; fi
    done
}

# The image of a service, with the tag of this run.
image_of() {
    local at variable
    for ((at = 0; at < ${#IMAGES[@]}; at += 5)); do
        [[ ${IMAGES[at]} == "${OWNER[$1]}" ]] || continue
        variable=${IMAGES[at + 1]}
        printf '%s:%s' "${IMAGES[at + 2]}" "${!variable}"
    done
}

# Images of a release that no rollback goes to any more, and own ones that have lost their name to a newer build. What something uses stays.
SUPERSEDED=()
remove_superseded() {
    local image
    # Those of releases that did not come up, too.
    if [[ -f $STATE/failed ]]; then
        while read -r image; do is_kept "$image" || SUPERSEDED+=("$image"); done < "$STATE/failed"
        rm -f "$STATE/failed"
    fi
    for image in ${SUPERSEDED[@]+"${SUPERSEDED[@]}"}; do
        if docker image rm "$image" > /dev/null 2>&1; then step "$image is removed: no rollback leads to it"; fi
    done
    docker image prune --force --filter "label=com.docker.compose.project=$STACK" > /dev/null 2>&1 || true
}

# True for an image of this release or of the one that a rollback goes to.
is_kept() {
    local at variable
    for ((at = 0; at < ${#IMAGES[@]}; at += 5)); do
        variable=${IMAGES[at + 1]}
        if [[ $1 == "${IMAGES[at + 2]}:$(noted "$variable")" || $1 == "${IMAGES[at + 2]}:$(noted "PREVIOUS_$variable")" ]]; then return 0; fi
    done
    return 1
}

# The images of a release that did not come up stay for another try, until one does.
note_failed() {
    local at image
    for ((at = 0; at < ${#IMAGES[@]}; at += 5)); do
        image=$(image_of "${IMAGES[at]}")
        is_kept "$image" || printf '%s\n' "$image" >> "$STATE/failed"
    done
}

# Notes what runs now, and what ran before, for rollback and for scripts/compose.sh.
note_release() {
    local at variable now before moves='' is_new=''
    for ((at = 0; at < ${#IMAGES[@]}; at += 5)); do
        variable=${IMAGES[at + 1]}
        [[ $(noted "$variable") == "${!variable}" ]] || moves=1
        [[ $(noted "PROFILE_$variable") == "${IMAGES[at + 3]}" ]] || is_new=1
    done
    [[ -n $moves$is_new ]] || return 0
    for ((at = 0; at < ${#IMAGES[@]}; at += 5)); do
        variable=${IMAGES[at + 1]} now=$(noted "${IMAGES[at + 1]}") before=$(noted "PREVIOUS_${IMAGES[at + 1]}")
        # What the profile said is noted, too: without --tag a deployment follows it only when it says something new.
        printf '%s=%s\nPROFILE_%s=%s\n' "$variable" "${!variable}" "$variable" "${IMAGES[at + 3]}"
        if [[ -n $moves && -n $now ]]; then
            if [[ -n $before && $before != "$now" && $before != "${!variable}" ]]; then SUPERSEDED+=("${IMAGES[at + 2]}:$before"); fi
            before=$now
        fi
        [[ -z $before ]] || printf 'PREVIOUS_%s=%s\n' "$variable" "$before"
    done > "$STATE/release.new"
    mv -f "$STATE/release.new" "$STATE/release.env"
}

# Built where the source is, otherwise pulled if it is missing; --build and --pull choose. Nothing that runs is touched.
get_images() {
    local at image revision
    local -a build=()
    for ((at = 0; at < ${#IMAGES[@]}; at += 5)); do
        image=$(image_of "${IMAGES[at]}")
        if is_built "${IMAGES[at + 4]}"; then
            build+=("${IMAGES[at]}")
        elif [[ $HOW == pull ]] || ! has_image "$image"; then
            step "pulling $image"
            docker pull --quiet "$image" > /dev/null || fail "$image cannot be pulled: is the tag right, and this host logged in (docker login)?"
        fi
    done
    for ((at = 1; at < ${#OTHERS[@]}; at += 2)); do
        image=${OTHERS[at]}
        has_image "$image" || { step "pulling $image" && docker pull --quiet "$image" > /dev/null; } || fail "$image cannot be pulled: is this host online?"
    done
    if ((${#build[@]} > 0)); then
        step "building ${build[*]}"
        # Where this is a checkout, the image says of which commit.
        revision=$(git rev-parse --verify --quiet HEAD 2> /dev/null) || revision=''
        # Without attestations, which are new each time, the image of unchanged source is the same image.
        BUILDX_NO_DEFAULT_ATTESTATIONS=1 compose build --quiet ${revision:+--build-arg REVISION="$revision"} "${build[@]}" >&2 || fail 'the image cannot be built; what runs was not touched'
    fi
}

has_image() { docker image inspect --format "$ID" "$1" > /dev/null 2>&1; }

# True for an image whose source is in this folder, if it is to be built.
is_built() { [[ $1 != - && $HOW != pull && (-d $1 || $HOW == build) ]]; }

deploy() {
    check
    hook before_deploy || fail 'hooks/before_deploy failed: nothing was changed'
    get_images
    change
}

rollback() {
    [[ -z $TAG ]] || fail 'rollback goes to the release before, and takes no tag: to deploy another one, say --tag without rollback'
    check
    local at image
    for ((at = 0; at < ${#IMAGES[@]}; at += 5)); do
        image=$(image_of "${IMAGES[at]}")
        has_image "$image" || docker pull --quiet "$image" > /dev/null 2>&1 || fail "$image is not here any more: nothing was changed"
    done
    step 'the release job is not run: what it changed stays'
    change
}

PHASE=''
enter() { PHASE=$1; }

# Everything up to the new state, or back.
change() {
    trap 'finish $?' EXIT
    trap 'exit 1' INT TERM HUP
    trap '' PIPE
    enter begun
    # Status 2 says that nothing was changed: from here on it would not be true.
    (install_secrets) || give_up 'the secrets were not installed'
    note_sources || give_up 'a file that containers mount cannot be read'
    survey
    if [[ -z $CHANGED$STALE_STORES$STALE_RELEASES$ORPHANS ]] && ! edge_is_stale && ! acme_is_stale; then
        note_release
        step 'nothing has changed'
        verify || give_up 'what runs does not answer as it should'
    else
        # Before anything that holds data changes; the first time there is nothing yet.
        if [[ -n $STALE_STORES$CHANGED$STALE_RELEASES && -n $(docker ps --quiet --filter "label=com.docker.compose.project=$STACK") ]]; then
            hook backup || give_up 'hooks/backup failed'
        fi
        start_stores
        if [[ $ACTION == deploy && -n $CHANGED$STALE_RELEASES ]]; then run_releases; fi
        roll_out
        remove_orphans
    fi
    if [[ ! -x scripts/timers.sh ]]; then
        :
    elif [[ -d /run/systemd/system ]]; then
        scripts/timers.sh install >&2 || warn 'the timers of the cron services were not installed: scripts/timers.sh install'
    else
        step 'this host has no systemd for the cron services: scripts/timers.sh install prints lines for a crontab'
    fi
    # So that there is a way back for what is replaced where it is.
    rm -rf "$STATE/secrets.before" "$STATE/secrets.env.before"
    cp "$STACK_FILE" "$STATE/stack.new" && mv -f "$STATE/stack.new" "$STATE/stack.yml"
    enter finished
    remove_superseded
    status
    tell_release
}

# The last line: what is there now.
tell_release() {
    local at what=deployed now=''
    for ((at = 0; at < ${#IMAGES[@]}; at += 5)); do now+=" ${IMAGES[at]} $(noted "${IMAGES[at + 1]}"),"; done
    [[ $ACTION != rollback ]] || what='rolled back'
    step "$what:${now%,}"
}

install_secrets() {
    [[ -x scripts/install_secrets.sh ]] || return 0
    scripts/install_secrets.sh --quiet
}

# What containers are labelled with, so that Compose sees a change of the files that they mount: they keep those that they started with.
note_sources() {
    local at count digest
    : > "$STATE/sources.new"
    for ((at = 0; at < ${#SOURCES[@]}; at += 2 + count)); do
        count=${SOURCES[at + 1]}
        digest=$(sha256sum -- "${SOURCES[@]:at + 2:count}" | sha256sum) || return 1
        printf '%s=%s\n' "${SOURCES[at]}" "${digest:0:16}" >> "$STATE/sources.new"
    done
    mv -f "$STATE/sources.new" "$STATE/sources.env"
}

# What runs: name, image, state.
status() {
    command -v docker > /dev/null || fail 'docker is needed: install Docker Engine with Compose v2'
    local name image state lines
    name=$(project) || exit 2
    lines=$(docker ps --all --filter "label=com.docker.compose.project=$name" --format "$LISTED" | sort) || fail 'the engine does not answer: see docker info'
    [[ -n $lines ]] || { step "nothing of $PROJECT runs here"; return 0; }
    while IFS=$'\t' read -r name image state; do printf '%-32s %-48s %s\n' "$name" "$image" "$state"; done <<< "$lines"
}

# Compose's name for all of this.
project() {
    local line
    # All of it is read: a reader that goes early would stop Compose.
    line=$(compose config 2> /dev/null | grep '^name: ') || fail "Compose cannot read $STACK_FILE: scripts/compose.sh config says why"
    printf '%s' "${line#name: }"
}

# Says why, and leaves the old release as it is.
give_up() {
    printf 'error: %s\n' "$1" >&2
    exit 1
}

warn() { printf 'warning: %s\n' "$*" >&2; }

# At the end, however it comes.
finish() {
    trap '' EXIT INT TERM HUP
    set +e
    case $PHASE in
        finished) ;;
        decided) printf 'error: interrupted behind the switch; the new release runs, and the same command again tidies up\n' >&2 ;;
        *)
            undo
            note_failed
            if [[ ! -f $STATE/release.env ]]; then
                printf 'error: not deployed: nothing was deployed before\n' >&2
            elif verify > /dev/null; then
                printf 'error: not deployed: what ran before goes on\n' >&2
            else
                printf 'error: not deployed, and what ran before does not answer as it should: %s docker status says what runs\n' "$SCRIPT" >&2
            fi
            ;;
    esac
    if [[ $PHASE == finished ]]; then hook notify "$ACTION" 'done'; else hook notify "$ACTION" failed; fi
    # Whatever it was: 2 would say that nothing was changed.
    (($1 == 0)) || exit 1
}
