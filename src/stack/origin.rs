//! Where a resolved value comes from.

use crate::key_path::{KeyPath, Segment};
use crate::source::Span;
use crate::yaml::{Node, Value};
use std::collections::BTreeMap;

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It is written here.
    Written(Span),
    /// Nothing is written: this default was taken.
    Default {
        /// The value, as a profile would write it.
        value: String,
        /// Why it is that.
        reason: &'static str,
    },
}

/// A part of the resolved profile.
#[derive(Clone, Debug, PartialEq)]
pub enum Resolved {
    /// Keys in the order of the profile, defaults behind what is written.
    Map(Vec<(String, Resolved)>),
    /// Items, all of them written.
    List(Vec<Resolved>),
    /// A value that is written. Never a list or a map.
    Written(Value, Span),
    /// A default: the value as a profile would write it, and why it is that.
    Default(String, &'static str),
}

/// The origins of a Stack's values by key path.
#[derive(Clone, Debug)]
pub struct Origins {
    tree: Node,
    /// True if the profile's own file takes something out of what it extends.
    removes: bool,
    defaults: BTreeMap<KeyPath, (String, &'static str)>,
}

impl Origins {
    /// Origins of what the merged tree says; defaults are added while resolving.
    pub fn new(tree: Node, removes: bool) -> Self {
        Self { tree, removes, defaults: BTreeMap::new() }
    }

    /// Notes that a default was taken.
    pub fn default_taken(&mut self, path: KeyPath, value: String, reason: &'static str) {
        self.defaults.insert(path, (value, reason));
    }

    /// Forgets the defaults at and below a path: they mean nothing there.
    pub fn no_default(&mut self, path: &KeyPath) {
        self.defaults.retain(|known, _| !known.0.starts_with(&path.0));
    }

    /// The origin of one value.
    pub fn get(&self, path: &KeyPath) -> Option<Origin> {
        if let Some((value, reason)) = self.defaults.get(path) {
            return Some(Origin::Default { value: value.clone(), reason });
        }
        self.find(path).map(|(_, node)| Origin::Written(node.span))
    }

    /// True if a profile says something at a path.
    pub fn is_written(&self, path: &KeyPath) -> bool {
        matches!(self.get(path), Some(Origin::Written(_)))
    }

    /// The text that is written at a path.
    pub fn text(&self, path: &KeyPath) -> Option<&str> {
        self.find(path).and_then(|(_, node)| node.as_text())
    }

    /// The texts of a list that is written.
    pub fn list(&self, path: &KeyPath) -> Option<Vec<String>> {
        let Value::List(items) = &self.find(path)?.1.value else { return None };
        items.iter().map(|item| item.as_text().map(str::to_owned)).collect()
    }

    /// All texts that are written, by path.
    pub fn texts(&self) -> Vec<(KeyPath, &str)> {
        fn visit<'n>(path: &KeyPath, node: &'n Node, found: &mut Vec<(KeyPath, &'n str)>) {
            match &node.value {
                Value::Map(map) => map.iter().for_each(|(key, entry)| visit(&path.key(key.as_str()), &entry.node, found)),
                Value::List(list) => list.iter().enumerate().for_each(|(at, item)| visit(&path.index(at), item, found)),
                Value::Text(text) => found.push((path.clone(), text)),
                Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) => {}
            }
        }
        let mut found = Vec::new();
        visit(&KeyPath::root(), &self.tree, &mut found);
        found
    }

    /// The best place for a message about `path`: its key, or that of the nearest part of the path that is written.
    pub fn place(&self, path: &KeyPath) -> Span {
        let mut path = path.clone();
        loop {
            if let Some((key, node)) = self.find(&path) {
                return if matches!(node.value, Value::Map(_) | Value::List(_)) { key } else { node.span };
            }
            path = path.parent();
        }
    }

    /// True if another file says it, which the profile's own extends.
    pub fn is_inherited(&self, path: &KeyPath) -> bool {
        self.key_place(path).source != self.tree.span.source
    }

    /// How this profile does without something that it inherits; `None` for what it says itself.
    pub fn take_out(&self, path: &KeyPath) -> Option<String> {
        self.is_inherited(path).then(|| crate::profile::take_out(self.removes, std::slice::from_ref(path)))
    }

    /// The place of a key itself.
    pub fn key_place(&self, path: &KeyPath) -> Span {
        self.find(path).map_or_else(|| self.place(path), |(key, _)| key)
    }

    /// The place of a reference to `name`: the value at `path` if that is it, or else the key.
    pub fn reference_place(&self, path: &KeyPath, name: &str) -> Span {
        match self.find(path) {
            Some((_, node)) if node.as_text().is_some_and(|text| text.contains(name)) => node.span,
            _ => self.key_place(path),
        }
    }

    /// The written paths of a form, such as `services.*.volumes.*.size`; a star is any key.
    pub fn written(&self, form: &str) -> Vec<KeyPath> {
        let mut found = vec![(KeyPath::root(), &self.tree)];
        for step in form.split('.') {
            let mut next = Vec::new();
            for (path, node) in found {
                next.extend(
                    node.as_map()
                        .into_iter()
                        .flatten()
                        .filter(|(key, _)| step == "*" || *key == step)
                        .map(|(key, entry)| (path.key(key.as_str()), &entry.node)),
                );
            }
            found = next;
        }
        found.into_iter().map(|(path, _)| path).collect()
    }

    fn find(&self, path: &KeyPath) -> Option<(Span, &Node)> {
        let (mut key, mut node) = (self.tree.span, &self.tree);
        for segment in &path.0 {
            match (segment, &node.value) {
                (Segment::Key(name), Value::Map(map)) => {
                    let entry = map.get(name)?;
                    (key, node) = (entry.key, &entry.node);
                }
                (Segment::Index(at), Value::List(list)) => {
                    node = list.get(*at)?;
                    key = node.span;
                }
                _ => return None,
            }
        }
        Some((key, node))
    }

    /// The whole profile: what is written, also where a service has it of another one, and the defaults that were taken.
    pub fn resolved(&self) -> Resolved {
        let mut root = written(&self.tree);
        for (path, (value, reason)) in &self.defaults {
            insert(&mut root, &path.0, Resolved::Default(value.clone(), reason));
        }
        super::alike::write_out(&mut root);
        root
    }

    /// All defaults that were taken, by path.
    pub fn defaults(&self) -> impl Iterator<Item = (&KeyPath, &str, &'static str)> {
        self.defaults.iter().map(|(path, (value, reason))| (path, value.as_str(), *reason))
    }
}

fn written(node: &Node) -> Resolved {
    match &node.value {
        Value::Map(map) => Resolved::Map(map.iter().map(|(key, entry)| (key.clone(), written(&entry.node))).collect()),
        Value::List(list) => Resolved::List(list.iter().map(written).collect()),
        scalar => Resolved::Written(scalar.clone(), node.span),
    }
}

/// Puts a value where nothing is; what is written stays.
fn insert(at: &mut Resolved, path: &[Segment], value: Resolved) {
    let (Resolved::Map(entries), Some((Segment::Key(key), rest))) = (at, path.split_first()) else { return };
    if !entries.iter().any(|(known, _)| known == key) {
        let new = if rest.is_empty() { value.clone() } else { Resolved::Map(Vec::new()) };
        entries.push((key.clone(), new));
    }
    if let (false, Some((_, below))) = (rest.is_empty(), entries.iter_mut().find(|(known, _)| known == key)) {
        insert(below, rest, value);
    }
}
