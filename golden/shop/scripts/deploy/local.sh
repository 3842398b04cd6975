# Made by infragen. Change the profile `shop`, then run: infragen render shop
# shellcheck shell=bash
#
# Deploys on this host without containers: a copy of the code, a Python environment, and a unit of systemd for each service, which start it with
# scripts/start_prod.sh. Backing services and the proxy are not a part of it. Each release has a folder of its own, so that it can be gone back to.

START=scripts/start_prod.sh
# Name, the service whose code it runs, what it is (service, release, cron), where it answers, path, seconds until it has to.
unit() {
    UNITS_OF+=("$1") OWNER[$1]=$2 KIND_OF[$1]=$3 ADDRESS_OF[$1]=$4 PATH_OF[$1]=$5 WITHIN[$1]=$6
}
declare -A OWNER=() KIND_OF=() ADDRESS_OF=() PATH_OF=() WITHIN=() LINES_OF=() TIMES=()
UNITS_OF=()
unit migrate web release '' '' 90
LINES_OF[migrate]=$(printf '%s\n' TimeoutStopSec=10 MemoryMax=268435456 CPUQuota=50% TasksMax=256 TimeoutStartSec=1800)
unit web web service 127.0.0.1:8000 /api/v1/monitoring/health 90
LINES_OF[web]=$(printf '%s\n' TimeoutStopSec=40 MemoryMax=1073741824 CPUQuota=200% TasksMax=256)
unit index web service '' '' 120
LINES_OF[index]=$(printf '%s\n' TimeoutStopSec=60 MemoryMax=268435456 CPUQuota=50% TasksMax=256)
unit prune web cron '' '' 90
LINES_OF[prune]=$(printf '%s\n' TimeoutStopSec=10 MemoryMax=268435456 CPUQuota=50% TasksMax=256 TimeoutStartSec=86400)
TIMES[prune]=$(printf 'OnCalendar=%s\n' '*-*-* 03:30:00 UTC')
# The code of these services is built here.
OWNERS=(web)
# Where the code is, and what is made of it.
code_of() {
    case $1 in
        web)
            CONTEXT=../../examples/fastapi PYTHON_VERSION=3.12 MANAGER=pip
            PATHS=(src static requirements.txt) FILES=(requirements.txt)
            BUILD_ARGS=() BUILD_SECRETS=()
            ;;
    esac
}

# Said by the scripts that source this, and by what they source.
: "${ACTION-}" "${ENVIRONMENT-}" "${ENV_FILE-}" "${NAMES-}" "${PROJECT-}" "${VALUES-}"

PREFIX=$PROJECT-$ENVIRONMENT
BASE=/var/lib/$PREFIX
UNITS=/etc/systemd/system
MARK="# Made by $START of $PROJECT, $ENVIRONMENT."
VENV='' ACCOUNT='' STARTED_WITH=()

option() {
    [[ -n $2 ]] || return 1
    case $1 in
        --host) STARTED_WITH+=(--host "$2") ;;
        --venv)
            [[ $2 =~ ^/[A-Za-z0-9/._+-]+$ && ! $2 =~ ^/(home|root|run/user)/ && -x $2/bin/python ]] ||
                fail "--venv takes the whole path of a Python environment, outside of home folders, which units do not see"
            VENV=$2
            ;;
        --user)
            id "$2" > /dev/null 2>&1 || fail "there is no user $2"
            ACCOUNT=$2
            ;;
        *) return 1 ;;
    esac
}

need() { command -v "$1" > /dev/null || fail "$1 is needed: $2"; }

look_around() {
    local name file
    ((EUID == 0)) || fail 'units of the system need root: run this with sudo'
    need systemctl 'this mode is for hosts with systemd; docker is the other one'
    systemctl show --property=Version > /dev/null 2>&1 || fail 'systemd does not answer: this mode is for hosts that it runs'
    name=$(systemctl show --property=Version --value)
    [[ ! $name =~ ^[0-9]+ ]] || ((BASH_REMATCH[0] >= 240)) || fail "systemd is too old for these units ($name): 240 is the first that takes them"
    for name in flock setpriv tar sha256sum; do need "$name" 'install util-linux, tar and coreutils'; done
    for name in "${UNITS_OF[@]/#/$UNITS/$PREFIX-}"; do
        for file in "$name.service" "$name.timer"; do
            [[ ! -e $file ]] || is_ours "$file" || fail "$file was not made by this script: remove it first (timers of the mode docker: scripts/timers.sh remove)"
        done
    done
    for name in "${UNITS_OF[@]}"; do
        # Its answers would be taken for ours.
        if [[ ${KIND_OF[$name]} == service && -n ${ADDRESS_OF[$name]} ]] && ! systemctl is-active --quiet "$PREFIX-$name.service" && listens "${ADDRESS_OF[$name]}"; then
            fail "something else listens on ${ADDRESS_OF[$name]}, the port of $name: stop it first"
        fi
    done
    [[ $PWD != *[[:cntrl:]\\\"]* ]] || fail "systemd cannot be told of this folder: give it another name"
    (umask 022 && mkdir -p "$BASE") || fail "$BASE cannot be made"
    # Another checkout of the same project may deploy, too.
    exec 7> "$BASE/lock" || fail "$BASE/lock cannot be written"
    flock --nonblock 7 || fail "another deployment of $PROJECT, $ENVIRONMENT is running on this host"
}

# Room for one more copy of the code and of what it needs: as much as those that are there, and some more.
check_disk() {
    local free needed used
    used=$(du -sm "$BASE"/venvs/* "$BASE"/releases/* 2> /dev/null | sort -n | tail -n 1 | cut -f 1) || used=0
    needed=$((512 + 2 * ${used:-0})) free=$(free_mib "$BASE")
    ((free >= needed)) || fail "$BASE has $free MiB left, and $needed are needed for the code and its packages"
}

is_ours() { [[ -f $1 && $(head -n 1 "$1") == "$MARK" ]]; }

# The code of one service, as it is here or at a tag of git, into the folder $2.
copy_code() {
    local path
    code_of "$1"
    [[ -d $CONTEXT ]] || fail "there is no folder $CONTEXT with the code of $1"
    mkdir -p "$2"
    if [[ -n $TAG ]]; then
        need git 'it knows the tag'
        git -C "$CONTEXT" rev-parse --quiet --verify "$TAG^{commit}" > /dev/null || fail "--tag takes a tag of git in this mode, and $TAG is none: git tag lists them"
        git -C "$CONTEXT" archive "$TAG" -- "${PATHS[@]}" | tar -x -C "$2" || fail "the code of $1 at $TAG lacks one of: ${PATHS[*]}"
    else
        for path in "${PATHS[@]}"; do [[ -e $CONTEXT/$path ]] || fail "$CONTEXT/$path is missing"; done
        tar -c -C "$CONTEXT" --exclude-vcs --exclude=.venv --exclude=__pycache__ --exclude='.env*' --exclude=secrets --exclude=.deploy -- "${PATHS[@]}" | tar -x --no-same-owner -C "$2"
    fi
}

# What installs the dependencies, in the folder with the code: the environment of the build, as in the image.
install_packages() {
    local folder=$1 name at
    export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
    for name in ${BUILD_ARGS[@]+"${BUILD_ARGS[@]}"}; do export "${name?}"; done
    if ((${#BUILD_SECRETS[@]} > 0)); then
        read_env "$ENV_FILE"
        for ((at = 0; at < ${#NAMES[@]}; at++)); do
            if [[ " ${BUILD_SECRETS[*]} " == *" ${NAMES[at]} "* ]]; then export "${NAMES[at]}=${VALUES[at]}"; fi
        done
    fi
    case $MANAGER in
        pip) "python$PYTHON_VERSION" -m venv "$folder" && "$folder/bin/pip" install --quiet --requirement requirements.txt ;;
        uv) UV_PROJECT_ENVIRONMENT=$folder UV_PYTHON=$PYTHON_VERSION UV_LINK_MODE=copy uv sync --quiet --locked --no-install-project --no-dev ;;
        poetry) "python$PYTHON_VERSION" -m venv "$folder" && VIRTUAL_ENV=$folder poetry install --quiet --no-root --no-interaction --only main ;;
    esac
}

# The Python environment for the code in $1, into RESULT: one for each list of dependencies, made once.
environment_for() {
    local folder
    if [[ -n $VENV ]]; then RESULT=$VENV; return; fi
    [[ $MANAGER == uv ]] || need "python$PYTHON_VERSION" "install Python $PYTHON_VERSION, or name an environment with --venv"
    [[ $MANAGER == pip ]] || need "$MANAGER" "install $MANAGER, or name an environment with --venv"
    folder=$BASE/venvs/$( (cd "$1" && echo "$MANAGER $PYTHON_VERSION" && cat "${FILES[@]}") | sha256sum | cut -c 1-16)
    RESULT=$folder
    [[ ! -e $folder/.complete ]] || return 0
    step "installing dependencies into $folder"
    rm -rf "$folder"
    (umask 022 && mkdir -p "$BASE/venvs" && cd "$1" && install_packages "$folder" >&2) || { rm -rf "$folder"; fail 'the dependencies cannot be installed; what runs was not touched'; }
    touch "$folder/.complete"
}

# Can the account of the units run this Python? None: any that is not root's.
check_account() {
    local ids=(--reuid=65534 --regid=65534 --clear-groups)
    if [[ -n $ACCOUNT ]]; then ids=(--reuid="$(id -u "$ACCOUNT")" --regid="$(id -g "$ACCOUNT")" --clear-groups); fi
    setpriv "${ids[@]}" "$1/bin/python" -I -c '' > /dev/null 2>&1 || fail "the account of the units cannot run $1/bin/python: install Python where everybody may read it (not below /root)"
}

# A service of systemd with what its container gets, and no more.
service_of() {
    local name=$1 release=$2 venv=$3 word
    printf '%s\n' "$MARK" '[Unit]' "Description=$PROJECT, $ENVIRONMENT: $name" Wants=network-online.target After=network-online.target
    printf '%s\n' '' '[Service]'
    if [[ ${KIND_OF[$name]} == service ]]; then printf '%s\n' Type=exec Restart=always RestartSec=1; else printf '%s\n' Type=oneshot; fi
    # As root: the unit's user gets a copy of the env file, in memory, which goes as soon as it is read. That user keeps what the service reads.
    word=${PWD//'%'/'%%'} word=${word//'$'/'$$'}
    printf 'ExecStartPre=+/bin/sh -c %s %s "%s/%s"\n' "'install -m 0400 \"\$\$1\" \"\$\$0/env\" && chown --reference=\"\$\$0\" \"\$\$0/env\"'" "\${RUNTIME_DIRECTORY}" "$word" "$ENV_FILE"
    printf 'ExecStart=/bin/bash %s/%s %s --unit --context %s/app/%s --venv %s --env-file %s/env' \
        "$release" "$START" "$name" "$release" "${OWNER[$name]}" "$venv" "\${RUNTIME_DIRECTORY}"
    for word in ${STARTED_WITH[@]+"${STARTED_WITH[@]}"}; do printf ' %s' "$word"; done
    printf '\n'
    printf '%s\n' "RuntimeDirectory=$PREFIX-$name" RuntimeDirectoryMode=0700 KillMode=mixed UMask=0027
    if [[ -n $ACCOUNT ]]; then printf 'User=%s\n' "$ACCOUNT"; else printf '%s\n' DynamicUser=yes; fi
    printf '%s\n' "${LINES_OF[$name]}"
    printf '%s\n' NoNewPrivileges=yes ProtectSystem=strict ProtectHome=yes PrivateTmp=yes PrivateDevices=yes ProtectProc=invisible ProtectClock=yes ProtectHostname=yes \
        ProtectKernelTunables=yes ProtectKernelModules=yes ProtectKernelLogs=yes ProtectControlGroups=yes 'RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX' \
        RestrictNamespaces=yes RestrictRealtime=yes RestrictSUIDSGID=yes LockPersonality=yes RemoveIPC=yes CapabilityBoundingSet= AmbientCapabilities= \
        SystemCallArchitectures=native SystemCallFilter=@system-service
    if [[ ${KIND_OF[$name]} == service ]]; then printf '%s\n' '' '[Install]' WantedBy=multi-user.target; fi
}

timer_of() {
    printf '%s\n' "$MARK" '[Unit]' "Description=$PROJECT, $ENVIRONMENT: $1" '' '[Timer]' "${TIMES[$1]}" AccuracySec=1s Persistent=true '' '[Install]' WantedBy=timers.target
}

# Everything of a release, in a folder that gets its name when it is complete.
make_release() {
    local new=$BASE/releases/.new owner name
    local -A venv=()
    (umask 022 && mkdir -p "$BASE/releases")
    rm -rf "$new"
    umask 022
    mkdir -p "$new/scripts" "$new/units"
    for owner in "${OWNERS[@]}"; do
        step "copying the code of $owner${TAG:+ at $TAG}"
        copy_code "$owner" "$new/app/$owner"
        environment_for "$new/app/$owner"
        venv[$owner]=$RESULT
        check_account "$RESULT"
    done
    cp "$START" scripts/lib.sh "$new/scripts/"
    [[ ! -e scripts/ask_stores.py ]] || cp scripts/ask_stores.py "$new/scripts/"
    for name in "${UNITS_OF[@]}"; do
        service_of "$name" "$RELEASE" "${venv[${OWNER[$name]}]}" > "$new/units/$PREFIX-$name.service"
        if [[ ${KIND_OF[$name]} == cron ]]; then timer_of "$name" > "$new/units/$PREFIX-$name.timer"; fi
    done
    chmod -R a+rX "$new"
    for name in "${UNITS_OF[@]}"; do
        "$START" "$name" --check --yes --venv "${venv[${OWNER[$name]}]}" --context "$new/app/${OWNER[$name]}" ${STARTED_WITH[@]+"${STARTED_WITH[@]}"} ||
            { rm -rf "$new"; fail "$name cannot be started here; what runs was not touched"; }
    done
    if command -v systemd-analyze > /dev/null; then
        name=$(systemd-analyze verify --man=no "$new/units"/*.service 2>&1 | grep -F "$PREFIX-" | grep -v 'is not executable\|No such file' || true)
        [[ -z $name ]] || { rm -rf "$new"; fail "systemd would not take the units: $name"; }
    fi
    mv "$new" "$RELEASE"
    umask 077
}

# The units of the release $1 in the place of those that are there.
put_units() {
    local file
    for file in "$1"/units/*; do
        install -m 0644 "$file" "$UNITS/.${file##*/}.new" || return 1
        mv -f "$UNITS/.${file##*/}.new" "$UNITS/${file##*/}" || return 1
    done
    for file in "$UNITS/$PREFIX"-*.timer "$UNITS/$PREFIX"-*.service; do
        if is_ours "$file" && [[ ! -e $1/units/${file##*/} ]]; then
            systemctl disable --quiet --now "${file##*/}" 2> /dev/null || true
            rm -f "$file"
        fi
    done
    systemctl daemon-reload
}

# Starts what lives, and the timers.
start_units() {
    local file name failed=0
    for file in "$1"/units/*; do
        name=${file##*/}
        if ! grep -q '^\[Install\]' "$file"; then continue; fi
        systemctl enable --quiet "$name" || failed=1
        systemctl restart "$name" || failed=1
    done
    return "$failed"
}

# True if somebody takes connections there.
listens() {
    local at=${1%:*}
    at=${at#\[}
    # shellcheck disable=SC2016
    timeout 5 bash -c 'exec 3<> "/dev/tcp/$0/$1"' "${at%\]}" "${1##*:}" 2> /dev/null
}

# One request: the answer's status is 2xx.
answers() {
    local at=${1%:*} status
    at=${at#\[}
    # shellcheck disable=SC2016
    status=$(timeout 5 bash -c 'exec 3<> "/dev/tcp/$0/$1" && printf "GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n" "$2" >&3 && head -n 1 <&3' "${at%\]}" "${1##*:}" "$2" 2> /dev/null) || return 1
    [[ $status == 'HTTP/1.'[01]' 2'* ]]
}

# True when a service works: it answers, or, where nobody can ask, it has gone on for some seconds.
works() {
    local name=$1 unit=$PREFIX-$1.service end=$((SECONDS + WITHIN[$1])) since=$SECONDS state
    while ((SECONDS < end)); do
        state=$(systemctl is-active "$unit" || true)
        # It ended, and was started again: no reason to wait for the end.
        if [[ $state == failed || $(systemctl show --property=NRestarts --value "$unit") != 0 ]]; then break; fi
        if [[ $state == active ]]; then
            if [[ -z ${ADDRESS_OF[$name]} ]]; then
                if ((SECONDS - since >= 5)); then return 0; fi
            elif answers "${ADDRESS_OF[$name]}" "${PATH_OF[$name]}"; then
                return 0
            fi
        fi
        sleep 0.5
    done
    printf 'error: %s does not work: journalctl --unit %s says why\n' "$name" "$unit" >&2
    return 1
}

all_work() {
    local name
    for name in "${UNITS_OF[@]}"; do
        [[ ${KIND_OF[$name]} != service ]] || works "$name" || return 1
    done
}

RESTARTED=''
go_to() { RESTARTED=1; put_units "$1" && start_units "$1" && all_work; }

# Back to the release that ran, if there was one.
go_back() {
    local file
    trap '' INT TERM HUP
    if [[ -n $BEFORE ]]; then
        step "going back to ${BEFORE##*/}"
        # Where nothing was started anew, the services of the release before go on as they are.
        point current "$BEFORE" || true
        if [[ -z $RESTARTED ]]; then put_units "$BEFORE"; else go_to "$BEFORE"; fi || printf 'error: the release before does not work either\n' >&2
    else
        for file in "$UNITS/$PREFIX"-*.timer "$UNITS/$PREFIX"-*.service; do
            if is_ours "$file"; then
                systemctl disable --quiet --now "${file##*/}" 2> /dev/null || true
                rm -f "$file"
            fi
        done
        systemctl daemon-reload
        rm -f "$BASE/current"
        step 'there was no release before: nothing runs'
    fi
    rm -rf "$RELEASE"
    hook notify "$ACTION" failed || true
    exit 1
}

point() { ln -s -n -f "$2" "$BASE/$1.new" && mv -T -f "$BASE/$1.new" "$BASE/$1"; }

release_named() { readlink "$BASE/$1" 2> /dev/null || true; }

deploy() {
    local name old
    look_around
    check_disk
    RELEASE=$BASE/releases/$(date -u +%Y%m%d-%H%M%S)${TAG:+-$TAG}
    BEFORE=$(release_named current)
    make_release
    confirm "Deploy ${RELEASE##*/} of $PROJECT, $ENVIRONMENT on this host, in the place of ${BEFORE:-nothing}?"
    hook before_deploy || { rm -rf "$RELEASE"; fail 'hooks/before_deploy says no: nothing was changed'; }
    hook backup || { rm -rf "$RELEASE"; fail 'hooks/backup failed: nothing was changed'; }
    # From here on, whatever stops this script puts the earlier release back.
    trap go_back INT TERM HUP
    put_units "$RELEASE" || go_back
    for name in "${UNITS_OF[@]}"; do
        if [[ ${KIND_OF[$name]} == release ]]; then
            step "running $name"
            systemctl start "$PREFIX-$name.service" || { printf 'error: %s failed: journalctl --unit %s says why\n' "$name" "$PREFIX-$name.service" >&2; go_back; }
        fi
    done
    step 'starting the services: for some seconds nobody answers'
    RESTARTED=1
    if ! start_units "$RELEASE" || ! all_work; then go_back; fi
    hook test || { printf 'error: hooks/test failed\n' >&2; go_back; }
    if ! point current "$RELEASE" || { [[ -n $BEFORE ]] && ! point previous "$BEFORE"; }; then
        printf 'error: %s cannot be told which release runs\n' "$BASE" >&2
        go_back
    fi
    trap - INT TERM HUP
    for old in "$BASE"/releases/*; do
        [[ $old == "$RELEASE" || $old == "$BEFORE" ]] || rm -rf "$old"
    done
    for old in "$BASE"/venvs/*; do
        grep -q -r -F -- "--venv $old " "$BASE"/releases/*/units || rm -rf "$old"
    done
    step "${RELEASE##*/} runs"
    hook notify "$ACTION" 'done' || true
}

rollback() {
    local previous now
    [[ -z $TAG ]] || fail 'rollback goes to the release before, and takes no tag: to deploy another one, say --tag without rollback'
    look_around
    previous=$(release_named previous) now=$(release_named current)
    [[ -n $previous && -d $previous ]] || fail 'there is no release before this one'
    confirm "Go back from ${now##*/} to ${previous##*/}?"
    RELEASE='' BEFORE=$now
    if ! go_to "$previous" || ! point current "$previous" || ! point previous "$now"; then go_back; fi
    step "${previous##*/} runs"
    hook notify "$ACTION" 'done' || true
}

status() {
    local name state failed=0
    need systemctl 'this mode is for hosts with systemd'
    state=$(release_named current)
    state=${state##*/}
    printf 'release %s\n' "${state:-none}"
    for name in "${UNITS_OF[@]}"; do
        [[ ${KIND_OF[$name]} == service ]] || continue
        state=$(systemctl is-active "$PREFIX-$name.service" || true)
        if [[ -n ${ADDRESS_OF[$name]} ]]; then
            if answers "${ADDRESS_OF[$name]}" "${PATH_OF[$name]}"; then state+=", answers at ${ADDRESS_OF[$name]}"; else state+=", does not answer at ${ADDRESS_OF[$name]}" failed=1; fi
        elif [[ $state != active ]]; then
            failed=1
        fi
        printf '%s: %s\n' "$name" "$state"
    done
    return "$failed"
}
