#!/usr/bin/env bash
# {{ made_by | comment }}
#
# Starts a service on this host without a container, in the foreground, with the settings that its container gets.
#   {{ script | comment }} [SERVICE] [--check] [--yes] [--host NAME=ADDRESS:PORT]... [--venv DIR] [--context DIR] [--env-file FILE]
{%- if usual %}
# SERVICE is {{ usual | comment }} unless told; what it waits for runs first.
{%- else %}
# What a service waits for runs before it.
{%- endif %}
# --check looks at everything and starts nothing. --host says where a backing service is, seen from here: names of Compose mean nothing on a host.
# --venv names the Python environment (else the active one, else .venv beside the code), --context the folder with the code.
# Secrets become files in a folder in memory that only this user may open, and that goes when the application ends.
# Exit status: that of the application; 2 if it was not started.
set -euo pipefail
CALLER=$PWD
cd "$(dirname "$0")/.."
# shellcheck source-path=SCRIPTDIR source=lib.sh
. scripts/lib.sh
umask 077

PROJECT={{ project }} ENVIRONMENT={{ environment }} SCRIPT={{ script }}
FILE={{ env_file }}
SERVICE={{ usual }}
SERVICES=({% for service in services %}{% if not loop.first %} {% endif %}{{ service.name }}{% endfor %})
# Secrets that may be left out: they are empty then.
OPTIONAL=({% for name in optional %}{% if not loop.first %} {% endif %}{{ name }}{% endfor %})
{%- if compose_file %}
# What has a port of this host there.
COMPOSE_FILE={{ compose_file }} PUBLISHED=({% for name in published %}{% if not loop.first %} {% endif %}{{ name }}{% endfor %})
{%- endif %}

declare -A KIND=() HOST=() PORT=() TLS=() USER_OF=() DATABASE=() PASSWORD=() AT=() URL_OF=()
# Name, kind, host, port, whether connections are encrypted, user, database, variable of the password, where this host reaches it.
store() {
    KIND[$1]=$2 HOST[$1]=$3 PORT[$1]=$4 TLS[$1]=$5 USER_OF[$1]=${6#-} DATABASE[$1]=${7#-} PASSWORD[$1]=$8 AT[$1]=${9#-}
}
{%- for store in stores %}
store {{ store.name }} {{ store.kind }} {{ store.host }} {{ store.port }} {{ store.tls }} {{ store.user }} {{ store.database }} {{ store.password }} {{ store.here }}
{%- endfor %}
{%- for url in urls %}
URL_OF[{{ url.name }}]={{ url.store }}
{%- endfor %}

# The service: its code, what its Python needs, where it listens, what has to be there.
describe() {
    case $SERVICE in
{%- for service in services %}
        {{ service.name }})
            CONTEXT={{ service.context }} VERSION={{ service.python }} ADDRESS={{ service.address }}
            MODULES=({% for word in service.modules %}{% if not loop.first %} {% endif %}{{ word }}{% endfor %}) NEEDS=({% for word in service.stores %}{% if not loop.first %} {% endif %}{{ word }}{% endfor %}) AFTER=({% for word in service.after %}{% if not loop.first %} {% endif %}{{ word }}{% endfor %}) FOLDERS=({% for word in service.folders %}{% if not loop.first %} {% endif %}{{ word }}{% endfor %})
            INSTALL={{ service.install }}
            ;;
{%- endfor %}
    esac
}

# Its environment and its command.
settings() {
    case $SERVICE in
{%- for service in services %}
        {{ service.name }})
{%- for setting in service.settings %}
            {{ setting.how }} {{ setting.name }}{% for value in setting.values %} {{ value }}{% endfor %}
{%- endfor %}
{%- if service.gunicorn %}
            # As in the image, but for the proxies that it believes: on a host, those of this host.
            printf '%s\n' \
{%- if service.gunicorn.auto %}
                'import os' \
                'workers = int(os.environ.get("GUNICORN_WORKERS") or os.environ.get("WEB_CONCURRENCY") or max(2, min({{ service.gunicorn.workers }}, os.cpu_count() or 1)))' \
{%- else %}
                'workers = {{ service.gunicorn.workers }}' \
{%- endif %}
{%- if service.gunicorn.threads %}
                'worker_class = "gthread"' \
                'threads = {{ service.gunicorn.threads }}' \
{%- else %}
                'worker_class = "uvicorn_worker.UvicornWorker"' \
{%- endif %}
                "bind = \"$ADDRESS\"" \
                'timeout = {{ service.gunicorn.timeout }}' \
                'graceful_timeout = {{ service.gunicorn.graceful_timeout }}' \
                'keepalive = 75' \
                'worker_tmp_dir = "/dev/shm"' \
                'max_requests = 20000' \
                'max_requests_jitter = 2000' \
                'control_socket_disable = True' \
                > "$FOLDER/gunicorn.conf.py"
            COMMAND=(gunicorn {{ service.gunicorn.app }} --config "$FOLDER/gunicorn.conf.py")
{%- else %}
            COMMAND=({% for word in service.command %}{% if not loop.first %} {% endif %}{{ word }}{% endfor %})
{%- endif %}
            ;;
{%- endfor %}
    esac
}
{% raw %}
# What the env file says, into RESULT.
given() {
    [[ -z ${ALIVE[$1]:-} ]] || fail "$1 in $FILE has a \$ outside single quotes: put the value into single quotes"
    RESULT=${VALUE[$1]:-}
}

# The value of a secret, into RESULT. A connection string leads to where the backing service is, seen from here.
value_of() {
    local store=${URL_OF[$1]:-} rest credentials
    given "$1"
    [[ -n $RESULT || " ${OPTIONAL[*]-} " == *" $1 "* ]] || fail "$1 in $FILE has no value; scripts/validate_config.sh says what else is missing"
    # The check of the env file has seen that all signs in the password are encoded.
    if [[ -n $store && $RESULT == *://*@*/* ]]; then
        rest=${RESULT#*://}
        credentials=${rest%%/*}
        RESULT=${RESULT%%://*}://${credentials%@*}@${AT[$store]}/${rest#*/}
    fi
}

# Ways to make a variable: its name first.
# shellcheck disable=SC2317,SC2329
text() { PAIRS+=("$1=$2"); }
# shellcheck disable=SC2317,SC2329
parameter() { given "$2" && PAIRS+=("$1=${RESULT:-$3}"); }
# shellcheck disable=SC2317,SC2329
host() { local at=${AT[$2]%:*} && at=${at#\[} && PAIRS+=("$1=${at%\]}"); }
# shellcheck disable=SC2317,SC2329
port() { PAIRS+=("$1=${AT[$2]##*:}"); }
# Host and port, with the text before them and behind them.
# shellcheck disable=SC2317,SC2329
address() { PAIRS+=("$1=$3${AT[$2]}$4"); }
# shellcheck disable=SC2317,SC2329
secret() { value_of "$2" && PAIRS+=("$1=$RESULT"); }
# shellcheck disable=SC2317,SC2329
secret_file() {
    value_of "$2"
    # No newline behind it: some programs would take that for a part of the value.
    printf '%s' "$RESULT" > "$FOLDER/$2"
    chmod 0400 "$FOLDER/$2"
    PAIRS+=("$1_FILE=$FOLDER/$2")
}

# A path of the caller's.
path_of() { if [[ $1 == /* ]]; then RESULT=$1; else RESULT=$CALLER/$1; fi; }

read_values() {
    local at
    is_text "$FILE" || fail "$FILE holds bytes that are no text"
    read_env "$FILE"
    for ((at = 0; at < ${#NAMES[@]}; at++)); do
        [[ -z ${REASONS[at]} ]] || fail "$FILE:${LINES[at]}: Docker Compose cannot read this line: ${REASONS[at]}"
        VALUE[${NAMES[at]}]=${VALUES[at]} ALIVE[${NAMES[at]}]=''
        if has_dollar "$at"; then ALIVE[${NAMES[at]}]=1; fi
    done
}

find_python() {
    local found missing
    if [[ -z $VENV ]]; then VENV=${VIRTUAL_ENV:-}; fi
    if [[ -z $VENV ]]; then VENV=$CONTEXT/.venv; fi
    [[ -x $VENV/bin/python ]] || fail "there is no Python environment $VENV: --venv names another one; this makes it (in $PWD): $INSTALL"
    VENV=$(cd "$VENV" && pwd)
    PYTHON=$VENV/bin/python
    found=$("$PYTHON" -I -c 'import sys; print("%d.%d" % sys.version_info[:2])') || fail "$PYTHON does not run: make the environment anew: $INSTALL"
    [[ $found == "$VERSION" ]] || step "warning: this is Python $found, and the image has $VERSION"
    missing=$("$PYTHON" -I -c 'import importlib.util, sys; print(*[name for name in sys.argv[1:] if importlib.util.find_spec(name) is None])' ${MODULES[@]+"${MODULES[@]}"})
    [[ -z $missing ]] || fail "$VENV has no $missing: install it there, as this does (in $PWD): $INSTALL"
}

find_stores() {
    local name
    for name in ${NEEDS[@]+"${NEEDS[@]}"}; do
        if [[ -z ${AT[$name]} ]]; then
            getent hosts "${HOST[$name]}" > /dev/null ||
                fail "$name is a name within Compose, which this host does not know. Say where it is: --host $name=127.0.0.1:${PORT[$name]}"
            AT[$name]=${HOST[$name]}:${PORT[$name]}
        fi
    done
}

# With the same Python that will run the application, but without its packages: it talks to the servers itself.
ask_stores() {
    local name at
    local -a asked=()
    for name in ${NEEDS[@]+"${NEEDS[@]}"}; do
        at=${AT[$name]%:*} at=${at#\[}
        asked+=("$name" "${KIND[$name]}" "${at%\]}" "${AT[$name]##*:}" "${TLS[$name]}" "${USER_OF[$name]}" "${DATABASE[$name]}" "${VALUE[${PASSWORD[$name]}]:-}")
    done
    ((${#asked[@]} > 0)) || return 0
    "$PYTHON" -I scripts/ask_stores.py < <(printf '%s\0' "${asked[@]}") >&2 ||
        fail 'the application would not work: start what is missing, or say where it is with --host'
}

# For secrets: in memory, and with the number of this process, so that it can be told from one that was left behind.
make_folder() {
    local base old
    for base in "${RUNTIME_DIRECTORY:-}" "${XDG_RUNTIME_DIR:-}" /run /dev/shm; do
        [[ -n $base && -d $base && -w $base && $(stat -f -c %T -- "$base") == @(tmpfs|ramfs) ]] || continue
        for old in "$base/$PROJECT-$ENVIRONMENT-$SERVICE".*; do
            if [[ -d $old && ! -L $old && -O $old && ! -d /proc/${old##*.} ]]; then rm -rf "$old"; fi
        done
        FOLDER=$base/$PROJECT-$ENVIRONMENT-$SERVICE.$$
        if mkdir -m 0700 "$FOLDER" 2> /dev/null; then break; fi
        FOLDER=''
    done
    if [[ -z $FOLDER ]]; then
        FOLDER=$(mktemp -d)
        step "warning: no folder in memory is open to this user: while the application runs, its secrets lie on the disk in $FOLDER"
    fi
    # It goes when nobody holds this pipe any more: this script, the application that takes its place, and what that starts.
    exec 8> >(trap '' INT TERM HUP; exec > /dev/null 2>&1; cat; rm -rf "$FOLDER")
}

# The variables come through a pipe: they are in no list of arguments, and none of this shell's goes along.
LAUNCH='
import os, sys
with open(7, "rb") as pipe:
    pairs = pipe.read().split(b"\0")[:-1]
settings = dict(pair.split(b"=", 1) for pair in pairs)
try:
    os.execvpe(sys.argv[1], sys.argv[1:], settings)
except OSError as error:
    sys.stderr.write(f"error: {sys.argv[1]} cannot be started: {error.strerror}\n")
    sys.exit(2)
'

{% endraw -%}
YES={% if development %}1{% endif %}
{%- raw %}
VENV='' CHECK='' UNIT='' GIVEN='' OTHER_CONTEXT='' PASSED=() HOSTS=()
while (($# > 0)); do
    case $1 in
        -h | --help) sed -n '4,/^set /{/^set /d; s/^# \{0,1\}//; p;}' "$0"; exit 0 ;;
        --yes) YES=1 ;;
        --check) CHECK=1 ;;
        # From a unit of systemd: everything was looked at when it was made.
        --unit) UNIT=1 ;;
        --venv | --context | --env-file | --host)
            [[ -n ${2:-} ]] || fail "$1 needs a value"
            if [[ $1 == --host ]]; then RESULT=$2; else path_of "$2"; fi
            case $1 in
                --venv) VENV=$RESULT ;;
                --context) OTHER_CONTEXT=$RESULT ;;
                --env-file) FILE=$RESULT ;;
                --host)
                    [[ $2 =~ ^([a-z][a-z0-9-]*)=([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):([0-9]{1,5})$ && -n ${KIND[${BASH_REMATCH[1]}]:-} ]] ||
                        fail "--host takes NAME=ADDRESS:PORT, with one of: ${!KIND[*]}"
                    HOSTS+=("${BASH_REMATCH[1]}")
                    AT[${BASH_REMATCH[1]}]=${2#*=}
                    ;;
            esac
            PASSED+=("$1" "$RESULT")
            shift
            ;;
        -*) fail "$1 is no option; see --help" ;;
        *)
            [[ -z $GIVEN ]] || fail 'name one service'
            GIVEN=$1
            ;;
    esac
    shift
done
SERVICE=${GIVEN:-$SERVICE}
[[ -n $SERVICE && " ${SERVICES[*]} " == *" $SERVICE "* ]] || fail "say which service: ${SERVICES[*]}"
CONTEXT='' VERSION='' ADDRESS='' INSTALL='' MODULES=() NEEDS=() AFTER=() FOLDERS=()
describe
CONTEXT=${OTHER_CONTEXT:-$CONTEXT}
[[ -d $CONTEXT ]] || fail "there is no folder $CONTEXT with the code: --context names another one"

declare -A VALUE=() ALIVE=()
if [[ -z $UNIT ]]; then
    status=0
    said=$(scripts/validate_config.sh "$FILE" 2>&1) || status=$?
    if ((status > 0)); then printf '%s\n' "$said" >&2; fi
    if ((status > 1)) || [[ $said == *': error['* ]]; then fail "$FILE has to be mended first: see above"; fi
fi
[[ -f $FILE && -r $FILE ]] || fail "$FILE cannot be read"
read_values
# The unit's own copy: the application needs no more than its own secrets.
if [[ -n $UNIT ]]; then rm -f "$FILE"; fi
find_python
for folder in ${FOLDERS[@]+"${FOLDERS[@]}"}; do
    [[ -d $folder && -w $folder ]] || fail "the service writes into $folder, which this user may not: make that folder, or start the service in its container"
done
{%- endraw %}
{%- if compose_file %}
{% raw %}
# The backing services of a developer's machine run in containers, unless --host says where they are.
started=()
for name in ${NEEDS[@]+"${NEEDS[@]}"}; do
    if [[ " ${HOSTS[*]-} " != *" $name "* && " ${PUBLISHED[*]-} " == *" $name "* ]]; then started+=("$name"); fi
done
if ((${#started[@]} == 0)); then
    :
elif command -v docker > /dev/null && docker compose version > /dev/null 2>&1; then
    step "starting ${started[*]}"
    docker compose --env-file "$FILE" --file "$COMPOSE_FILE" up --detach --wait "${started[@]}" >&2 || fail 'they do not start: docker compose logs says why'
else
    step "Docker Compose is not here: ${started[*]} have to run already"
fi
{%- endraw %}
{%- endif %}
{% raw %}
find_stores
if [[ -z $UNIT ]]; then
    ask_stores
    # The release that runs now may be what listens there while the next one is looked at.
    if [[ -n $ADDRESS && -z $CHECK ]]; then
        at=${ADDRESS%:*} at=${at#\[}
        if (: < "/dev/tcp/${at%\]}/${ADDRESS##*:}") 2> /dev/null; then fail "something listens on $ADDRESS already"; fi
    fi
fi
if [[ -n $CHECK ]]; then step "$SERVICE can be started"; exit 0; fi
if [[ -z $YES && -z $UNIT ]]; then
    question="Start $SERVICE of $PROJECT, $ENVIRONMENT${ADDRESS:+, on $ADDRESS}${AFTER[*]:+, after ${AFTER[*]}}?"
    [[ -t 0 ]] || fail "$question Nobody is there to ask: --yes says yes"
    read -r -p "$question [y/N] " answer
    [[ $answer == [yY]* ]] || fail 'nothing was started'
fi
if [[ -z $UNIT ]]; then
    for job in ${AFTER[@]+"${AFTER[@]}"}; do
        [[ " ${SERVICES[*]} " == *" $job "* ]] || fail "$SERVICE waits for $job, which only its image can run: start both in containers"
        step "first $job"
        (cd "$CALLER" && "$BASH" "$OLDPWD/$SCRIPT" "$job" --yes ${PASSED[@]+"${PASSED[@]}"}) || fail "$job failed: $SERVICE was not started"
    done
fi

FOLDER='' COMMAND=()
PAIRS=("PATH=$VENV/bin:$PATH" "VIRTUAL_ENV=$VENV" LANG=C.UTF-8 PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1)
for name in HOME USER LOGNAME TERM; do
    if [[ -n ${!name:-} ]]; then PAIRS+=("$name=${!name}"); fi
done
make_folder
settings
step "$SERVICE starts${ADDRESS:+ on http://$ADDRESS}"
cd "$CONTEXT"
umask 022
exec "$PYTHON" -I -c "$LAUNCH" "${COMMAND[@]}" 7< <(printf '%s\0' "${PAIRS[@]}")
{%- endraw %}
