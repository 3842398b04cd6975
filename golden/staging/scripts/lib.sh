# Made by infragen. Change the profile `staging`, then run: infragen render staging
# shellcheck shell=bash
#
# What the scripts share. Sourced, not run. Needs bash 4.3 or newer.

# Bytes and not characters: the same on every machine.
export LC_ALL=C
shopt -s extglob

# White space within a line, for patterns.
BLANK=$' \t\v\f\r'
BACKSLASH=$'\x5c'

step() { printf '==> %s\n' "$*" >&2; }
fail() { printf 'error: %s\n' "$*" >&2; exit 2; }

# Everything that read_env found, by its number.
NAMES=() VALUES=() LINES=() RAW=() QUOTES=() PLAIN=() INHERITED=() CARRIAGE_RETURN=
# Statements that Docker Compose refuses: line, reason, name.
BAD_LINES=() BAD_REASONS=() BAD_NAMES=()

# Reads the env file $1 as Docker Compose reads it. Values are never executed.
read_env() {
    local -a text=()
    local here rest key raw value quote line at=0 before exported carried='' last_ends='' count
    mapfile -t text < "$1"
    count=${#text[@]}
    [[ $(tail -c 1 "$1" | od -An -tx1) == *0a* ]] && last_ends=1
    ((count == 0)) || text[0]=${text[0]#$'\xef\xbb\xbf'}
    for ((line = 0; line < count; line++)); do
        if [[ ${text[line]} == *$'\r' && -z $CARRIAGE_RETURN ]]; then CARRIAGE_RETURN=$((line + 1)); fi
    done
    here=${text[0]:-} before=''
    while ((at < count)); do
        rest=${here##+(["$BLANK"])}
        before+=${here:0:${#here}-${#rest}} here=$rest
        if [[ -z $here || $here == '#'* ]]; then
            at=$((at + 1)) here=${text[at]:-} before=''
            continue
        fi
        exported=''
        if [[ $here =~ ^export($|[[:space:]]) ]]; then
            exported=${here:0:7} rest=${here#export}
            here=${rest##+(["$BLANK"])}
            # The name stands on a later line.
            if [[ -z $here ]]; then carried=1 at=$((at + 1)) here=${text[at]:-} before=''; continue; fi
        fi
        rest=${here##+([[:alnum:]]|[][_."$BLANK"-]|[![:ascii:]])}
        key=${here:0:${#here}-${#rest}}
        value=${key%%+(["$BLANK"])}
        if [[ -n $rest && $rest != [=:]* ]]; then
            bad "$at" 'the name holds a character that no name has' ''
        elif [[ $value == *' '* ]]; then
            bad "$at" 'there is a space in the name' ''
        elif [[ -z $rest ]] && ((at + 1 < count || last_ends)); then
            keep "$at" "$value" '' '' none '' 1
            at=$((at + 1)) here=${text[at]:-} before='' carried=''
            continue
        elif [[ -z $rest ]]; then
            bad "$at" 'there is no = behind the name' ''
        elif [[ -z $value ]]; then
            bad "$at" 'there is no name before =' ''
        else
            assign
            continue
        fi
        at=$((at + 1)) here=${text[at]:-} before='' carried=''
    done
}

bad() {
    BAD_LINES+=($(($1 + 1))) BAD_REASONS+=("$2") BAD_NAMES+=("$3")
}

# line, name, value, value as written, quote, plain, inherited
keep() {
    LINES+=($(($1 + 1))) NAMES+=("$2") VALUES+=("$3") RAW+=("$4") QUOTES+=("$5") PLAIN+=("$6") INHERITED+=("$7")
}

# The statement whose name is $key and whose rest is $rest, both of read_env.
assign() {
    local name=$value first=$at mark inner='' chunk is_plain='' after
    local head=$key${rest:0:1}
    rest=${rest:1}
    value=${rest##+(["$BLANK"])}
    head+=${rest:0:${#rest}-${#value}} rest=$value
    case $rest in
        [\'\"]*)
            mark=${rest:0:1} raw=$mark rest=${rest:1}
            while :; do
                # Up to the next quote or backslash.
                chunk=${rest%%[\\"$mark"]*}
                inner+=$chunk raw+=$chunk rest=${rest:${#chunk}}
                if [[ -z $rest ]]; then
                    at=$((at + 1))
                    if ((at >= count)); then
                        bad "$first" 'a quote is not closed' "$name"
                        at=$((first + 1)) here=${text[at]:-} before='' carried=''
                        return
                    fi
                    inner+=$'\n' raw+=$'\n' rest=${text[at]}
                elif [[ ${rest:0:1} == "$mark" ]]; then
                    raw+=$mark rest=${rest:1}
                    break
                elif [[ ${rest:0:2} == "$BACKSLASH" ]]; then
                    # A backslash at the end of a line.
                    inner+=$BACKSLASH raw+=$BACKSLASH rest=''
                else
                    if [[ ${rest:1:1} != "$mark" ]]; then inner+=$BACKSLASH; fi
                    inner+=${rest:1:1} raw+=${rest:0:2} rest=${rest:2}
                fi
            done
            quote=single
            if [[ $mark == '"' ]]; then quote=double; unescape "$inner"; inner=$UNESCAPED; fi
            ;;
        *)
            quote=none raw=${rest%%' #'*}
            after=${rest:${#raw}}
            value=${raw%%+(["$BLANK"])}
            after=${raw:${#value}}$after raw=$value inner=$value rest=''
            ;;
    esac
    [[ $quote == none ]] || after=$rest
    if is_plain "$before" "$exported" "$head" "$raw" "$quote" "${after%%+($'\r')}"; then is_plain=1; fi
    [[ -z $carried ]] || is_plain=''
    keep "$first" "$name" "$inner" "$raw" "$quote" "$is_plain" ''
    before=${text[at]:0:${#text[at]}-${#rest}} here=$rest carried=''
}

# The escapes of double quotes, into UNESCAPED.
unescape() {
    local rest=$1 digits code
    UNESCAPED=''
    while [[ $rest == *"$BACKSLASH"* ]]; do
        UNESCAPED+=${rest%%"$BACKSLASH"*} rest=${rest#*"$BACKSLASH"}
        case $rest in
            a*) UNESCAPED+=$'\a' rest=${rest:1} ;;
            b*) UNESCAPED+=$'\b' rest=${rest:1} ;;
            f*) UNESCAPED+=$'\f' rest=${rest:1} ;;
            n*) UNESCAPED+=$'\n' rest=${rest:1} ;;
            r*) UNESCAPED+=$'\r' rest=${rest:1} ;;
            t*) UNESCAPED+=$'\t' rest=${rest:1} ;;
            v*) UNESCAPED+=$'\v' rest=${rest:1} ;;
            [\\\"]*) UNESCAPED+=${rest:0:1} rest=${rest:1} ;;
            0*)
                [[ $rest =~ ^0([0-9]{0,3}) ]] && digits=${BASH_REMATCH[1]}
                if [[ $digits =~ ^[0-1][0-7][0-7]$ && $digits != 000 ]]; then
                    printf -v code '%b' "\\0$digits"
                    UNESCAPED+=$code
                else
                    UNESCAPED+=$BACKSLASH$digits
                fi
                rest=${rest:1+${#digits}}
                ;;
            *) UNESCAPED+=$BACKSLASH ;;
        esac
    done
    UNESCAPED+=$rest
}

# True for a line that Docker Compose, shells and dotenv libraries read alike.
# What stands before it, export, name and =, value, quote, what stands behind it.
is_plain() {
    local head=$3 value=$4 after=$6
    [[ -z $2 || $2 == 'export ' ]] || return 1
    [[ $1 == *([[:blank:]]) ]] || return 1
    [[ -n $value ]] || head=${head%%+([[:blank:]])}
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
