//! A profile and all that it extends, merged and checked.

use super::inherited::{Inherited, Removed};
use super::merge;
use super::model::EnvironmentKind;
use super::quick::Quick;
use super::remainder::Remainder;
use super::schema::Schema;
use super::{Located, Profile, foreign, read, violations};
use crate::diagnostics::{self, Diagnostic};
use crate::key_path::{KeyPath, Segment};
use crate::source::{Files, SourceId, Sources, Span};
use crate::yaml::{Map, Node, Value};
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Keys that say how a file is read; they are not inherited.
const OWN_KEYS: [&str; 3] = ["extends", "abstract", "remove"];

/// Longest chain of profiles that extend each other.
const MAX_CHAIN: usize = 32;

/// A profile in types, and the merged tree that knows where each value stands.
#[derive(Debug)]
pub struct Loaded {
    /// What is written, in types.
    pub profile: Profile,
    /// What is written, with places.
    pub tree: Node,
    /// The kind of environment that each file has which was read, by itself or from what it extends.
    pub kinds: BTreeMap<SourceId, EnvironmentKind>,
    /// What did not stay of what is extended.
    pub inherited: Inherited,
}

/// Why there is no [`Loaded`].
#[derive(Debug)]
pub struct Mistakes {
    /// What is wrong, in the order of the places.
    pub errors: Vec<Diagnostic>,
    /// What is left without it, for looking on.
    pub rest: Option<Remainder>,
    /// What did not stay of what is extended.
    pub inherited: Inherited,
}

/// Loads profiles; what checks them is prepared once for all of them.
pub struct Loader {
    quick: Quick,
    /// Only for a profile that may be wrong.
    schema: OnceCell<Schema>,
    cwd: PathBuf,
}

impl Loader {
    /// A loader whose messages show paths relative to `cwd`.
    pub fn new(cwd: &Path) -> Self {
        Self { quick: Quick::new(), schema: OnceCell::new(), cwd: cwd.to_owned() }
    }

    /// Loads one profile.
    ///
    /// # Errors
    /// All mistakes that were found, in the order of their places.
    pub fn load(&self, located: &Located, sources: &mut Sources) -> Result<Loaded, Mistakes> {
        sources.project.clone_from(&located.root);
        let (mut errors, mut kinds, mut merges) = (Vec::new(), BTreeMap::new(), merge::Merged::default());
        let (mut removed, mut missing, mut own) = (Vec::new(), Vec::new(), Vec::new());
        let chain = Chain {
            loader: self,
            sources,
            errors: &mut errors,
            kinds: &mut kinds,
            merges: &mut merges,
            removed: &mut removed,
            missing: &mut missing,
            own: &mut own,
            open: Vec::new(),
            done: BTreeMap::new(),
            incomplete: false,
        };
        // Where a part could not be read at all, what looks missing may be there.
        let Some((tree, is_part)) = chain.run(&located.file) else {
            errors.extend(missing.into_iter().map(|(_, error)| error));
            diagnostics::sort(&mut errors);
            return Err(Mistakes { errors, rest: None, inherited: Inherited::default() });
        };
        // Its parts without a value are no further mistakes.
        if let Some(error) = foreign::document(&tree) {
            return Err(Mistakes { errors: vec![error], rest: None, inherited: Inherited::default() });
        }
        own.reverse();
        let inherited = Inherited { replaced: merges.replaced, removed, own };
        let json = tree.to_json();
        let is_right = self.quick.accepts(&json);
        let mut violations = if is_right { Vec::new() } else { violations::find(self.schema(), &json, &tree, sources) };
        if has_whole_fraction(&tree) {
            violations.extend(violations::fractions(self.schema(), &tree, sources));
        }
        // What is not there to be taken out may be there under a name that is wrong, or without a value.
        let meant: Vec<KeyPath> = violations.iter().chain(&errors).filter_map(meant_path).collect();
        errors.extend(missing.into_iter().filter(|(path, _)| !meant.iter().any(|meant| path.0.starts_with(&meant.0))).map(|(_, error)| error));
        if errors.is_empty() && violations.is_empty() {
            match serde_json::from_value(json) {
                Ok(profile) => return Ok(Loaded { profile, tree, kinds, inherited }),
                Err(error) => errors.push(Diagnostic::error("internal-error", format!("internal error: the schema accepts what the types refuse: {error}"))),
            }
        }
        // What looks missing may be in the parents that were not read.
        let in_extends = |path: &KeyPath| path.0.first() == Some(&Segment::Key("extends".into()));
        let is_incomplete = is_part || violations.iter().chain(&errors).any(|known| known.path.as_ref().is_some_and(in_extends));
        if is_incomplete {
            violations.retain(|violation| violation.code != "missing-key");
        }
        for violation in violations.iter_mut().filter(|violation| violation.code == "wrong-type") {
            // The last one that was replaced is the one that the file itself met.
            if let Some(clash) = merges.clashes.iter().rev().find(|clash| violation.path.as_ref() == Some(&clash.path)) {
                let (span, what) = clash.inherited;
                violation.related.push(diagnostics::Label { span, text: format!("inherited from here: {what}") });
            }
        }
        // A key without a value is there: it is not missing, too.
        let empty: Vec<Diagnostic> = errors.iter().filter(|error| error.code == "null-value").cloned().collect();
        violations.retain(|violation| {
            let is_empty = |error: &Diagnostic| match (&error.path, &violation.path) {
                (Some(path), Some(above)) => {
                    path.parent() == *above && violation.message.ends_with(&format!("`{}`", path.0.last().map(ToString::to_string).unwrap_or_default()))
                }
                _ => false,
            };
            violation.code != "missing-key" || !empty.iter().any(is_empty)
        });
        violations.splice(0..0, empty);
        let rest = if is_incomplete { None } else { Remainder::of(self.schema(), tree, &mut violations, sources) };
        errors.extend(violations);
        diagnostics::sort(&mut errors);
        Err(Mistakes { errors, rest, inherited })
    }

    fn schema(&self) -> &Schema {
        self.schema.get_or_init(Schema::new)
    }

    /// True if the file marks itself as a part of other profiles; false if it cannot be read.
    pub fn is_abstract(&self, located: &Located, files: &Files) -> bool {
        let mut sources = Sources::default();
        sources.files = files.clone();
        read::read(&located.file, &self.shown(&located.file), None, &mut sources).is_ok_and(|read| marked_abstract(&read.map).is_some())
    }

    fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.cwd).unwrap_or(path).display().to_string()
    }
}

/// Where a value would stand if its key were what is meant by it, or if it had one.
fn meant_path(error: &Diagnostic) -> Option<KeyPath> {
    let path = error.path.as_ref()?;
    match error.code {
        "null-value" => Some(path.clone()),
        "unknown-key" | "invalid-name" => Some(path.parent().key(error.help.as_deref()?.strip_prefix("did you mean `")?.split('`').next()?)),
        _ => None,
    }
}

fn has_whole_fraction(node: &Node) -> bool {
    match &node.value {
        Value::List(list) => list.iter().any(has_whole_fraction),
        Value::Map(map) => map.values().any(|entry| has_whole_fraction(&entry.node)),
        _ => node.is_whole_fraction(),
    }
}

fn marked_abstract(map: &Map) -> Option<Span> {
    map.get("abstract").filter(|entry| entry.node.value == Value::Bool(true)).map(|entry| entry.key)
}

/// One walk through `extends`.
struct Chain<'a> {
    loader: &'a Loader,
    sources: &'a mut Sources,
    errors: &'a mut Vec<Diagnostic>,
    kinds: &'a mut BTreeMap<SourceId, EnvironmentKind>,
    merges: &'a mut merge::Merged,
    removed: &'a mut Vec<Removed>,
    /// What `remove` names that is not there.
    missing: &'a mut Vec<(KeyPath, Diagnostic)>,
    /// What each file says itself that extends others, the one that is extended first.
    own: &'a mut Vec<Map>,
    /// Files whose parents are being read, and where each is extended: meeting one of them again is a cycle.
    open: Vec<(PathBuf, Option<Span>)>,
    /// What was read before: a parent may be extended in several ways.
    done: BTreeMap<PathBuf, Option<Merged>>,
    /// True once a file could not be read.
    incomplete: bool,
}

/// A merged map, its file's span, and where it says that it is abstract.
type Merged = (Span, Map, Option<Span>);

impl Chain<'_> {
    /// The merged tree, and whether something that it extends is not in it; `None` if there is nothing to look at.
    fn run(mut self, file: &Path) -> Option<(Node, bool)> {
        let (span, map, is_abstract) = self.file(file, None)?;
        if let Some(mark) = is_abstract {
            self.errors.push(
                Diagnostic::error("abstract-profile", format!("`{}` is abstract: a part of other profiles, never rendered by itself", self.loader.shown(file)))
                    .at(KeyPath::of(&["abstract"]))
                    .label(mark, "marked here")
                    .help("name a profile that extends it"),
            );
            return None;
        }
        Some((Node { value: Value::Map(map), span }, self.incomplete))
    }

    /// A file merged onto its parents. `from` is where another file names it.
    fn file(&mut self, path: &Path, from: Option<Span>) -> Option<Merged> {
        let shown = self.loader.shown(path);
        // Two names of one file are one step of a cycle.
        let identity = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        if let Some(start) = self.open.iter().position(|(open, _)| *open == identity) {
            let mut names: Vec<_> = self.open[start..].iter().map(|(path, _)| self.loader.shown(path)).collect();
            names.push(shown);
            let mut error = Diagnostic::error("extends-cycle", format!("profiles extend each other in a circle: {}", names.join(" -> ")));
            error.primary = from.map(|span| diagnostics::Label { span, text: "this closes the circle".into() });
            error.related =
                self.open[start + 1..].iter().filter_map(|(_, from)| Some(diagnostics::Label { span: (*from)?, text: "a step of it".into() })).collect();
            self.errors.push(error.at(KeyPath::of(&["extends"])).help("let one of them extend nothing"));
            self.incomplete = true;
            return None;
        }
        if self.open.len() >= MAX_CHAIN {
            let error = Diagnostic::error("too-large", format!("more than {MAX_CHAIN} profiles extend each other in a row"))
                .help("put what they share into fewer files");
            self.errors.push(Diagnostic { primary: from.map(|span| diagnostics::Label { span, text: "one more".into() }), ..error });
            self.incomplete = true;
            return None;
        }
        if let Some(known) = self.done.get(&identity) {
            return known.clone();
        }
        let result = self.read_and_merge(path, &shown, &identity, from);
        self.done.insert(identity, result.clone());
        result
    }

    fn read_and_merge(&mut self, path: &Path, shown: &str, identity: &Path, from: Option<Span>) -> Option<Merged> {
        let (span, mut own) = match read::read(path, shown, from, self.sources) {
            Ok(mut read) => {
                self.errors.append(&mut read.mistakes);
                (read.span, read.map)
            }
            Err(mut errors) => {
                if let (Some(from), [error]) = (from, errors.as_mut_slice()) {
                    if error.code == "missing-file" {
                        *error = Diagnostic::error("missing-parent", format!("there is no profile `{shown}` to extend"))
                            .at(KeyPath::of(&["extends"]))
                            .label(from, "named here")
                            .help(
                                read::other_file(path, Some(&self.sources.get(from.source).path))
                                    .unwrap_or_else(|| "paths in `extends` are relative to the file that names them".into()),
                            );
                    }
                }
                self.errors.append(&mut errors);
                self.incomplete = true;
                return None;
            }
        };
        if from.is_some() {
            self.own_keys(&own, span);
        }
        self.open.push((identity.to_owned(), from));
        let mut merged = Map::new();
        if let Some(list) = own.get("extends").map(|entry| entry.node.clone()) {
            if let Value::List(parents) = &list.value {
                for parent in parents {
                    // Anything but a text is reported by the schema: here of a parent, below of the profile itself.
                    let Some(name) = parent.as_text() else { continue };
                    let folder = path.parent().unwrap_or(Path::new("."));
                    if let Some((_, mut map, _)) = self.file(&lexical(&folder.join(name)), Some(parent.span)) {
                        map.retain(|key, _| !OWN_KEYS.contains(&key.as_str()));
                        merge::merge(&mut merged, map, self.merges);
                    }
                }
            }
        }
        self.open.pop();
        if let Some(list) = own.get("remove").map(|entry| entry.node.clone()) {
            let missing = merge::remove(&mut merged, &list, &own, own.get("extends").map(|entry| entry.key), self.removed);
            // What was not read may have it.
            let is_read = !self.incomplete && own.get("extends").is_none_or(|entry| matches!(entry.node.value, Value::List(_)));
            for (path, error) in missing {
                match path {
                    Some(path) if is_read => self.missing.push((path, error)),
                    Some(_) => {}
                    None => self.errors.push(error),
                }
            }
        }
        // The file's own version comes first, so that a merged tree reads like a written one.
        let is_abstract = marked_abstract(&own);
        own.retain(|key, _| !key.starts_with("x-"));
        if own.contains_key("extends") {
            self.own.push(own.clone());
        }
        merge::merge(&mut merged, own, self.merges);
        merged.retain(|key, _| !key.starts_with("x-"));
        let kind = merged.get("environment").and_then(|entry| entry.node.as_map()).and_then(|map| map.get("kind")).map(|entry| entry.node.to_json());
        self.kinds.extend(kind.and_then(|kind| serde_json::from_value(kind).ok()).map(|kind| (span.source, kind)));
        Some((span, merged, is_abstract))
    }

    /// What a parent says for itself is not merged, so that nobody else looks at it.
    fn own_keys(&mut self, own: &Map, span: Span) {
        let is_text_list =
            |key: &str| own.get(key).is_none_or(|entry| matches!(&entry.node.value, Value::List(list) if list.iter().all(|item| item.as_text().is_some())));
        let is_sound = is_text_list("extends") && is_text_list("remove") && own.get("abstract").is_none_or(|entry| matches!(entry.node.value, Value::Bool(_)));
        if is_sound {
            return;
        }
        let mut map = own.clone();
        map.retain(|key, _| OWN_KEYS.contains(&key.as_str()));
        let tree = Node { value: Value::Map(map), span };
        let found = violations::find(self.loader.schema(), &tree.to_json(), &tree, self.sources);
        self.errors.extend(found.into_iter().filter(|violation| violation.path.as_ref().is_some_and(|path| !path.0.is_empty())));
    }
}

/// The path without `a/..`, so that messages show what a reader would write.
fn lexical(path: &Path) -> PathBuf {
    use std::path::Component;
    let mut result = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if matches!(result.components().next_back(), Some(Component::Normal(_))) => {
                result.pop();
            }
            other => result.push(other),
        }
    }
    result
}
