//! Where the output of containers goes on a host.

use super::defaults;
use super::resolve::Resolver;
use crate::key_path::KeyPath;
use crate::profile::model::LogDriver;
use crate::values::Size;
use serde::Serialize;

/// Where the output of containers goes on a host, and how much of it is kept there.
#[derive(Clone, Debug, Serialize)]
pub struct Logs {
    /// What takes it.
    pub driver: LogDriver,
    /// Options of that, by name.
    pub options: Vec<(String, String)>,
    /// Size of one file, where there are files.
    pub max_size: Size,
    /// Number of files.
    pub max_file: u32,
}

/// How the options of a driver begin, besides those that all have.
const fn prefix(driver: LogDriver) -> &'static str {
    match driver {
        LogDriver::JsonFile | LogDriver::Local => "compress",
        LogDriver::Journald | LogDriver::None => "tag",
        LogDriver::Syslog => "syslog-",
        LogDriver::Gelf => "gelf-",
        LogDriver::Fluentd => "fluentd-",
        LogDriver::Awslogs => "awslogs-",
        LogDriver::Gcplogs => "gcp-",
    }
}

/// Options that every driver has.
const COMMON: [&str; 7] = ["tag", "labels", "labels-regex", "env", "env-regex", "mode", "max-buffer-size"];

impl Resolver<'_> {
    pub(super) fn logs(&mut self) -> Logs {
        let written = &self.profile.observability.logs;
        let path = |key| ["observability", "logs", key];
        let at = |key| KeyPath::of(&path(key));
        let (usual, reason) = (LogDriver::JsonFile, "`docker logs` reads it, and no other machine is needed");
        let driver = self.or_as(&at("driver"), written.driver, usual, usual.as_str(), reason);
        let name = driver.as_str();
        for (key, is_written) in [("max_size", written.max_size.is_some()), ("max_file", written.max_file.is_some())] {
            if is_written && !driver.keeps_files() {
                let message = format!("`{name}` keeps no files: there is no `{key}`");
                self.error("misplaced-key", &at(key), message, "not used", "remove it, or choose `json-file` or `local`");
            }
        }
        for option in written.options.keys().map(crate::values::LogOption::as_str) {
            let at = at("options").key(option);
            if ["max-size", "max-file"].contains(&option) {
                let key = option.replace('-', "_");
                self.error("misplaced-key", &at, format!("`{option}` has a key of its own"), "not here", &format!("say `{key}` beside `options`"));
            } else if driver == LogDriver::None {
                self.error("misplaced-key", &at, "output that is thrown away has no options".into(), "not used", "remove it");
            } else if !COMMON.contains(&option) && !option.starts_with("cache-") && !option.starts_with(prefix(driver)) {
                let message = format!("`{option}` is no option of `{name}`: Docker would start no container");
                let help = format!("see Docker's page on the driver `{name}`: its options start with `{}`, besides `tag`, `labels` and `env`", prefix(driver));
                self.error("unknown-key", &at, message, "no such option", &help);
            }
        }
        if let Some(needed) = driver.needs().filter(|needed| !written.options.keys().any(|option| option.as_str() == *needed)) {
            let message = format!("`{name}` needs the option `{needed}`");
            let example = if needed == "gelf-address" { "\"udp://logs.example.com:12201\"" } else { self.profile.project.name.as_str() };
            let help = format!("add `options: {{{needed}: {example}}}` beside it");
            self.error("missing-key", &at("driver"), message, "no container would start", &help);
        }
        Logs {
            driver,
            options: written.options.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect(),
            max_size: self.or(&path("max_size"), written.max_size, defaults::LOG_SIZE, "five files of it fit any disk"),
            max_file: self.or(&path("max_file"), written.max_file, defaults::LOG_FILES, "enough to look back on"),
        }
    }
}
