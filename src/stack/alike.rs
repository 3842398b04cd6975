//! What services that are like another one share is wrong once.

use super::Origins;
use crate::diagnostics::Diagnostic;
use crate::key_path::{KeyPath, Segment};

/// Keys of a service that `like` gives.
const SHARED: [&str; 8] = ["image", "build", "user", "env", "env_from", "secrets", "files", "pools"];

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
