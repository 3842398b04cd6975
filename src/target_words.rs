//! The keys that Compose and Kubernetes have for a service, and which of them a profile may say in their words: what refuses them and
//! what proposes them have it from here.

pub mod compose;
pub mod kubernetes;

/// The keys that one map may have.
pub struct Language {
    /// Whose they are, for messages.
    pub of: &'static str,
    /// Keys that may be written, with what their values may be: `s` text, `n` a number, `b` true or false, `l` a list, `m` a map.
    pub open: &'static [(&'static str, &'static str)],
    /// Keys that follow from the profile, with what to write there.
    pub own: &'static [(&'static str, &'static str)],
    /// Keys that would give a container rights over its host or its neighbours.
    pub rights: &'static [&'static str],
}

/// In whose words a key can be said, or that it never is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// In those of Compose.
    Compose,
    /// In those of a pod.
    Pod,
    /// In those of a container of a pod.
    Container,
    /// It would give rights over the host.
    Rights,
}

/// In whose words a key of a target can be said at a service.
pub fn said(key: &str) -> Option<Said> {
    let languages = [(&compose::LANGUAGE, Said::Compose), (&kubernetes::POD, Said::Pod), (&kubernetes::CONTAINER, Said::Container)];
    if languages.iter().any(|(language, _)| language.rights.contains(&key)) {
        return Some(Said::Rights);
    }
    languages.iter().find(|(language, _)| language.open.iter().any(|(known, _)| *known == key)).map(|(_, said)| *said)
}
