#!/usr/bin/env bash
# {{ made_by | comment }}
#
# Splits the env file into the files that containers mount: one for each user that reads it, mode 0400, owned by that user.
#   scripts/install_secrets.sh [--quiet] [FILE]
# Run it again after each change of the file, then deploy: services that read what changed are recreated. Prints no value.
# Exit status: 0 done, 2 not: what scripts/validate_config.sh calls an error stops it. Nothing is replaced before all files are complete.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source-path=SCRIPTDIR source=lib.sh
. scripts/lib.sh
umask 077

DEFAULT_FILE={{ file }}
# An image of this stack with a shell: it gives files to other users where this one may not.
CHOWN_IMAGE={{ chown_image }}

# Where it goes, its owner (any: mode 0444, where the image alone knows its user), what it holds.
FILES=(
{%- for file in files %}
    {{ file.path }} {{ file.owner }} {{ file.source }}
{%- endfor %}
)
# What its readers' containers are labelled with, so that Compose sees a change of these.
READERS=(
{%- for reader in readers %}
    {{ reader.variable }} {{ reader.secrets }}
{%- endfor %}
)
# What may be left out: its file is empty then.
OPTIONAL=({% for name in optional %}{% if not loop.first %} {% endif %}{{ name }}{% endfor %})
{% raw %}
QUIET=
if [[ ${1:-} == --quiet ]]; then QUIET=1; shift; fi
RESTORE=
if [[ ${1:-} == --restore ]]; then RESTORE=1; shift; fi
case ${1:-} in
    -h | --help) sed -n '4,/^set /{/^set /d; s/^# \{0,1\}//; p;}' "$0"; exit 0 ;;
    -*) fail "$1 is no option; see --help" ;;
esac
# Is there a file for somebody else?
GIVES=
for ((at = 1; at < ${#FILES[@]}; at += 3)); do
    if [[ ${FILES[at]} != any ]]; then GIVES=1; fi
done
# A line of sh in the folder $1, with the other arguments behind it. Whoever may use the engine is root in a container.
as_root() {
    local folder=$1
    shift
    if ((EUID == 0)) || [[ -z $GIVES ]]; then
        (cd "$folder" && sh -c "$@")
    else
        docker run --rm --network none --user 0:0 --volume "$PWD/$folder:/secrets" --workdir /secrets --entrypoint sh "$CHOWN_IMAGE" -c "$@"
    fi
}

# What the deployment before had, for containers that start again: only the script that deploys asks for it.
if [[ -n $RESTORE ]]; then
    [[ -d .deploy/secrets.before && -d secrets ]] || exit 0
    mounted=''
    for ((at = 0; at < ${#FILES[@]}; at += 3)); do [[ ${FILES[at + 2]} != file:* ]] || mounted+=" ${FILES[at]#secrets/}"; done
    # Into those that nginx has mounted; beside the others, which their containers go on with, whatever is written here.
    # What this is given is read by a shell of root's.
    # shellcheck disable=SC2016
    as_root . 'cd .deploy/secrets.before && find . -type f | while IFS= read -r file; do
            file=${file#./} to=../../secrets/${file#./}
            case "$0 " in
                *" $file "*) cat "$file" > "$to" ;;
                *) mkdir -p "${to%/*}" && cp -a "$file" "$to.back" && mv -f "$to.back" "$to" ;;
            esac || exit 1
        done' "$mounted" || fail 'the secrets of before could not be put back'
    if [[ -f .deploy/secrets.env.before ]]; then cp .deploy/secrets.env.before .deploy/secrets.env; fi
    exit 0
fi
FILE=${1:-$DEFAULT_FILE}
status=0
found=$(bash scripts/validate_config.sh "$FILE") || status=$?
if ((status > 1)); then exit 2; fi
# Warnings, and what may be supplied later, do not stop it.
if [[ $found == *': error['* ]]; then
    printf '%s\n' "$found" >&2
    fail "nothing was installed: correct $FILE first"
fi
read_env "$FILE"
declare -A VALUE=()
for ((at = 0; at < ${#NAMES[@]}; at++)); do VALUE[${NAMES[at]}]=${VALUES[at]}; done

# What is written elsewhere by a link, or into a folder of somebody else's, is theirs to read and to exchange.
if [[ -L secrets || (-e secrets && ! -d secrets) ]]; then fail 'secrets is no folder of its own: move it away'; fi
mkdir -p secrets
owner=$(stat -c %u secrets)
# Root may work for the owner of the whole.
if ((owner != EUID)) && ! ((EUID == 0 && owner == $(stat -c %u .))); then fail 'secrets is a folder of somebody else: move it away, or run this as its owner'; fi
# Everything is made beside its place first. Only root and this user may look inside.
chmod 0700 secrets
new=secrets/.new
rm -rf "$new"
mkdir "$new"
trap 'rm -rf "$new"' EXIT
owners=()
for ((at = 0; at < ${#FILES[@]}; at += 3)); do
    path=${FILES[at]#secrets/} owner=${FILES[at + 1]} source=${FILES[at + 2]}
    [[ ! -L secrets/${path%/*} ]] || fail "secrets/${path%/*} is a link: remove it"
    mkdir -p "$new/${path%/*}"
    case $source in
        file:*)
            [[ -s ${source#file:} ]] || fail "${source#file:} is missing: put the certificate and its key there"
            cat "${source#file:}" > "$new/$path"
            ;;
        *)
            value=${VALUE[$source]:-}
            # A name without = is no mistake, but what it stands for is known elsewhere only.
            if [[ -z $value && " ${OPTIONAL[*]+${OPTIONAL[*]}} " != *" $source "* ]]; then
                fail "$source in $FILE has no value"
            fi
            # No newline behind it: some programs would take that for a part of the value.
            printf '%s' "$value" > "$new/$path"
            ;;
    esac
    if [[ $owner == any ]]; then chmod 0444 "$new/$path"; else chmod 0400 "$new/$path" && owners+=("$owner" "$path"); fi
done

# Only root may give a file away.
give="while [ \$# -gt 1 ]; do chown \"\$1\" \"\$2\" || exit 1; shift 2; done"
if ((${#owners[@]} > 0)); then
    as_root "$new" "$give" - "${owners[@]}" ||
        fail "the files could not be given to the users that read them: run this as root, or as somebody who may use Docker"
fi

# A way back, for the same readers and nobody else. What is there already is that of a deployment that was interrupted or failed: what ran
# before it still runs.
mkdir -p .deploy
if [[ ! -d .deploy/secrets.before ]]; then
    as_root . 'rm -rf .deploy/secrets.kept && mkdir -m 0700 .deploy/secrets.kept && chown --reference=secrets .deploy/secrets.kept &&
        find secrets -mindepth 1 -maxdepth 1 -type d ! -name ".*" -exec cp -a {} .deploy/secrets.kept/ ";"' ||
        fail 'the secrets of before could not be kept: nothing was installed'
    rm -f .deploy/secrets.env.before
    if [[ -f .deploy/secrets.env ]]; then cp .deploy/secrets.env .deploy/secrets.env.before; fi
    mv .deploy/secrets.kept .deploy/secrets.before
fi

# Renamed one by one: a container that starts meanwhile sees an old or a new file, never a part of one.
for ((at = 0; at < ${#FILES[@]}; at += 3)); do
    mkdir -p "${FILES[at]%/*}"
    path=${FILES[at]#secrets/}
    if [[ ${FILES[at + 2]} == file:* && -f ${FILES[at]} ]]; then
        # Into the file that is there: nginx has it mounted, and reads it again when it is told to.
        as_root secrets "cat \".new/\$0\" > \"\$0\"" "$path" || fail "${FILES[at]} could not be written"
    else
        mv -f "$new/$path" "${FILES[at]}"
    fi
done
# What nothing mounts any more.
find secrets -mindepth 2 -type f ! -path "$new/*" | while IFS= read -r old; do
    [[ " ${FILES[*]} " == *" $old "* ]] || rm -f "$old"
done
# What Compose is told of them. With the key, which nobody else has, a label is no test for guesses of a weak value.
if [[ ! -s .deploy/key ]]; then
    head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \n' > .deploy/key.new
    mv -f .deploy/key.new .deploy/key
fi
for ((at = 0; at < ${#READERS[@]}; at += 2)); do
    keyed=$(< .deploy/key)$'\n'
    for name in ${READERS[at + 1]}; do
        value=${VALUE[$name]:-}
        keyed+="$name ${#value} $value"$'\n'
    done
    digest=$(printf '%s' "$keyed" | sha256sum)
    printf '%s=%s\n' "${READERS[at]}" "${digest:0:16}"
done > .deploy/secrets.new
mv -f .deploy/secrets.new .deploy/secrets.env
# By hand there is no way back.
[[ -n $QUIET ]] || rm -rf .deploy/secrets.before .deploy/secrets.env.before
step "$((${#FILES[@]} / 3)) files in secrets/, each for its reader alone"
# A container keeps the files that it started with.
[[ -n $QUIET ]] || step "if services run already: {% endraw %}{{ deploy | comment }}{% raw %} docker, or scripts/compose.sh {% endraw %}{{ up | comment }}{% raw %}"
{%- endraw %}
