#!/usr/bin/env bash
# Made by infragen. Change the profile `staging`, then run: infragen render staging
#
# Is this server's env file complete, strong, and closed to others? Prints what is wrong, never a value.
#   scripts/validate_config.sh [FILE]
# Exit status: 0 nothing is wrong, 1 something is, 2 the file cannot be read.
# The same as `infragen env check staging`, for servers without infragen. Needs bash, coreutils, iconv and, where there is a repository, git.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source-path=SCRIPTDIR source=lib.sh
. scripts/lib.sh

declare -A KIND=() REQUIRED=() LEAST=() FORMAT=() PARTS=() ONE_OF=() MIN=() MAX=() SEVERITY=() MESSAGE=() HELP=() EXPECTS=()
ORDER=()

# Name, kind, whether it is required, fewest characters, format; and of a connection string its parts: the variable with the password,
# scheme, user, address, path.
variable() {
    ORDER+=("$1") KIND[$1]=$2 REQUIRED[$1]=$3 LEAST[$1]=$4 FORMAT[$1]=$5
    shift 5
    PARTS[${ORDER[-1]}]=$*
}

variable CORS_ORIGINS parameter no 1 text
variable NOTES_PAGE_SIZE parameter no 1 integer
variable NOTES_KEEP_DAYS parameter no 1 integer
variable DATABASE_PASSWORD generated yes 16 text
variable DATABASE_URL derived yes 1 text DATABASE_PASSWORD postgresql database:5432 /pyt_staging pyt_staging
variable CACHE_PASSWORD generated yes 16 text
variable CACHE_URL derived yes 1 text CACHE_PASSWORD redis cache:6379 /0
variable ADMIN_PASSWORD generated yes 16 text
variable SECRET_KEY generated yes 32 text
variable API_WORKERS parameter no 1 integer
variable LOG_LEVEL parameter no 1 text
variable METRICS_ENABLED parameter no 1 boolean
variable API_TAG parameter no 1 tag
variable HTTP_PORT parameter no 1 port
variable HTTPS_PORT parameter no 1 port

# Parameter, what is expected, the values that it may have, one a line.
choice() { EXPECTS[=$1]=$2 ONE_OF[$1]=$3; }
choice LOG_LEVEL 'DEBUG, INFO, WARNING, ERROR or CRITICAL' DEBUG$'\n'INFO$'\n'WARNING$'\n'ERROR$'\n'CRITICAL

# Parameter, what is expected, its least and its largest value; empty where there is none.
range() { EXPECTS[=$1]=$2 MIN[$1]=$3 MAX[$1]=$4; }
range NOTES_PAGE_SIZE 'a whole number from 1 to 500' 1 500
range NOTES_KEEP_DAYS 'a whole number from 1 to 36500' 1 36500
range API_WORKERS 'a whole number from 1 to 2' 1 2

# Name, severity, message, what to do.
rule() { SEVERITY[$1]=$2 MESSAGE[$1]=$3 HELP[$1]=$4; }

rule ambiguous-line warning \
    '{0}: Docker Compose, shells and dotenv libraries may read this line differently' \
    'write NAME='\''value'\'', with the value in single quotes and without spaces around ='
rule binary-file error \
    'there are bytes here that are no text' \
    'write it anew from its .example; an editor may have saved it in another encoding'
rule carriage-return warning \
    'the lines end in carriage returns (Windows): shells take them for a part of the value' \
    'save the file with Unix line ends (LF)'
rule derived-mismatch error \
    '{0} does not match {1} and the other parts that it is made of' \
    'empty it and run infragen env generate, or write it as the comment above it in the .example says, with the password percent-encoded'
rule development-value error \
    '{0} has a value that is meant for development and known to everybody' \
    'make a strong one, as the comment above it in the .example says'
rule dollar-outside-quotes error \
    '{0} has a $ outside single quotes: Docker Compose and shells look for a variable there' \
    'put the value into single quotes'
rule duplicate-variable error \
    '{0} is set again: line {1} is not read' \
    'remove one of the two lines'
rule empty-variable error \
    '{0} is required and has no value' \
    'write its value behind =; infragen env generate makes those that can be made'
rule file-mode error \
    'the mode of the file is {0} and not 600: its owner alone reads and writes it' \
    'chmod 600 the file'
rule malformed-value error \
    '{0} has the wrong format: expected {1}' \
    'correct the value'
rule missing-variable error \
    '{0} is required and not in the file' \
    'add a line for it, as in the .example; infragen env generate adds what is missing'
rule not-supplied error \
    '{0} is supplied from outside and has no value yet' \
    'ask whoever runs the other side for it, and write it behind its name'
rule placeholder-left error \
    '{0} still has a placeholder for a value' \
    'replace it by a real value'
rule reused-secret error \
    '{0} has the same value as {1}: who learns one knows both' \
    'make another one, as the comment above it in the .example says'
rule to-be-supplied info \
    '{0} is supplied from outside and has no value yet' \
    'ask whoever runs the other side for it; without it the feature is off'
rule too-large error \
    'the file is larger than {0} KiB' \
    'is this the right file?'
rule tracked-file error \
    'git has the file: everybody who has the repository has its secrets' \
    'git rm --cached the file, and replace all its secrets: they stay in the history'
rule unknown-variable warning \
    '{0} is not known to the profile: nothing reads it' \
    'remove the line, or correct the name'
rule unreadable-line error \
    'Docker Compose cannot read this line: {0}' \
    'write NAME=value, or NAME='\''value'\'' where the value has spaces or other signs'
rule weak-secret error \
    '{0} is weak: {1}' \
    'make a strong one, as the comment above it in the .example says'

EXPECTS[text]='any text'
EXPECTS[url]='a URL such as https://example.com'
EXPECTS[port]='a port from 1 to 65535'
EXPECTS[boolean]='true, false, 1, 0, yes, no, on or off'
EXPECTS[integer]='a whole number'
EXPECTS[duration]='a number with a unit (ms, s, m, h, d), such as 30s'
EXPECTS[email]='an e-mail address'
EXPECTS[fraction]='a number from 0 to 1, such as 0.25'
EXPECTS[tag]='a tag of an image: letters, digits, dots, dashes and underscores'
EXPECTS[hex]='hexadecimal digits, two for each byte'
EXPECTS[base64]='base64: letters, digits, + and /, in groups of four, the last one filled up with ='

DEVELOPMENT=no
DEVELOPMENT_MARK=development-only-
LEAST_BITS=48
# How much of a value is looked at, in bytes.
LOOKED_AT=4096
MAX_KIB=256
# Thousandths of bits that one of so many different bytes is worth, from one on.
MILLIBITS=(0 1000 1584 2000 2321 2584 2807 3000 3169 3321 3459 3584 3700 3807 3906 4000 4087 4169 4247 4321 4392 4459 4523 4584 4643 4700 4754 4807 4857 4906 4954 5000 5044 5087 5129 5169 5209 5247 5285 5321 5357 5392 5426 5459 5491 5523 5554 5584 5614 5643 5672 5700 5727 5754 5781 5807 5832 5857 5882 5906 5930 5954 5977 6000)
DOCKERS_OWN=(COMPOSE_ DOCKER_ BUILDKIT_)
# Words that are tried first, the longest first; l is written as i, as 1 and ! are.
KNOWN=(administrator deveiopment supersecret passphrase production qwertyuiop microsoft secretkey september superuser temporary wednesday basebaii changeit computer database december facebook february footbaii iioveyou internet november password passwort postgres princess registry saturday starwars sunshine superman thursday whatever chariie company defauit deveiop exampie freedom ietmein january manager michaei migrate mustang october service staging testing trustno tuesday website weicome access asdfgh august autumn azerty backup batman change docker donaid dragon fiower friday googie hottie hunter ioveme kiiier master monday monkey passwd qazwsx qwerty qwertz secret server shadow sommer spring summer sunday ubuntu winter admin adobe aprii cache guest haiio heiio iinux iogin jesus march nginx ninja prune redis token acme asdf iove juiy june pass prod root temp test user word abc zaq)
# A shorter one is in random values, too.
SHORTEST_WORD=4
PLACEHOLDERS=(change-me change_me changeme change-this change_this changethis fill-me fill_me insert- insert_ placeholder random_key replace-me replace_me replace-this replace_this replaceme strong-password strong_password your- your_ yourkey yourpassword yoursecret)
EMPTY_WORDS=(... dummy example fixme none null tbd todo undefined xxx xxxx xxxxxxxx)
DEFAULT_FILE=.env.staging

FOUND=()

# Rule, line (empty for the file), what it is about.
report() {
    local message=${MESSAGE[$1]}
    # Split and not replaced: what is put in may hold signs that a replacement gives a meaning.
    if [[ $message == *'{0}'* ]]; then message=${message%%'{0}'*}${3:-}${message#*'{0}'}; fi
    if [[ $message == *'{1}'* ]]; then message=${message%%'{1}'*}${4:-}${message#*'{1}'}; fi
    FOUND+=("${2:-${LATE:-0}} $FILE${2:+:$2}: ${SEVERITY[$1]}[$1]: $message"$'\x1f'"${HELP[$1]}")
}

# How a name is printed: what the profile does not know may be a part of a secret, as a line that is no assignment is.
shown() {
    if [[ -n ${KIND[$1]:-} ]]; then SHOWN=$1; else SHOWN='this name'; fi
}

lower() { LOWER=${1,,}; }

# The value $1 of a variable of the kind $2. What a parameter may be is its profile's to say.
is_placeholder() {
    local word
    if [[ $1 == '<'*'>' ]]; then return 0; fi
    if [[ $2 == parameter ]]; then return 1; fi
    lower "$1"
    for word in "${EMPTY_WORDS[@]}"; do if [[ $LOWER == "$word" ]]; then return 0; fi; done
    for word in "${PLACEHOLDERS[@]}"; do if [[ $LOWER == *"$word"* ]]; then return 0; fi; done
    return 1
}

# Number of characters: bytes that continue one are not counted.
characters() {
    CHARACTERS=$(printf %s "$1" | tr -d '\200-\277' | wc -c)
}

# Length of the shortest start that the whole repeats, into PERIOD.
period() {
    local length
    PERIOD=${#1}
    for ((length = 1; length <= ${#1} / 2; length++)); do
        # A short look first: the whole is a copy each time.
        if [[ ${1:length:8} == "${1:0:${#1}-length < 8 ? ${#1}-length : 8}" && ${1:length} == "${1:0:${#1}-length}" ]]; then PERIOD=$length; return; fi
    done
}

# In lower case, with the letters that people mean by other signs, into FOLDED.
fold() {
    FOLDED=${1,,}
    FOLDED=${FOLDED//0/o} FOLDED=${FOLDED//[1!l]/i} FOLDED=${FOLDED//3/e} FOLDED=${FOLDED//[4@]/a} FOLDED=${FOLDED//[5\$]/s} FOLDED=${FOLDED//7/t}
}

# A year, or a word that is well-known, counts for one sign, and the rest of it for nothing.
MARK=$'\x02' NOTHING=$'\x03'
printf -v REST_OF_WORD '%256s' ''
REST_OF_WORD=${REST_OF_WORD// /$NOTHING}

# The value $1 with these in their places, into FOLDED.
mark() {
    local word year=$MARK${REST_OF_WORD:0:3} value=$1
    value=${value//19[5-9][0-9]/$year} value=${value//20[0-3][0-9]/$year}
    fold "$value"
    for word in "${KNOWN[@]}"; do
        if ((${#word} >= SHORTEST_WORD)) && [[ $FOLDED == *"$word"* ]]; then FOLDED=${FOLDED//"$word"/$MARK${REST_OF_WORD:0:${#word}-1}}; fi
    done
}

# Why $1, which needs $2 characters, is weak, into WHY.
is_weak() {
    local value=$1 letters word at code last=-9 steps=0 kinds=0 distinct=0 worth=0 piece
    local -A seen=() pieces=()
    characters "$value"
    if ((CHARACTERS < $2)); then WHY="it has $CHARACTERS characters, $2 are needed"; return 0; fi
    value=${value:0:LOOKED_AT}
    letters=${value//[!A-Za-z]/}
    fold "$letters"
    period "$FOLDED"
    letters=${FOLDED:0:PERIOD}
    for word in "${KNOWN[@]}"; do
        if [[ $letters == "$word" ]]; then WHY='it is a well-known password'; return 0; fi
    done
    period "$value"
    if ((PERIOD < ${#value})); then WHY='it repeats itself'; return 0; fi
    mark "$value"
    for ((at = 0; at < ${#value}; at++)); do
        printf -v code '%d' "'${value:at:1}"
        # Bytes above ASCII come out as negative numbers in some versions of bash.
        code=$((code & 255))
        if ((last >= 0 && code - last <= 1 && last - code <= 1)); then steps=$((steps + 1)); fi
        last=$code
        seen[$code]=1
        # The end of a piece that was there before is nothing new.
        piece=x
        if ((at >= 2)); then piece+=${FOLDED:at-2:3}; fi
        if [[ $piece == x || -z ${pieces[$piece]:-} ]]; then
            if [[ ${FOLDED:at:1} != "$NOTHING" ]]; then worth=$((worth + 1)); fi
            pieces[$piece]=1
        fi
    done
    if ((steps * 2 > ${#value})); then WHY='it is a sequence'; return 0; fi
    if [[ $value == *[a-z]* ]]; then kinds=$((kinds + 1)); fi
    if [[ $value == *[A-Z]* ]]; then kinds=$((kinds + 1)); fi
    if [[ $value == *[0-9]* ]]; then kinds=$((kinds + 1)); fi
    if [[ $value == *[!A-Za-z0-9]* ]]; then kinds=$((kinds + 1)); fi
    if ((kinds < 2)); then WHY='it has only one kind of characters'; return 0; fi
    distinct=${#seen[@]}
    if ((distinct > ${#MILLIBITS[@]})); then distinct=${#MILLIBITS[@]}; fi
    if ((MILLIBITS[distinct - 1] * ${#value} / 1000 < LEAST_BITS)); then WHY='it is easy to guess'; return 0; fi
    if ((MILLIBITS[distinct - 1] * worth / 1000 < LEAST_BITS)); then WHY='well-known words, years or repetitions are most of it'; return 0; fi
    return 1
}

has_format() {
    local authority host port
    case $1 in
        text) ;;
        port) [[ $2 =~ ^[1-9][0-9]{0,4}$ ]] && (($2 <= 65535)) ;;
        integer) [[ $2 =~ ^-?[0-9]{1,18}$ ]] ;;
        duration) [[ $2 =~ ^[0-9]{1,9}(ms|s|m|h|d)$ ]] ;;
        boolean)
            lower "$2"
            [[ $LOWER =~ ^(true|false|1|0|yes|no|on|off)$ ]]
            ;;
        fraction) [[ $2 =~ ^(0(\.[0-9]{1,9})?|1(\.0{1,9})?)$ ]] ;;
        hex) [[ $2 =~ ^([0-9A-Fa-f]{2})+$ ]] ;;
        base64) ((${#2} % 4 == 0)) && [[ $2 =~ ^[A-Za-z0-9+/]+={0,2}$ ]] ;;
        tag) [[ ${#2} -le 128 && $2 =~ ^[A-Za-z0-9_][A-Za-z0-9._-]*$ ]] ;;
        email) [[ $2 =~ ^[A-Za-z0-9.!#\$%\&\'*+/=?^_{\|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$ ]] ;;
        url)
            [[ $2 =~ ^[A-Za-z][A-Za-z0-9+.-]*:// && $2 != *[[:space:][:cntrl:]]* ]] || return 1
            authority=${2#*://} authority=${authority%%[/?#]*}
            host=${authority##*@} port=1
            if [[ $host == *:* && ${host##*:} != *']'* ]]; then port=${host##*:} host=${host%:*}; fi
            [[ $port =~ ^[0-9]{1,5}$ && ($host =~ ^[A-Za-z0-9._-]+$ || $host =~ ^\[[0-9A-Fa-f:.]{3,}\]$) ]]
            ;;
    esac
}

# The value $2 of the variable $1, if it is not what is expected.
check_format() {
    local name=$1 value=$2 line=$3 number
    local expects=${EXPECTS[=$name]:-${EXPECTS[${FORMAT[$name]}]}}
    if has_format "${FORMAT[$name]}" "$value"; then
        # Neither the values that it may have nor a whole number have more than one line.
        if [[ -z ${ONE_OF[$name]:-} || ($value != *$'\n'* && $'\n'${ONE_OF[$name]}$'\n' == *$'\n'"$value"$'\n'*) ]]; then
            if [[ -z ${MIN[$name]:-}${MAX[$name]:-} ]]; then return; fi
            # Zeros in front would make it octal.
            number=$((10#${value#-}))
            if [[ $value == -* ]]; then number=-$number; fi
            if ((number >= ${MIN[$name]:-number} && number <= ${MAX[$name]:-number})); then return; fi
        fi
    fi
    report malformed-value "$line" "$name" "$expects"
}

# Percent-encoding undone, into DECODED.
decode() {
    local rest=$1 byte
    DECODED=''
    while [[ $rest == *%* ]]; do
        DECODED+=${rest%%'%'*} rest=${rest#*'%'}
        [[ $rest == [0-9A-Fa-f][0-9A-Fa-f]* && $rest != 00* ]] || return 1
        printf -v byte '%b' "\\x${rest:0:2}"
        DECODED+=$byte rest=${rest:2}
    done
    # What stands there without being encoded.
    [[ ${1//%[0-9A-Fa-f][0-9A-Fa-f]/} != *[]/?#@:[]* ]] || return 1
    DECODED+=$rest
}

# The connection string $1 against the parts $2, of which the first is the name of the password, and the password $3.
matches() {
    local url=$1 password=$3 scheme user address path rest credentials
    # The user may be empty.
    IFS=' ' read -r _ scheme address path user <<< "$2"
    [[ $url == *://*/* && ${url%%://*} == "$scheme" ]] || return 1
    rest=${url#*://}
    [[ $rest == */* ]] || return 1
    credentials=${rest%%/*} rest=${rest#*/}
    [[ $credentials == *@* && ${credentials##*@} == "$address" ]] || return 1
    credentials=${credentials%@*}
    [[ $credentials == *:* ]] || return 1
    decode "${credentials%%:*}" && [[ $DECODED == "$user" ]] || return 1
    decode "${credentials#*:}" && [[ $DECODED == "$password" ]] || return 1
    [[ /${rest%%'?'*} == "${path%%'?'*}" ]]
}

# Rule, line and name of a variable without a value.
absent() {
    if [[ ${REQUIRED[$3]} == yes && ${KIND[$3]} == external ]]; then
        report not-supplied "$2" "$3"
    elif [[ ${REQUIRED[$3]} == yes ]]; then
        report "$1" "$2" "$3"
    elif [[ ${KIND[$3]} == external ]]; then
        report to-be-supplied "$2" "$3"
    fi
}

declare -A SEEN=() VALUE=() WHERE=()

meet() {
    local name=$1 line=$2 own
    shown "$name"
    if [[ -n ${SEEN[$name]:-} ]]; then
        report duplicate-variable "$line" "$SHOWN" "${SEEN[$name]}"
        # Others have no value here, and names that an index cannot be.
        if [[ -n ${KIND[$name]:-} ]]; then unset "VALUE[$name]"; fi
    fi
    SEEN[$name]=$line
    if [[ -n ${KIND[$name]:-} ]]; then return; fi
    for own in "${DOCKERS_OWN[@]}"; do if [[ $name == "$own"* ]]; then return; fi; done
    report unknown-variable "$line" "$SHOWN"
}

check_value() {
    local name=$1 line=$2 value=$3
    if [[ -z $value ]]; then absent empty-variable "$line" "$name"; return; fi
    if is_placeholder "$value" "${KIND[$name]}"; then report placeholder-left "$line" "$name"; unset "VALUE[$name]"; return; fi
    VALUE[$name]=$value WHERE[$name]=$line
    if [[ ${KIND[$name]} == parameter ]]; then
        check_format "$name" "$value" "$line"
        return
    fi
    # On a developer's machine everybody knows the secrets.
    if [[ $DEVELOPMENT == yes ]]; then return; fi
    case ${KIND[$name]} in
        generated)
            if [[ $value == "$DEVELOPMENT_MARK"* ]]; then
                report development-value "$line" "$name"
            elif is_weak "$value" "${LEAST[$name]}"; then
                report weak-secret "$line" "$name" "$WHY"
            elif [[ ${FORMAT[$name]} != text ]]; then
                # A key of a cipher has one size, and one way to be written.
                characters "$value"
                if ((CHARACTERS != LEAST[$name])); then
                    report weak-secret "$line" "$name" "it has $CHARACTERS characters, ${LEAST[$name]} are needed"
                fi
                check_format "$name" "$value" "$line"
            fi
            ;;
        external)
            characters "$value"
            if ((CHARACTERS < LEAST[$name])); then
                report weak-secret "$line" "$name" "it has $CHARACTERS characters, ${LEAST[$name]} are needed"
            fi
            check_format "$name" "$value" "$line"
            ;;
    esac
}

check_text() {
    local at name other
    read_env "$FILE"
    if [[ -n $CARRIAGE_RETURN ]]; then report carriage-return "$CARRIAGE_RETURN"; fi
    for ((at = 0; at < ${#NAMES[@]}; at++)); do
        name=${NAMES[at]}
        if [[ -n ${REASONS[at]} ]]; then
            report unreadable-line "${LINES[at]}" "${REASONS[at]}"
            # It is there, and what is wrong with it has been said.
            if [[ -n $name && -z ${SEEN[$name]:-} ]]; then SEEN[$name]=${LINES[at]}; fi
            continue
        fi
        meet "$name" "${LINES[at]}"
        if has_dollar "$at"; then
            report dollar-outside-quotes "${LINES[at]}" "$SHOWN"
            continue
        fi
        if [[ -z ${PLAIN[at]} ]]; then report ambiguous-line "${LINES[at]}" "$SHOWN"; fi
        if [[ -n ${INHERITED[at]} || -z ${KIND[$name]:-} ]]; then continue; fi
        check_value "$name" "${LINES[at]}" "${VALUES[at]}"
    done
    if [[ $DEVELOPMENT == no ]]; then
        local -A owner=()
        while read -r name; do
            case ${KIND[$name]} in parameter | derived) continue ;; esac
            if [[ -z ${VALUE[$name]+set} ]]; then continue; fi
            other=${owner["x${VALUE[$name]}"]:-}
            if [[ -n $other ]]; then report reused-secret "${WHERE[$name]}" "$name" "$other"; else owner["x${VALUE[$name]}"]=$name; fi
        done < <(printf '%s\n' "${ORDER[@]}" | sort)
    fi
    while read -r name; do
        if [[ ${KIND[$name]} != derived || -z ${VALUE[$name]+set} ]]; then continue; fi
        other=${PARTS[$name]%% *}
        if [[ -z ${VALUE[$other]+set} ]]; then continue; fi
        matches "${VALUE[$name]}" "${PARTS[$name]}" "${VALUE[$other]}" || report derived-mismatch "${WHERE[$name]}" "$name" "$other"
    done < <(printf '%s\n' "${ORDER[@]}" | sort)
    LATE=999999
    while read -r name; do
        if [[ -z ${SEEN[$name]:-} ]]; then absent missing-variable '' "$name"; fi
    done < <(printf '%s\n' "${ORDER[@]}" | sort)
    LATE=
}

case ${1:-} in
    -h | --help) sed -n '4,/^set /{/^set /d; s/^# \{0,1\}//; p;}' "$0"; exit 0 ;;
    -*) fail "$1 is no option; see --help" ;;
esac
FILE=${1:-$DEFAULT_FILE}
[[ -e $FILE ]] || fail "there is no $FILE: cp $DEFAULT_FILE.example $DEFAULT_FILE, and fill it in"
[[ -f $FILE && -r $FILE ]] || fail "$FILE cannot be read"

mode=$(stat -L -c %a -- "$FILE")
if ((8#$mode % 8#1000 != 8#600)); then report file-mode '' "$(printf '%o' $((8#$mode % 8#1000)))"; fi
# Where there is a repository, git has to say whether it has the file.
folder=$(cd "$(dirname -- "$FILE")" && pwd -P)
while [[ ! -e $folder/.git && $folder != / ]]; do folder=$(dirname -- "$folder"); done
if [[ -e $folder/.git ]]; then
    command -v git > /dev/null || fail "git is needed to see whether it has the file: $folder/.git"
    tracked=$(cd "$(dirname -- "$FILE")" && git ls-files -- "$(basename -- "$FILE")" 2> /dev/null) || fail "git cannot say whether it has the file: $folder/.git"
    if [[ -n $tracked ]]; then report tracked-file; fi
fi
if (($(stat -L -c %s -- "$FILE") > MAX_KIB * 1024)); then
    report too-large '' "$MAX_KIB"
elif ! is_text "$FILE"; then
    report binary-file "$(binary_line "$FILE")"
else
    check_text
fi

errors=0 warnings=0 supplied=0
for found in "${FOUND[@]+"${FOUND[@]}"}"; do
    case $found in
        *': error['*) errors=$((errors + 1)) ;;
        *': warning['*) warnings=$((warnings + 1)) ;;
        *) supplied=$((supplied + 1)) ;;
    esac
done
if ((errors + warnings + supplied > 0)); then
    printf '%s\n' "${FOUND[@]}" | sort -s -n -k 1,1 | sed $'s/^[0-9]* //; s/\x1f/\\\n    /'
fi
summary=''
add() {
    local plural=''
    if (($1 == 0)); then return; fi
    if (($1 > 1)) && [[ $2 != to* ]]; then plural=s; fi
    summary+="${summary:+, }$1 $2$plural"
}
add "$errors" error
add "$warnings" warning
add "$supplied" 'to be supplied'
printf '%s: %s\n' "$FILE" "${summary:-complete}"
((errors + warnings == 0))
