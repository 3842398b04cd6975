# Made by infragen. Change the profile `staging`, then run: infragen render staging
# shellcheck shell=bash
option() { return 1; }
deploy() { fail 'not there yet'; }
rollback() { fail 'not there yet'; }
status() { fail 'not there yet'; }
