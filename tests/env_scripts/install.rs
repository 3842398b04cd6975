//! `scripts/install_secrets.sh` writes each secret for its readers.
