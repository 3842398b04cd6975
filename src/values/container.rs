//! What containers get from outside: files, folders, ports.

use super::Scalar;
use super::names::text;
use std::fmt;

text! {
    /// The text of a small file.
    FileText, "file-text",
    expects "text that is not blank, without control characters but tabs and ends of lines",
    pattern r"^(?=[^\u0000]*[^ \t\n])[^\u0000-\u0008\u000b-\u001f\u007f]*$", examples ["[server]\nport = 8000\n", "a"],
    valid |text| !text.trim_matches(BLANK).is_empty() && !text.contains(|c: char| c.is_ascii_control() && c != '\t' && c != '\n')
}

const BLANK: [char; 3] = [' ', '\t', '\n'];

impl FileText {
    /// As a file has it: with one newline at its end, whatever stands there in a profile.
    pub fn content(&self) -> String {
        format!("{}\n", self.as_str().trim_end_matches(BLANK))
    }
}

text! {
    /// A folder of the host.
    HostPath, "host-path",
    expects "a folder of the host: an absolute path, or one below the project's root such as `./consume`. \
        SELinux' suffixes `:z` and `:Z` are no part of it: give the folder its label once, by `chcon -Rt container_file_t FOLDER`",
    pattern r"^(/|(?!.*(^|/)(\.\.(/|$)|-))(?!.+/\.(/|$))(\./|/)?(?!\.(/|$))[A-Za-z0-9._+@-]+(/[A-Za-z0-9._+@-]+)*)$", examples ["./consume", "/srv/shop/uploads"],
    valid |text| {
        let path = text.strip_prefix("./").unwrap_or(text);
        let parts = path.strip_prefix('/').unwrap_or(path);
        let is_part = |part: &str| !matches!(part, "" | "." | "..") && !part.starts_with('-') && part.chars().all(|c| c.is_ascii_alphanumeric() || "._+@-".contains(c));
        text == "/" || (!text.starts_with(".//") && parts.split('/').all(is_part))
    }
}

text! {
    /// A volume that somebody else made.
    VolumeName, "volume-name",
    expects "the name of a volume that is there: letters, digits, `_`, `.` and `-`, such as `shop_uploads`",
    pattern r"^(?!(true|false)$)[A-Za-z0-9][A-Za-z0-9_.-]{1,127}$", examples ["shop_uploads", "uploads-claim"],
    // Compose has a truth there, and the name beside it.
    valid |text| (2..=128).contains(&text.len())
        && !matches!(text, "true" | "false")
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c))
}

impl VolumeName {
    /// True if a claim of Kubernetes may have this name.
    pub fn is_claim(&self) -> bool {
        let is_word =
            |part: &str| !part.is_empty() && !part.starts_with('-') && !part.ends_with('-') && !part.contains(|c: char| c.is_ascii_uppercase() || c == '_');
        self.as_str().split('.').all(is_word)
    }
}

text! {
    /// Name of a port.
    PortName, "port-name",
    expects "a name of at most 15 characters: lower-case letters, digits and single dashes, with a letter in it, such as `metrics`",
    pattern r"^(?=.*[a-z])(?!.*--)[a-z0-9]([-a-z0-9]{0,13}[a-z0-9])?$", examples ["metrics", "grpc", "h2c-1"],
    valid |text| text.len() <= 15
        && text.contains(|c: char| c.is_ascii_lowercase())
        && text.split('-').all(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()))
}

text! {
    /// Name of an option of a log driver.
    LogOption, "log-option",
    expects "the name of an option as Docker has it: lower-case letters and `-`, such as `syslog-address`",
    pattern "^[a-z][-a-z]{0,59}$", examples ["syslog-address", "tag"],
    valid |text| text.len() <= 60 && text.starts_with(|c: char| c.is_ascii_lowercase()) && text.chars().all(|c| c.is_ascii_lowercase() || c == '-')
}

text! {
    /// Name of a limit of a process.
    UlimitName, "ulimit-name",
    expects "the name of a limit: `nofile` (open files), `nproc`, `memlock`, `core`, `stack`, `fsize`, `data`, `cpu`, `rss`, `as`, `locks`, `sigpending`, `msgqueue`, `nice`, `rtprio` or `rttime`",
    pattern "^(nofile|nproc|memlock|core|stack|fsize|data|cpu|rss|as|locks|sigpending|msgqueue|nice|rtprio|rttime)$", examples ["nofile", "memlock"],
    valid |text| ULIMITS.contains(&text)
}

const ULIMITS: [&str; 16] =
    ["nofile", "nproc", "memlock", "core", "stack", "fsize", "data", "cpu", "rss", "as", "locks", "sigpending", "msgqueue", "nice", "rtprio", "rttime"];

text! {
    /// Name of an annotation.
    AnnotationName, "annotation-name",
    expects "the name of an annotation, such as `prometheus.io/scrape`",
    pattern r"^([a-z0-9]([-a-z0-9.]{0,200}[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$", examples ["prometheus.io/scrape", "team"],
    valid |text| {
        let (prefix, name) = text.split_once('/').map_or((None, text), |(prefix, name)| (Some(prefix), name));
        let is_word = |word: &str, longest: usize, allowed: &dyn Fn(char) -> bool, more: &str| {
            (1..=longest).contains(&word.len())
                && word.chars().all(|c| allowed(c) || more.contains(c))
                && word.starts_with(allowed) && word.ends_with(allowed)
        };
        prefix.is_none_or(|prefix| is_word(prefix, 202, &|c| c.is_ascii_lowercase() || c.is_ascii_digit(), "-."))
            && is_word(name, 63, &|c| c.is_ascii_alphanumeric(), "-_.")
    }
}

text! {
    /// Value of a label.
    LabelValue, "label-value",
    expects "at most 63 characters: letters, digits, `-`, `_` and `.`, with a letter or a digit at both ends, such as `shop`",
    pattern r"^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$", examples ["shop", "1.4"],
    valid |text| (1..=63).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.ends_with(|c: char| c.is_ascii_alphanumeric())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
}

text! {
    /// Name of an object that a cluster has.
    ObjectName, "object-name",
    expects "the name of an object in the cluster: at most 63 lower-case letters, digits, `-` and `.`, such as `fast`",
    pattern r"^(?=.{1,63}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$", examples ["fast", "shop-values", "csi.fast"],
    valid |text| (1..=63).contains(&text.len())
        && text.split('.').all(|part| {
            !part.is_empty()
                && !part.starts_with('-')
                && !part.ends_with('-')
                && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        })
}

text! {
    /// Name of a header of HTTP.
    HeaderName, "header-name",
    expects "the name of a header: letters, digits and dashes, such as `Host`",
    pattern r"^[A-Za-z][A-Za-z0-9-]{0,63}$", examples ["Host", "X-Forwarded-Proto"],
    valid |text| text.len() <= 64
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

text! {
    /// Value of a header of HTTP.
    HeaderValue, "header-value",
    expects "one line of printable ASCII, without a space at either end, such as `shop.example.com`",
    pattern r"^(?! )[ -~]+(?<! )$", examples ["shop.example.com", "https"],
    valid |text| !text.is_empty() && !text.starts_with(' ') && !text.ends_with(' ') && text.chars().all(|c| (' '..='~').contains(&c))
}

text! {
    /// Name of a service of gRPC.
    GrpcService, "grpc-service",
    expects "the name of a gRPC service: letters, digits, `_` and `.`, such as `shop.v1.Orders`",
    pattern r"^[A-Za-z_][A-Za-z0-9_.]{0,127}$", examples ["shop.v1.Orders", "readiness"],
    valid |text| text.len() <= 128
        && text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "_.".contains(c))
}

text! {
    /// Name of a stage in a Dockerfile.
    StageName, "stage-name",
    expects "the name of a stage: letters, digits, `_`, `.` and `-`, such as `production`",
    pattern r"^[A-Za-z][A-Za-z0-9_.-]{0,127}$", examples ["production", "web-1"],
    valid |text| text.len() <= 128
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c))
}
