# Made by infragen. Change the profile `production`, then run: infragen render production
# shellcheck shell=bash
option() { return 1; }
deploy() { fail 'not there yet'; }
rollback() { fail 'not there yet'; }
status() { fail 'not there yet'; }
