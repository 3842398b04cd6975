# {{ made_by | comment }}
# shellcheck shell=bash
{% raw -%}
option() { return 1; }
deploy() { fail 'not there yet'; }
rollback() { fail 'not there yet'; }
status() { fail 'not there yet'; }
{%- endraw %}
