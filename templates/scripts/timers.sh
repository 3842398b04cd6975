#!/usr/bin/env bash
# {{ made_by | comment }}
#
# Timers of this host for the services that run by a schedule: one timer and one service of systemd for each of them. Times are UTC.
#   scripts/timers.sh install [--dry-run]   makes what is missing, changes what differs, removes what is gone
#   scripts/timers.sh remove [--dry-run]    removes all of them
#   scripts/timers.sh list                  when each runs next, and ran last
#   scripts/timers.sh run NAME              runs one now, as its timer does; never while it runs already
# As root: for the system. As anybody else: in the user's own systemd. Output goes to the journal, failures show in systemctl --failed.
# Exit status: 0 done, 2 nothing was changed; of run: what the job says.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source-path=SCRIPTDIR source=lib.sh
. scripts/lib.sh
umask 077

PROJECT={{ project }} ENVIRONMENT={{ environment }}
declare -A SCHEDULE=() GRACE=() DEADLINE=() CALENDAR=()
ORDER=()

# Name, schedule as in the profile, seconds that it gets to end, seconds that a run may take, its times in the words of systemd.
job() {
    ORDER+=("$1") SCHEDULE[$1]=$2 GRACE[$1]=$3 DEADLINE[$1]=$4
    local name=$1
    shift 4
    CALENDAR[$name]=$(printf 'OnCalendar=%s\n' "$@")
}
{% for job in jobs %}
job {{ job.name }} {{ job.schedule }} {{ job.grace }} {{ job.deadline }}{% for line in job.calendar %} {{ line }}{% endfor %}
{%- endfor %}
{% raw %}
PREFIX=$PROJECT-$ENVIRONMENT
MARK="# Made by scripts/timers.sh of $PROJECT, $ENVIRONMENT."
DRY=''

# In a unit, % starts a specifier. What else could be taken for something is refused.
folder() {
    [[ $PWD != *[[:cntrl:]\\]* && $PWD != *' ' ]] || fail "systemd cannot be told of the folder $(printf %q "$PWD"): give it another name"
    FOLDER=${PWD//'%'/'%%'}
}

service_of() {
    printf '%s\n' "$MARK" '[Unit]' "Description=$PROJECT, $ENVIRONMENT: $1" Wants=docker.service After=docker.service '[Service]' Type=oneshot "WorkingDirectory=$FOLDER" \
        "ExecStart=$BASH scripts/timers.sh run $1" "SyslogIdentifier=$PREFIX-$1"
    # The script stops the container; it is killed itself only if that fails.
    printf '%s\n' KillMode=mixed "TimeoutStartSec=${DEADLINE[$1]}" "TimeoutStopSec=$((GRACE[$1] + 30))"
}

timer_of() {
    printf '%s\n' "$MARK" '[Unit]' "Description=$PROJECT, $ENVIRONMENT: $1, at \"${SCHEDULE[$1]}\" (UTC)" '[Timer]' "${CALENDAR[$1]}" \
        AccuracySec=1s Persistent=true '[Install]' WantedBy=timers.target
}

# What a crontab would say. There % is a new line, and jobs may start at the host's own time.
crontab_lines() {
    local name command
    for name in "${ORDER[@]}"; do
        printf -v command 'cd %q && scripts/timers.sh run %s' "$PWD" "$name"
        printf '%s %s\n' "${SCHEDULE[$name]}" "${command//'%'/'\%'}"
    done
}

control() { systemctl ${SCOPE:+"$SCOPE"} "$@"; }

# Where units are, and whether there is a systemd that takes them.
find_systemd() {
    SCOPE='' UNITS=/etc/systemd/system
    if ((EUID != 0)); then SCOPE=--user UNITS=${XDG_CONFIG_HOME:-${HOME:?}/.config}/systemd/user; fi
    if ! command -v systemctl > /dev/null || ! control show --property=Version > /dev/null 2>&1; then
        printf '%s\n' "error: systemd${SCOPE:+ of this user} does not answer here. The lines for a crontab (times are UTC; this host has $(date +%Z)):" >&2
        crontab_lines >&2
        exit 2
    fi
}

is_ours() { [[ -f $1 && $(head -n 1 "$1") == "$MARK" ]]; }

say() { step "${DRY:+would }$*"; }

# Writes a unit if it differs: file, text.
put() {
    if [[ -e $1 ]]; then
        [[ $(< "$1") != "$2" ]] || return 0
        say "change ${1##*/}"
    else
        say "make ${1##*/}"
    fi
    CHANGED=1
    [[ -z $DRY ]] || return 0
    printf '%s\n' "$2" > "$1.new"
    chmod 0644 "$1.new"
    mv -f "$1.new" "$1"
}

# Removes the units of one job, by the path of its timer or of what is left of it.
drop() {
    local unit=${1%.*}
    say "remove ${unit##*/}"
    CHANGED=1
    [[ -z $DRY ]] || return 0
    control disable --quiet --now "${unit##*/}.timer" 2> /dev/null || true
    rm -f "$unit.timer" "$unit.service"
}

# Units of ours whose job is none of the arguments.
drop_others() {
    local file name
    for file in "$UNITS/$PREFIX"-*.timer "$UNITS/$PREFIX"-*.service; do
        name=${file##*/"$PREFIX"-}
        if is_ours "$file" && [[ " $* " != *" ${name%.*} "* ]]; then drop "$file"; fi
    done
}

reload() {
    [[ -n $CHANGED && -z $DRY ]] || return 0
    control daemon-reload || fail 'systemd did not take the units: see systemctl status'
}

install_timers() {
    local name timer linger other
    folder
    # The system's and a user's own would both run the jobs.
    other=/etc/systemd/system
    if ((EUID == 0)); then other=$(getent passwd "${SUDO_USER:-root}" | cut -d : -f 6)/.config/systemd/user; fi
    for timer in "$other/$PREFIX"-*.timer; do
        if is_ours "$timer"; then fail "$timer runs ${timer##*/} already, for $(stat -c %U "$timer"): let that user remove the timers first (scripts/timers.sh remove)"; fi
    done
    # A folder for units is there for everybody to read.
    [[ -n $DRY ]] || (umask 022 && mkdir -p "$UNITS") || fail "$UNITS cannot be made"
    # Before anything is written: is one of the names taken?
    for name in "${ORDER[@]}"; do
        for timer in "$UNITS/$PREFIX-$name".{service,timer}; do
            [[ ! -e $timer ]] || is_ours "$timer" || fail "$timer was not made by this script: remove it, or rename it"
        done
    done
    for name in "${ORDER[@]}"; do
        put "$UNITS/$PREFIX-$name.service" "$(service_of "$name")"
        put "$UNITS/$PREFIX-$name.timer" "$(timer_of "$name")"
    done
    drop_others "${ORDER[@]}"
    # A run that was interrupted has written what systemd has not read yet.
    for name in "${ORDER[@]}"; do
        if [[ -z $CHANGED && $(control show --property=NeedDaemonReload --value "$PREFIX-$name.timer" "$PREFIX-$name.service") == *yes* ]]; then CHANGED=1; fi
    done
    reload
    for name in "${ORDER[@]}"; do
        timer=$PREFIX-$name.timer
        if control is-enabled --quiet "$timer" 2> /dev/null && control is-active --quiet "$timer"; then continue; fi
        say "start $timer"
        CHANGED=1
        [[ -n $DRY ]] || control enable --quiet --now "$timer" || fail "$timer does not start: see systemctl ${SCOPE:+$SCOPE }status $timer"
    done
    if [[ -z $CHANGED ]]; then step "the ${#ORDER[@]} timers are there already: nothing was changed"; fi
    [[ -n $SCOPE ]] || return 0
    linger=$(loginctl show-user "$(id -un)" --property=Linger --value 2> /dev/null || true)
    [[ $linger == yes ]] || step "they run only while you are logged in, until somebody says: sudo loginctl enable-linger $(id -un)"
}

remove_timers() {
    drop_others
    reload
    if [[ -z $CHANGED ]]; then step 'there are none: nothing was changed'; fi
}

# Through Compose, in a container of a fixed name.
run_job() {
    local name=$1 container=$PREFIX-$1 child status=0
    command -v flock > /dev/null || fail 'flock is needed, so that a job never runs twice at once: install util-linux'
    command -v docker > /dev/null || fail 'docker is needed: install Docker Engine with Compose v2'
    mkdir -p .deploy || fail "$PWD/.deploy cannot be made: run this as somebody who may write here"
    exec 8> ".deploy/job-$name.lock" || fail "$PWD/.deploy/job-$name.lock cannot be written"
    flock --nonblock 8 || fail "$name is running already"
    [[ -z $(docker ps --quiet --filter "name=^/$container\$") ]] || fail "$name is running already, in the container $container"
    # What a host left that went down.
    if [[ -n $(docker ps --all --quiet --filter "name=^/$container\$") ]]; then
        docker rm --force "$container" > /dev/null || fail "the container $container of an earlier run cannot be removed"
    fi
    # What it depends on has to run: a job does not start or change it.
    scripts/compose.sh run --rm --no-deps --no-TTY --name "$container" "$name" < /dev/null &
    child=$!
    local interrupted=1
    trap 'interrupted=1; docker stop --time "${GRACE[$name]}" "$container" > /dev/null 2>&1 || kill -TERM "$child" 2> /dev/null || true' INT TERM HUP
    # A signal ends a wait; what the job says is known when a wait has come to its end.
    while [[ -n $interrupted ]]; do
        interrupted='' status=0
        wait "$child" || status=$?
    done
    ((status == 0)) || printf 'error: %s ended with status %s\n' "$name" "$status" >&2
    exit "$status"
}

ACTION=${1:-} CHANGED=''
case $ACTION in
    -h | --help) sed -n '4,/^set /{/^set /d; s/^# \{0,1\}//; p;}' "$0"; exit 0 ;;
    run)
        [[ -n ${2:-} && -n ${SCHEDULE[$2]:-} ]] || fail "run takes one of: ${ORDER[*]}"
        run_job "$2"
        ;;
    install | remove)
        case ${2:-} in
            --dry-run) DRY=1 ;;
            ?*) fail "$2 is no option of $ACTION; see --help" ;;
        esac
        find_systemd
        "${ACTION}_timers"
        ;;
    list)
        find_systemd
        control list-timers --all --no-pager "$PREFIX-*.timer"
        ;;
    *) fail 'say install, remove, list or run NAME; see --help' ;;
esac
{%- endraw %}
