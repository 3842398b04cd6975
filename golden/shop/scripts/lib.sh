# Made by infragen. Change the profile `shop`, then run: infragen render shop
# shellcheck shell=bash
#
# What the scripts share. Sourced, not run. Needs bash 4.3 or newer.

# Bytes and not characters: the same on every machine.
export LC_ALL=C
shopt -s extglob

# White space within a line. In a pattern, only what is short may meet extglob: its time grows with the square of the length.
BLANK=$' \t\v\f\r'
ENDS_EXPORT=$'\t\f\r '
BACKSLASH=$'\x5c'
# Longer than any escape.
PIECE=8
# What no name has, of ASCII.
NO_NAME=$'[\x01-\x08\x0e-\x1f\x7f!-,/:-@\\\\^`{-~]'
# Of the rest of Unicode, the signs, emoji and invisible characters that people paste. Other characters count as letters.
NO_LETTERS=(
    $'\xc2[\x80-\x84\x86-\x9f\xa1-\xa9\xab-\xb1\xb4\xb6-\xb8\xbb\xbf]' $'\xc3[\x97\xb7]' $'\xcc' $'\xcd[\x80-\x84\x86-\xaf]'
    $'\xe2[\x80\x86-\x90\x94-\x9c]' $'\xe2\x81[\x80-\xaf]' $'\xe2\x82[\xa0-\xbf]' $'\xe3\x80[\x80-\x84\x88-\xa0]'
    $'\xee' $'\xef[\x80-\xa3]' $'\xef\xb8[\x80-\x8f]' $'\xef\xbb\xbf' $'\xef\xbc[\x81-\x8f\x9a-\xa0]' $'\xef\xbf[\xa0-\xbf]' $'\xf0\x9f' $'\xf3'
)

step() { printf '==> %s\n' "$*" >&2; }

# What is left on the disk of a folder, in MiB.
free_mib() { df -Pk "$1" | { read -r _; read -r _ _ _ free _; printf '%d' $((free / 1024)); }; }
fail() { printf 'error: %s\n' "$*" >&2; exit 2; }

# The file $1, or its first $2 lines.
start_of() { if [[ -n ${2:-} ]]; then head -n "$2" < "$1"; else cat < "$1"; fi; }

# Neither NUL nor bytes that are no UTF-8, in the file $1 or in its first $2 lines.
is_text() {
    local text
    command -v iconv > /dev/null || fail 'iconv is needed, to tell text from other bytes'
    [[ $(start_of "$@" | tr -d '\000' | wc -c) == "$(start_of "$@" | wc -c)" ]] || return 1
    start_of "$@" | iconv -f utf-8 -t utf-8 > /dev/null 2>&1 || return 1
    # Numbers beyond the last one of Unicode, which iconv takes.
    text=$(start_of "$@")
    [[ $text != *$'\xf4'[$'\x90'-$'\xbf']* && $text != *[$'\xf5'-$'\xff']* ]]
}

# The first line of the file $1 that is no text.
binary_line() {
    local low=1 high middle
    high=$(($(tr -cd '\n' < "$1" | wc -c) + 1))
    while ((low < high)); do
        middle=$(((low + high) / 2))
        if is_text "$1" "$middle"; then low=$((middle + 1)); else high=$middle; fi
    done
    printf %d "$low"
}

# Every statement that read_env found, in the order of the file. Those that Docker Compose refuses have a reason, and may have no name.
NAMES=() VALUES=() LINES=() RAW=() QUOTES=() PLAIN=() INHERITED=() REASONS=() CARRIAGE_RETURN=

# Reads the env file $1 as Docker Compose reads it. Values are never executed.
read_env() {
    local -a text=()
    local here rest key sign raw value quote line at=0 before exported ended last_ends='' count
    mapfile -t text < "$1"
    count=${#text[@]}
    [[ $(tail -c 1 "$1" | od -An -tx1) == *0a* ]] && last_ends=1
    ((count == 0)) || text[0]=${text[0]#$'\xef\xbb\xbf'}
    for ((line = 0; line < count; line++)); do
        if [[ ${text[line]} == *$'\r' && -z $CARRIAGE_RETURN ]]; then CARRIAGE_RETURN=$((line + 1)); fi
    done
    here=${text[0]:-} before=''
    while ((at < count)); do
        skip_blank "$here" all
        before+=${here:0:${#here}-${#REST}} here=$REST
        if [[ -z $here || $here == '#'* ]]; then next_line; continue; fi
        exported='' rest=$here ended=$last_ends
        if ((at + 1 < count)); then ended=1; fi
        if [[ $here == export["$ENDS_EXPORT"]* || ($here == export && -n $ended) ]]; then
            skip_blank "${here#export}"
            rest=$REST
            exported=${here:0:${#here}-${#rest}}
            # It stands alone, and does nothing.
            if [[ -z $rest && -n $ended ]]; then next_line; continue; fi
        fi
        here=$rest
        # Not quoted, here and below: these are patterns.
        # shellcheck disable=SC2295
        key=${here%%$NO_NAME*}
        if [[ $key == *[![:ascii:]]* ]]; then
            # shellcheck disable=SC2295
            for sign in "${NO_LETTERS[@]}"; do key=${key%%$sign*}; done
        fi
        rest=${here:${#key}}
        trim_end "$key"
        value=$REST
        if [[ -n $rest && $rest != [=:]* ]]; then
            refuse "$at" 'the name holds a character that no name has'
        elif [[ $value == *' '* ]]; then
            refuse "$at" 'there is a space in the name'
        elif [[ -z $value ]]; then
            refuse "$at" 'there is no name before ='
        elif [[ -n $rest ]]; then
            assign
            continue
        elif [[ -n $ended ]]; then
            keep "$at" "$value" '' '' none '' 1
        else
            refuse "$at" 'there is no = behind the name'
        fi
        next_line
    done
}

# The text without the white space that it starts with, into REST; with a second argument, without all that Unicode has.
skip_blank() {
    local blank
    REST=$1
    while :; do
        blank=${REST%%[!"$BLANK"]*} REST=${REST:${#blank}}
        case ${REST:0:3} in
            $'\xc2'[$'\x85\xa0']*) REST=${REST:2} ;;
            $'\xe1\x9a\x80' | $'\xe2\x80'[$'\x80'-$'\x8a'$'\xa8\xa9\xaf'] | $'\xe2\x81\x9f' | $'\xe3\x80\x80')
                [[ -n ${2:-} ]] || return 0
                REST=${REST:3}
                ;;
            *) return 0 ;;
        esac
    done
}

# The text without the white space that it ends in, into REST.
trim_end() {
    local length=${#1} from
    while ((length > 0)); do
        from=$((length < 3 ? 0 : length - 3))
        case ${1:from:length-from} in
            *["$BLANK"]) length=$((length - 1)) ;;
            *$'\xc2'[$'\x85\xa0']) length=$((length - 2)) ;;
            $'\xe1\x9a\x80' | $'\xe2\x80'[$'\x80'-$'\x8a'$'\xa8\xa9\xaf'] | $'\xe2\x81\x9f' | $'\xe3\x80\x80') length=$((length - 3)) ;;
            *) break ;;
        esac
    done
    REST=${1:0:length}
}

# For read_env: goes on at the line after $at.
next_line() {
    at=$((at + 1)) before=''
    here=${text[at]:-}
}

# Line, name, value, value as written, quote, plain, inherited, reason.
keep() {
    LINES+=($(($1 + 1))) NAMES+=("$2") VALUES+=("$3") RAW+=("$4") QUOTES+=("$5") PLAIN+=("$6") INHERITED+=("$7") REASONS+=("${8:-}")
}

# Line, reason, name where it is known.
refuse() {
    keep "$1" "${3:-}" '' '' none '' '' "$2"
}

# The statement whose name is $value and whose rest is $rest, both of read_env.
assign() {
    local name=$value first=$at mark inner='' chunk is_plain='' after nul='' part='' inner_part='' raw_part=''
    local head=$key${rest:0:1} whole=${rest:1}
    skip_blank "$whole"
    value=$REST rest=$REST
    case $rest in
        [\'\"]*)
            head+=${whole:0:${#whole}-${#value}}
            mark=${rest:0:1} raw=$mark rest=${rest:1}
            while :; do
                # In short pieces: each step copies what it works on, and a file may be one long value.
                if ((${#part} < PIECE)); then part+=${rest:0:1024} rest=${rest:1024}; fi
                if ((${#raw_part} > 1024)); then inner+=$inner_part raw+=$raw_part inner_part='' raw_part=''; fi
                # Up to the next quote or backslash.
                chunk=${part%%[\\"$mark"]*}
                inner_part+=$chunk raw_part+=$chunk part=${part:${#chunk}}
                if ((${#part} < 2)) && [[ -n $rest ]]; then continue; fi
                if [[ -z $part ]]; then
                    at=$((at + 1))
                    if ((at >= count)); then
                        refuse "$first" 'a quote is not closed' "$name"
                        at=$first
                        next_line
                        return
                    fi
                    inner_part+=$'\n' raw_part+=$'\n' rest=${text[at]}
                elif [[ ${part:0:1} == "$mark" ]]; then
                    raw_part+=$mark rest=${part:1}$rest
                    break
                elif [[ $part == "$BACKSLASH" ]]; then
                    # A backslash at the end of a line.
                    inner_part+=$BACKSLASH raw_part+=$BACKSLASH part=''
                else
                    if [[ ${part:1:1} != "$mark" ]]; then inner_part+=$BACKSLASH; fi
                    inner_part+=${part:1:1} raw_part+=${part:0:2} part=${part:2}
                fi
            done
            inner+=$inner_part raw+=$raw_part
            quote=single after=$rest
            if [[ $mark == '"' ]]; then quote=double; unescape "$inner"; inner=$UNESCAPED; fi
            ;;
        *)
            quote=none raw=${rest%%' #'*}
            trim_end "$raw"
            raw=$REST inner=$REST
            if [[ -n $raw ]]; then head+=${whole:0:${#whole}-${#value}} after=${rest:${#raw}}; else after=$whole; fi
            rest=''
            ;;
    esac
    while [[ $after == *$'\r' ]]; do after=${after%?}; done
    if [[ -n $nul ]]; then
        refuse "$first" 'the value holds a NUL character' "$name"
    else
        if is_plain "$before" "$exported" "$head" "$raw" "$quote" "$after"; then is_plain=1; fi
        keep "$first" "$name" "$inner" "$raw" "$quote" "$is_plain" ''
    fi
    before=${text[at]:0:${#text[at]}-${#rest}} here=$rest
}

# True for a value, by its number, in which Docker Compose and others look for a variable. A $ may be written as an escape.
has_dollar() {
    [[ ${QUOTES[$1]} != single && ${RAW[$1]}${VALUES[$1]} == *'$'* ]]
}

# The escapes of double quotes, into UNESCAPED; sets nul of assign if one of them is NUL.
unescape() {
    local rest=$1 part='' out='' digits code
    UNESCAPED=''
    # In short pieces, as above.
    while [[ -n $part$rest ]]; do
        if ((${#part} < PIECE)); then part+=${rest:0:1024} rest=${rest:1024}; fi
        if ((${#out} > 1024)); then UNESCAPED+=$out out=''; fi
        if [[ $part != *"$BACKSLASH"* ]]; then
            out+=$part part=''
            continue
        fi
        out+=${part%%"$BACKSLASH"*} part=${part#*"$BACKSLASH"}
        if ((${#part} < PIECE)); then part+=${rest:0:1024} rest=${rest:1024}; fi
        case $part in
            a*) out+=$'\a' part=${part:1} ;;
            b*) out+=$'\b' part=${part:1} ;;
            f*) out+=$'\f' part=${part:1} ;;
            n*) out+=$'\n' part=${part:1} ;;
            r*) out+=$'\r' part=${part:1} ;;
            t*) out+=$'\t' part=${part:1} ;;
            v*) out+=$'\v' part=${part:1} ;;
            [\\\"]*) out+=${part:0:1} part=${part:1} ;;
            0*)
                [[ $part =~ ^0([0-9]{0,3}) ]] && digits=${BASH_REMATCH[1]}
                if [[ $digits == 000 ]]; then
                    nul=1
                elif [[ $digits == [0-3][0-7][0-7] ]]; then
                    # A character by its number, in UTF-8.
                    code="\\0$digits"
                    if ((8#$digits > 127)); then printf -v code '\\0%o\\0%o' $((0300 | 8#$digits >> 6)) $((0200 | 8#$digits & 077)); fi
                    printf -v code '%b' "$code"
                    out+=$code
                else
                    out+=$BACKSLASH$digits
                fi
                part=${part:1+${#digits}}
                ;;
            *) out+=$BACKSLASH ;;
        esac
    done
    UNESCAPED+=$out
}

# True for a line that Docker Compose, shells and dotenv libraries read alike.
# What stands before it, export, name and =, value, quote, what stands behind it.
is_plain() {
    local head=$3 value=$4 after=$6
    [[ -z $2 || $2 == 'export '*([[:blank:]]) ]] || return 1
    [[ $1 == *([[:blank:]]) ]] || return 1
    [[ $head =~ ^[A-Za-z_][A-Za-z0-9_]*=$ ]] || return 1
    [[ $after == *([[:blank:]]) || (-n $value && $after == +(' ')'#'*) ]] || return 1
    case $5 in
        none)
            [[ $value != '#'* && $value != *[![:graph:]]* && $value != *["\"'$BACKSLASH\$\`;&|<>()~"]* ]] || return 1
            [[ -z $2 || $value != *[]\[*?{}]* ]]
            ;;
        single)
            value=${value:1:${#value}-2}
            [[ $value != *[\'$'\r']* && $value != *"$BACKSLASH$BACKSLASH"* && $value != *"$BACKSLASH" ]]
            ;;
        double)
            value=${value:1:${#value}-2}
            [[ $value != *["$BACKSLASH"'$`'$'\r']* ]]
            ;;
    esac
}
