//! What services share that are like another one: it is wrong once, and a resolved profile has it at each.

use super::{Origins, Resolved};
use crate::diagnostics::Diagnostic;
use crate::key_path::{KeyPath, Segment};
use crate::yaml::Value;

/// Keys of a service that `like` gives.
pub const SHARED: [&str; 8] = ["image", "build", "user", "env", "env_from", "secrets", "files", "pools"];

/// What `like` itself stands for: an image and a file have one owner.
const OWNED: [&str; 3] = ["image", "build", "files"];

/// What is said of the service that another one is like, where both have a mistake that is the original's.
pub const ORIGINAL: &str = "it is like this one";

/// Leaves out the mistakes of services that are those of the ones which they are like, where those are told, too.
pub fn at_originals(errors: &mut Vec<Diagnostic>) {
    let told: Vec<_> = errors.iter().map(|error| (error.code, error.primary.as_ref().map(|label| label.span))).collect();
    errors.retain(|error| !error.related.iter().any(|label| label.text == ORIGINAL && told.contains(&(error.code, Some(label.span)))));
}

/// Writes out what `like` gives each service, but for what has an owner.
pub fn write_out(root: &mut Resolved) {
    let Resolved::Map(sections) = root else { return };
    let Some(Resolved::Map(services)) = sections.iter_mut().find(|(key, _)| key == "services").map(|(_, services)| services) else { return };
    let originals = services.clone();
    for (_, service) in services {
        let Resolved::Map(own) = service else { continue };
        let Some(like) = of(own, "like").and_then(word) else { continue };
        let Some(Resolved::Map(other)) = of(&originals, like) else { continue };
        let left_out: Vec<&str> = match of(own, "without") {
            Some(Resolved::List(items)) => items.iter().filter_map(word).collect(),
            _ => Vec::new(),
        };
        let shared: Vec<(String, Resolved)> = other
            .iter()
            .filter(|(key, _)| SHARED.contains(&key.as_str()) && !OWNED.contains(&key.as_str()))
            .map(|(key, given)| (key.clone(), together(given, of(own, key), if key == "env" || key == "secrets" { &left_out } else { &[] })))
            .collect();
        for (key, value) in shared {
            match own.iter_mut().find(|(known, _)| *known == key) {
                Some((_, known)) => *known = value,
                None => own.push((key, value)),
            }
        }
    }
}

/// What is given, less what is left out, and what a service adds or has instead.
fn together(given: &Resolved, own: Option<&Resolved>, left_out: &[&str]) -> Resolved {
    match (given, own) {
        (Resolved::Map(given), _) => {
            let mut all: Vec<(String, Resolved)> = given.iter().filter(|(key, _)| !left_out.contains(&key.as_str())).cloned().collect();
            let Some(Resolved::Map(own)) = own else { return Resolved::Map(all) };
            for (key, value) in own {
                match all.iter_mut().find(|(known, _)| known == key) {
                    Some((_, known)) => *known = value.clone(),
                    None => all.push((key.clone(), value.clone())),
                }
            }
            Resolved::Map(all)
        }
        (Resolved::List(given), Some(Resolved::List(own))) => {
            let more = own.iter().filter(|item| !given.iter().any(|known| word(known).is_some() && word(known) == word(item)));
            Resolved::List(given.iter().chain(more).cloned().collect())
        }
        (_, Some(own)) => own.clone(),
        (_, None) => given.clone(),
    }
}

fn of<'a>(entries: &'a [(String, Resolved)], key: &str) -> Option<&'a Resolved> {
    entries.iter().find(|(known, _)| known == key).map(|(_, value)| value)
}

fn word(value: &Resolved) -> Option<&str> {
    match value {
        Resolved::Written(Value::Text(text), _) => Some(text),
        _ => None,
    }
}

impl Origins {
    /// Leaves out what is said of a service only because it is like another one, of which the same is said.
    pub fn once(&self, list: &mut Vec<Diagnostic>) {
        let keys: Vec<_> = list.iter().map(|known| (known.code, known.path.clone(), known.message.clone())).collect();
        list.retain(|diagnostic| {
            let original = self.original(diagnostic);
            original.is_none_or(|(path, message)| !keys.iter().any(|known| known.0 == diagnostic.code && known.1.as_ref() == Some(&path) && known.2 == message))
        });
    }

    /// Path and message of the same mistake at the service that another one is like; nothing if it is this one's own.
    fn original(&self, diagnostic: &Diagnostic) -> Option<(KeyPath, String)> {
        let path = diagnostic.path.as_ref()?;
        let is_shared =
            matches!(path.0.as_slice(), [Segment::Key(section), _, Segment::Key(key), ..] if section == "services" && SHARED.contains(&key.as_str()));
        // A variable has the path of the service that declares it, whoever has it.
        for name in diagnostic.message.split('`').skip(1).step_by(2) {
            let Some(like) = self.text(&KeyPath::of(&["services", name, "like"])) else { continue };
            let own = KeyPath::of(&["services", name]);
            let is_own = path.0.starts_with(&own.0);
            if is_own && (!is_shared || self.is_written(path)) {
                continue;
            }
            let mut original = path.clone();
            if is_own {
                original.0[1] = Segment::Key(like.to_owned());
            }
            return Some((original, diagnostic.message.replace(&format!("`{name}`"), &format!("`{like}`"))));
        }
        None
    }
}
