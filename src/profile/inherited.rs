//! What a profile replaces and takes out of those that it extends: mistakes that follow from it are told as such, with both places.

use super::hints;
use super::merge::find_key;
use crate::diagnostics::{Diagnostic, Label};
use crate::key_path::{KeyPath, Segment};
use crate::source::Span;
use crate::yaml::Map;

/// What did not stay of what is extended.
#[derive(Debug, Default)]
pub struct Inherited {
    /// Maps whose kind is another one, so that nothing of them stays.
    pub(super) replaced: Vec<Replaced>,
    /// What `remove` takes out.
    pub(super) removed: Vec<Removed>,
    /// What the files that extend others say themselves, the profile's own first.
    pub(super) own: Vec<Map>,
}

/// A map that took the place of one of another kind.
#[derive(Clone, Debug)]
pub(super) struct Replaced {
    /// Where both stand in the profile.
    pub path: KeyPath,
    /// The key that says the kind: `kind` or `server`.
    pub tag: &'static str,
    /// What it said, and where.
    pub before: (String, Span),
    /// What it says, and where.
    pub after: (String, Span),
}

/// A part that `remove` takes out.
#[derive(Clone, Debug)]
pub(super) struct Removed {
    /// The part.
    pub path: KeyPath,
    /// Where that is said.
    pub place: Span,
    /// Its name; of a section those of its entries.
    pub names: Vec<String>,
    /// The hosts of the edge that are gone with it.
    pub hosts: Vec<String>,
}

impl Inherited {
    /// True if the profile's own file takes something out.
    pub fn removes(&self) -> bool {
        self.own.first().is_some_and(|own| own.contains_key("remove"))
    }

    /// True if the edge was taken out, or hosts of it.
    pub fn removes_edge(&self) -> bool {
        self.removed.iter().any(|removed| removed.path.0.first().is_some_and(|section| section.to_string() == "edge"))
    }

    /// Hosts of the edge that were taken out.
    pub fn hosts(&self) -> Vec<String> {
        self.removed.iter().flat_map(|removed| removed.hosts.iter().cloned()).collect()
    }

    /// The mistakes, with those told together that one replacement or one removal is the reason of.
    ///
    /// `list` has the texts of the list at a path, where that is known.
    pub fn explain(&self, mut errors: Vec<Diagnostic>, list: &dyn Fn(&KeyPath) -> Option<Vec<String>>) -> Vec<Diagnostic> {
        let mut told = Vec::new();
        for replaced in &self.replaced {
            let is_gap = |error: &mut Diagnostic| error.code == "missing-key" && error.path.as_ref() == Some(&replaced.path);
            let gaps: Vec<Diagnostic> = errors.extract_if(.., is_gap).collect();
            told.extend(replaced.explain(&gaps));
        }
        for removed in &self.removed {
            if let Some(error) = self.written_anew(removed, &mut errors) {
                told.push(error);
                continue;
            }
            let uses: Vec<Diagnostic> = errors.extract_if(.., |error| removed.is_missed(error)).collect();
            told.extend(removed.explain(&uses, list));
        }
        errors.extend(told);
        for error in errors.iter_mut().filter(|error| error.code == "contradiction" && error.message.ends_with(PARAM_AND_REFERENCE)) {
            let Some(path) = error.path.clone() else { continue };
            let says = |key: &str| self.own.iter().find(|file| find_key(file, &path.key(key).0).is_some());
            match (says("param"), says("from")) {
                (Some(file), None) | (None, Some(file)) => {
                    error.help = Some(format!("{}: what is inherited is the other of the two", remove(file, std::slice::from_ref(&path))));
                }
                _ => {}
            }
        }
        self.left_over(self.switched_off(errors))
    }

    /// A service that a file takes out and then writes a part of: it wants the one or the other, and all else follows from that.
    fn written_anew(&self, removed: &Removed, errors: &mut Vec<Diagnostic>) -> Option<Diagnostic> {
        let [Segment::Key(section), Segment::Key(name)] = removed.path.0.as_slice() else { return None };
        let file = self.own.iter().find(|file| find_key(file, &removed.path.0).is_some_and(|place| place.source == removed.place.source))?;
        let place = find_key(file, &removed.path.0)?;
        let is_part = |error: &Diagnostic| error.code == "missing-key" && error.path.as_ref() == Some(&removed.path) && error.message.ends_with("`kind`");
        if !matches!(section.as_str(), "services" | "backing_services") || !errors.iter().any(is_part) {
            return None;
        }
        // Those that are like it lack an image now, and what they leave out of it.
        let is_alike = |error: &Diagnostic| error.code == "missing-key" && error.message.ends_with("`image`");
        let follows = |error: &mut Diagnostic| {
            let is_below = error.path.as_ref().is_some_and(|path| path.0.starts_with(&removed.path.0));
            is_below || (section == "services" && is_alike(error)) || error.message.split('`').skip(1).step_by(2).any(|word| word == name)
        };
        let following: Vec<Diagnostic> = errors.extract_if(.., follows).collect();
        let alike: Vec<&Diagnostic> = following.iter().filter(|error| is_alike(error) && error.path.as_ref() != Some(&removed.path)).collect();
        let names: Vec<String> = alike.iter().filter_map(|error| Some(format!("`{}`", error.path.as_ref()?.0.get(1)?))).collect();
        let others = if names.is_empty() { String::new() } else { format!("; {} would be like nothing, too", listed(&names)) };
        let message = format!("`remove` takes out `{}`, of which this file writes a part", removed.path);
        let mut error =
            Diagnostic::error("contradiction", message).at(KeyPath::of(&["remove"])).label(removed.place, "taken out here").related(place, "written here");
        for other in alike.iter().filter_map(|error| error.primary.as_ref()) {
            error = error.related(other.span, format!("is `like: {name}`"));
        }
        Some(error.help(format!("remove `{}` from `remove`: what is written here changes what is inherited{others}", removed.path)))
    }

    /// Mistakes of what is inherited, told where a file says the key that leaves no use for it: there it has to be taken out.
    fn left_over(&self, errors: Vec<Diagnostic>) -> Vec<Diagnostic> {
        let (mut told, mut groups): (Vec<Diagnostic>, Vec<LeftOver>) = (Vec::new(), Vec::new());
        for error in errors {
            let Some((own, reason, place)) = self.reason(&error) else {
                told.push(error);
                continue;
            };
            match groups.iter_mut().find(|group| group.place == place && group.errors[0].help == error.help) {
                Some(group) => group.errors.push(error),
                None => groups.push(LeftOver { own, reason, place, errors: vec![error] }),
            }
        }
        told.extend(groups.into_iter().filter_map(LeftOver::explain));
        told
    }

    /// The file that says why something inherited is of no use, the key that does, and its place.
    fn reason(&self, error: &Diagnostic) -> Option<(&Map, String, Span)> {
        let (path, place) = (error.path.as_ref()?, error.primary.as_ref()?.span);
        let instead = error.help.as_deref().filter(|_| error.code == "misplaced-key")?.strip_prefix("remove it")?;
        // The key that the help names, or else the part that both are in.
        let key = instead.split('`').nth(1).and_then(|named| named.split(':').next());
        let above = path.parent();
        let reason = match key {
            None => above.clone(),
            Some(key) if key.contains('.') => KeyPath::parse(key).ok()?,
            Some(key) => above.key(key),
        };
        let is_near = |file: &&Map| file.values().next().is_some_and(|entry| entry.key.source != place.source);
        self.own.iter().filter(is_near).find_map(|file| Some((file, reason.0.last()?.to_string(), find_key(file, &reason.0)?)))
    }

    /// Uses of what a file switches off that it inherits: there they have to be taken out.
    fn switched_off(&self, mut errors: Vec<Diagnostic>) -> Vec<Diagnostic> {
        let mut told = Vec::new();
        while let Some((file, name, place)) = errors.iter().find_map(|error| self.switch(error)) {
            let uses: Vec<Diagnostic> = errors.extract_if(.., |error| self.switch(error).is_some_and(|(_, other, _)| other == name)).collect();
            let message = format!("`{name}` is switched off, and others refer to it");
            let error = Diagnostic { related: uses_of(&uses), ..Diagnostic::error("unknown-reference", message).label(place, "switched off here") };
            let path = uses.first().and_then(|error| error.path.clone()).unwrap_or_default();
            told.push(error.at(path).help(format!("take what refers to it out, too: {}; or leave it on", remove(file, &paths_of(&uses)))));
        }
        errors.extend(told);
        errors
    }

    /// The file that switches off what an inherited value refers to, its name, and the place of the switch.
    fn switch(&self, error: &Diagnostic) -> Option<(&Map, String, Span)> {
        let (name, rest) = error.help.as_deref()?.strip_prefix('`')?.split_once('`')?;
        let place = error.primary.as_ref().filter(|_| rest.starts_with(SWITCHED_OFF))?.span;
        let sections = ["services", "backing_services"];
        let switch = |file: &Map| sections.iter().find_map(|section| find_key(file, &KeyPath::of(&[section, name, "enabled"]).0));
        self.own.iter().find_map(|file| Some((file, name.to_owned(), switch(file).filter(|switch| switch.source != place.source)?)))
    }
}

/// How the message ends about a variable with two values.
pub const PARAM_AND_REFERENCE: &str = "has a `param` and a reference";

/// What follows the name of something that is switched off.
pub const SWITCHED_OFF: &str = " is switched off by `enabled: false`";

/// Inherited keys that one key of a file leaves no use for.
struct LeftOver<'a> {
    own: &'a Map,
    reason: String,
    place: Span,
    errors: Vec<Diagnostic>,
}

impl LeftOver<'_> {
    fn explain(self) -> Option<Diagnostic> {
        let first = self.errors.first()?;
        let keys: Vec<KeyPath> = self.errors.iter().filter_map(|error| error.path.clone()).collect();
        let last = |path: &KeyPath| path.0.last().map(ToString::to_string).unwrap_or_default();
        let names: Vec<String> = keys.iter().map(|path| format!("`{}`", last(path))).collect();
        let related = self.errors.iter().filter_map(|error| error.primary.clone()).map(|label| Label { text: "inherited from here".into(), ..label }).collect();
        let message = if first.message.contains(&names[0]) {
            first.message.replacen(&names[0], &listed(&names), 1)
        } else {
            format!("{}: {}", listed(&names), first.message)
        };
        let instead = first.help.as_deref().and_then(|help| help.strip_prefix("remove it")).unwrap_or_default();
        let error = Diagnostic { message, related, ..first.clone() }.label(self.place, format!("`{}` stands here", self.reason));
        Some(error.help(format!("{}{instead}", remove(self.own, &keys))))
    }
}

/// What a file writes so that it does not inherit something.
fn remove(own: &Map, paths: &[KeyPath]) -> String {
    take_out(own.contains_key("remove"), paths)
}

/// What a file writes so that it does not inherit these parts: more of its `remove`, or one.
pub fn take_out(has_remove: bool, paths: &[KeyPath]) -> String {
    let paths: Vec<String> = paths.iter().map(ToString::to_string).collect();
    if has_remove {
        format!("add {} to `remove`", listed(&paths.iter().map(|path| format!("`{path}`")).collect::<Vec<_>>()))
    } else {
        format!("write `remove: [{}]`", paths.iter().map(|path| hints::scalar(path)).collect::<Vec<_>>().join(", "))
    }
}

/// The places of references, each once.
fn uses_of(references: &[Diagnostic]) -> Vec<Label> {
    let mut spans: Vec<Span> = references.iter().filter_map(|error| error.primary.as_ref().map(|label| label.span)).collect();
    spans.sort();
    spans.dedup();
    spans.into_iter().map(|span| Label { span, text: "refers to it".into() }).collect()
}

/// The parts that go with references, each once and none inside another.
fn paths_of(references: &[Diagnostic]) -> Vec<KeyPath> {
    let mut paths: Vec<KeyPath> = Vec::new();
    for path in references.iter().filter_map(|error| error.path.as_ref().map(removable)) {
        if !paths.iter().any(|known| path.0.starts_with(&known.0)) {
            paths.retain(|known| !known.0.starts_with(&path.0));
            paths.push(path);
        }
    }
    paths
}

/// `a`, `b` and `c`.
fn listed(names: &[String]) -> String {
    match names.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} and {last}", others.join(", ")),
        _ => names.concat(),
    }
}

impl Replaced {
    fn explain(&self, gaps: &[Diagnostic]) -> Option<Diagnostic> {
        let first = gaps.first()?;
        let (tag, before, after) = (self.tag, &self.before.0, &self.after.0);
        let added: Vec<&str> = gaps.iter().filter_map(|gap| gap.help.as_deref()?.strip_prefix("add `")?.split('`').next()).collect();
        let added: Vec<String> = added.iter().map(|piece| format!("`{piece}`")).collect();
        let message = format!("`{}` was `{tag}: {before}` in what is extended and is `{tag}: {after}` here, so that nothing else of it stays", self.path);
        let error =
            Diagnostic::error("missing-key", message).at(self.path.clone()).label(self.after.1, "another kind").related(self.before.1, "inherited from here");
        if added.is_empty() {
            return Some(first.clone());
        }
        Some(error.help(format!("add {}, or leave `{tag}: {before}` as it is", listed(&added))))
    }
}

impl Removed {
    /// True for a mistake that is there only because this part is not.
    fn is_missed(&self, error: &Diagnostic) -> bool {
        let name = error.message.rsplit('`').nth(1).unwrap_or_default();
        // Of the edge it is said that it has no such value.
        let is_edge = error.message.starts_with("there is no edge `") && self.path == KeyPath::of(&["edge"]);
        let is_use = error.code == "unknown-reference" && (is_edge || self.names.iter().any(|known| known == name));
        let in_services = self.path.0.first() == Some(&Segment::Key("services".into()));
        // Of a key of fixed name it is said that it is missing.
        let is_gap = error.code == "missing-key" && self.names.iter().any(|known| known == name) && error.path.as_ref() == Some(&self.path.parent());
        is_use || is_gap || (in_services && error.code == "missing-key" && error.path == Some(KeyPath::of(&["services"])))
    }

    fn explain(&self, uses: &[Diagnostic], list: &dyn Fn(&KeyPath) -> Option<Vec<String>>) -> Option<Diagnostic> {
        let references: Vec<Diagnostic> = uses.iter().filter(|error| error.code == "unknown-reference").cloned().collect();
        let error = |message: String| Diagnostic::error("unknown-reference", message).at(KeyPath::of(&["remove"])).label(self.place, "taken out here");
        if references.is_empty() {
            let other = uses.first()?;
            let help = other.help.clone().unwrap_or_default();
            if other.path == Some(KeyPath::of(&["services"])) {
                return Some(error(format!("`remove` takes out `{}`, and no service is left", self.path)).help(help));
            }
            let error = Diagnostic { code: other.code, ..error(format!("`remove` takes out `{}`, but {}", self.path, other.message)) };
            return Some(error.help(format!("keep it, or {help}")));
        }
        let mut steps: Vec<String> = Vec::new();
        let mut paths = paths_of(&references);
        // Of a list without all of its items something stays.
        paths.retain(|path| {
            let is_gone = |at: usize| references.iter().any(|error| error.path == Some(path.index(at)));
            let rest: Vec<String> =
                list(path).into_iter().flatten().enumerate().filter(|(at, _)| !is_gone(*at)).map(|(_, item)| hints::scalar(&item).into_owned()).collect();
            if !rest.is_empty() {
                let inner = format!("[{}]", rest.join(", "));
                let written =
                    path.0.iter().rev().fold(inner, |inner, key| format!("{key}: {}", if inner.starts_with('[') { inner } else { format!("{{{inner}}}") }));
                steps.push(format!("write `{written}`"));
            }
            rest.is_empty()
        });
        if !paths.is_empty() {
            steps.insert(0, format!("add {} to `remove`", listed(&paths.iter().map(|path| format!("`{path}`")).collect::<Vec<_>>())));
        }
        let message = format!("`remove` takes out `{}`, to which others refer", self.path);
        // Where the edge is goes without it: an address is a text as well.
        let text = if self.path == KeyPath::of(&["edge"]) { ", or write the address there as a text" } else { "" };
        let help = format!("remove what refers to it, too: {}{text}; or keep it", steps.join(", and "));
        Some(Diagnostic { related: uses_of(&references), ..error(message) }.help(help))
    }
}

/// The part that goes with a reference: a variable with its `from`, a route with its `service`, a list with its item.
fn removable(path: &KeyPath) -> KeyPath {
    let mut path = path.clone();
    while matches!(path.0.last(), Some(Segment::Index(_))) {
        path = path.parent();
    }
    match path.0.last() {
        Some(Segment::Key(key)) if matches!(key.as_str(), "from" | "service" | "volume" | "like") => path.parent(),
        _ => path,
    }
}
