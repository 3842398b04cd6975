# A script.
