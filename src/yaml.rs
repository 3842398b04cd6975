//! YAML in: one text to one tree of nodes that know where they stand.
//!
//! The events come from `granit-parser`; which plain scalars are numbers, what a duplicate key is and how much a document
//! may hold is decided here. Only `true`, `false`, decimal integers and decimal fractions are more than text: `yes`, `0042`,
//! `1_000`, `0x1F` and `22:22` stay what the user typed.

mod check;
mod mistake;

pub use check::check;
pub use mistake::Mistake;

use crate::source::{SourceId, Span, span};
use granit_parser::{Event, Options, Parser, ScalarStyle};
use indexmap::IndexMap;
use indexmap::map::Entry as MapEntry;
use std::collections::HashMap;

/// Most nodes that one document may have, aliases counted as what they stand for.
pub const MAX_NODES: usize = 20_000;
/// Deepest nesting.
pub const MAX_DEPTH: usize = 64;

/// A value with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// What it is.
    pub value: Value,
    /// Where it stands.
    pub span: Span,
}

/// A value of a [`Node`].
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`, `~` or nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// An integer in decimal notation.
    Int(i64),
    /// A fraction in decimal notation, as it is written.
    Float(String),
    /// Everything else.
    Text(String),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping, in the order of the document.
    Map(Map),
}

impl Value {
    /// What it is, for messages.
    pub fn in_words(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Bool(_) => "true or false",
            Self::Int(_) | Self::Float(_) => "a number",
            Self::Text(_) => "text",
            Self::List(_) => "a list",
            Self::Map(_) => "a map",
        }
    }
}

/// A mapping whose entries keep the place of their key.
pub type Map = IndexMap<String, Entry>;

/// A key's place and its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Where the key stands.
    pub key: Span,
    /// What it maps to.
    pub node: Node,
}

/// Why a text is not a document that can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Which kind of problem.
    pub kind: ProblemKind,
    /// Where.
    pub span: Span,
    /// The earlier place that it clashes with.
    pub first: Option<Span>,
}

/// Kinds of [`Problem`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// Not YAML.
    Syntax(Mistake),
    /// A tab where YAML wants spaces.
    Tab,
    /// A key that the same mapping has already.
    DuplicateKey(String),
    /// A key that is a list or a map.
    ComplexKey,
    /// A colon without a key before it.
    NoKey,
    /// `<<`.
    MergeKey,
    /// A tag such as `!!binary`.
    Tag(String),
    /// A second document.
    SeveralDocuments,
    /// More than [`MAX_NODES`] nodes.
    TooLarge,
    /// Deeper than [`MAX_DEPTH`].
    TooDeep,
}

/// What a reader of YAML accepts.
#[derive(Clone, Copy, Debug)]
pub struct Accept {
    /// Take `<<` for a key like any other.
    pub merge_keys: bool,
    /// Most nodes in all documents together.
    pub max_nodes: usize,
}

impl Accept {
    /// For profiles.
    pub const PROFILE: Self = Self { merge_keys: false, max_nodes: MAX_NODES };
    /// For files that were rendered.
    pub const RENDERED: Self = Self { merge_keys: true, max_nodes: usize::MAX };
}

/// Reads the only document of a text; `None` when there is none.
///
/// # Errors
/// Returns the first problem that keeps the text from being read, or all duplicate keys.
pub fn parse_one(id: SourceId, text: &str, accept: Accept) -> Result<Option<Node>, Vec<Problem>> {
    let (document, duplicates) = parse_with_duplicates(id, text, accept)?;
    if duplicates.is_empty() { Ok(document) } else { Err(duplicates) }
}

/// Reads the only document of a text, and its duplicate keys: of each, the first counts.
///
/// # Errors
/// The first problem that keeps the text from being read.
pub fn parse_with_duplicates(id: SourceId, text: &str, accept: Accept) -> Result<(Option<Node>, Vec<Problem>), Vec<Problem>> {
    let (mut documents, duplicates) = build(id, text, accept)?;
    if documents.len() > 1 {
        let second = documents[1].span;
        return Err(vec![Problem { kind: ProblemKind::SeveralDocuments, span: second, first: None }]);
    }
    Ok((documents.pop(), duplicates))
}

/// Reads all documents of a text.
///
/// # Errors
/// As [`parse_one`].
pub fn parse_all(id: SourceId, text: &str, accept: Accept) -> Result<Vec<Node>, Vec<Problem>> {
    let (documents, duplicates) = build(id, text, accept)?;
    if duplicates.is_empty() { Ok(documents) } else { Err(duplicates) }
}

/// All documents, and all duplicate keys.
fn build(id: SourceId, text: &str, accept: Accept) -> Result<(Vec<Node>, Vec<Problem>), Vec<Problem>> {
    let mut builder = Builder { accept, stack: Vec::new(), anchors: HashMap::new(), nodes: 0, documents: Vec::new(), problems: Vec::new() };
    for next in Parser::new_from_str_with_options(text, options()) {
        let (event, place) = match next {
            Ok(next) => next,
            Err(error) => {
                builder.problems.push(syntax_problem(id, text, &error));
                return Err(builder.problems);
            }
        };
        let range = place.byte_range().unwrap_or(0..0);
        if let Err(mut problem) = builder.event(event, span(id, range)) {
            if let (ProblemKind::ComplexKey, Some(range)) = (&problem.kind, mistake::template_around(text, &problem.span.range())) {
                problem = self::problem(ProblemKind::Syntax(Mistake::Template), span(id, range));
            }
            builder.problems.push(problem);
            return Err(builder.problems);
        }
    }
    Ok((builder.documents, builder.problems))
}

fn options() -> Options {
    let mut options = Options::default();
    options.emit_comments = false;
    // Our own limit is lower and gives a message of its own.
    options.block_nesting_limit = MAX_DEPTH * 2;
    options.flow_nesting_limit = MAX_DEPTH * 2;
    options
}

fn syntax_problem(id: SourceId, text: &str, error: &granit_parser::ScanError) -> Problem {
    let (mistake, range) = mistake::find(text, error);
    let kind = match mistake {
        _ if *error.kind() == granit_parser::ErrorKind::RecursionLimitExceeded => ProblemKind::TooDeep,
        Some(mistake) => ProblemKind::Syntax(mistake),
        None => ProblemKind::Tab,
    };
    problem(kind, span(id, range))
}

struct Builder {
    accept: Accept,
    stack: Vec<Open>,
    anchors: HashMap<usize, (Node, usize)>,
    nodes: usize,
    documents: Vec<Node>,
    problems: Vec<Problem>,
}

/// A collection whose end has not been read.
struct Open {
    span: Span,
    anchor: usize,
    nodes_before: usize,
    items: Items,
}

enum Items {
    List(Vec<Node>),
    Map(Map, Option<(String, Span)>),
}

impl Builder {
    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), Problem> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.count(1, span)?;
                let value = match tag {
                    Some(tag) if tag.is_yaml_core_schema_tag("str") => Value::Text(text.into_owned()),
                    Some(tag) => return Err(problem(ProblemKind::Tag(tag.to_string()), span)),
                    None if style == ScalarStyle::Plain => plain(&text),
                    None => Value::Text(text.into_owned()),
                };
                let node = Node { value, span };
                if anchor > 0 {
                    self.anchors.insert(anchor, (node.clone(), 1));
                }
                self.add(node)
            }
            Event::SequenceStart(_, _, Some(tag)) | Event::MappingStart(_, _, Some(tag)) => Err(problem(ProblemKind::Tag(tag.to_string()), span)),
            Event::SequenceStart(_, anchor, _) => self.open(Items::List(Vec::new()), anchor, span),
            Event::MappingStart(_, anchor, _) => self.open(Items::Map(Map::new(), None), anchor, span),
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
            Event::Alias(anchor) => {
                // The parser resolves names; an alias inside its own anchor is the only one without a value here.
                let Some((node, size)) = self.anchors.get(&anchor).cloned() else {
                    return Err(problem(ProblemKind::Syntax(Mistake::AliasInItself), span));
                };
                self.count(size, span)?;
                self.add(node)
            }
            _ => Ok(()),
        }
    }

    fn count(&mut self, nodes: usize, span: Span) -> Result<(), Problem> {
        self.nodes += nodes;
        if self.nodes > self.accept.max_nodes { Err(problem(ProblemKind::TooLarge, span)) } else { Ok(()) }
    }

    fn open(&mut self, items: Items, anchor: usize, span: Span) -> Result<(), Problem> {
        if self.stack.len() >= MAX_DEPTH {
            return Err(problem(ProblemKind::TooDeep, span));
        }
        let nodes_before = self.nodes;
        self.count(1, span)?;
        self.stack.push(Open { span, anchor, nodes_before, items });
        Ok(())
    }

    fn close(&mut self, end: Span) -> Result<(), Problem> {
        let Some(open) = self.stack.pop() else { return Ok(()) };
        let value = match open.items {
            Items::List(list) => Value::List(list),
            Items::Map(map, _) => Value::Map(map),
        };
        let node = Node { value, span: Span { end: end.end.max(open.span.start), ..open.span } };
        if open.anchor > 0 {
            self.anchors.insert(open.anchor, (node.clone(), self.nodes - open.nodes_before));
        }
        self.add(node)
    }

    fn add(&mut self, node: Node) -> Result<(), Problem> {
        let Some(open) = self.stack.last_mut() else {
            self.documents.push(node);
            return Ok(());
        };
        match &mut open.items {
            Items::List(list) => list.push(node),
            Items::Map(map, pending) => match pending.take() {
                None => {
                    // `~` and `null` are written; nothing is not.
                    if node.value == Value::Null && node.span.start == node.span.end {
                        return Err(problem(ProblemKind::NoKey, node.span));
                    }
                    let key = match node.value {
                        Value::Text(text) => text,
                        Value::Int(_) | Value::Float(_) | Value::Bool(_) | Value::Null => scalar_text(&node.value),
                        Value::List(_) | Value::Map(_) => return Err(problem(ProblemKind::ComplexKey, node.span)),
                    };
                    if key == "<<" && !self.accept.merge_keys {
                        return Err(problem(ProblemKind::MergeKey, node.span));
                    }
                    *pending = Some((key, node.span));
                }
                Some((key, key_span)) => match map.entry(key) {
                    MapEntry::Vacant(slot) => {
                        slot.insert(Entry { key: key_span, node });
                    }
                    MapEntry::Occupied(slot) => {
                        let first = slot.get().key;
                        let kind = ProblemKind::DuplicateKey(slot.key().clone());
                        self.problems.push(Problem { kind, span: key_span, first: Some(first) });
                    }
                },
            },
        }
        Ok(())
    }
}

fn problem(kind: ProblemKind, span: Span) -> Problem {
    Problem { kind, span, first: None }
}

/// A scalar as text, as a key is read.
fn scalar_text(value: &Value) -> String {
    match value {
        Value::Bool(b) => b.to_string(),
        Value::Int(n) => n.to_string(),
        Value::Float(text) | Value::Text(text) => text.clone(),
        Value::Null | Value::List(_) | Value::Map(_) => "null".to_owned(),
    }
}

/// What a plain scalar is.
fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" => return Value::Bool(true),
        "false" => return Value::Bool(false),
        _ => {}
    }
    let digits = text.strip_prefix('-').unwrap_or(text);
    let whole = digits.split_once('.').map_or(digits, |(whole, _)| whole);
    let decimal = !whole.is_empty() && whole.bytes().all(|b| b.is_ascii_digit()) && (whole.len() == 1 || !whole.starts_with('0'));
    if decimal {
        // -0 would lose its sign.
        if let (true, Ok(number)) = (whole.len() == digits.len() && text != "-0", text.parse::<i64>()) {
            return Value::Int(number);
        }
        let fraction = digits.get(whole.len() + 1..).unwrap_or_default();
        if !fraction.is_empty() && fraction.bytes().all(|b| b.is_ascii_digit()) {
            return Value::Float(text.to_owned());
        }
    }
    Value::Text(text.to_owned())
}

impl Node {
    /// As JSON, for the schema and for `serde`.
    pub fn to_json(&self) -> serde_json::Value {
        use serde_json::Value as Json;
        match &self.value {
            Value::Null => Json::Null,
            Value::Bool(b) => Json::Bool(*b),
            Value::Int(n) => Json::from(*n),
            // 2.0 is no integer here, although JSON Schema takes it for one: it stays what is written.
            Value::Float(text) => match text.parse::<f64>() {
                Ok(number) if number.fract() != 0.0 => Json::from(number),
                _ => Json::String(text.clone()),
            },
            Value::Text(text) => Json::String(text.clone()),
            Value::List(list) => Json::Array(list.iter().map(Node::to_json).collect()),
            Value::Map(map) => Json::Object(map.iter().map(|(key, entry)| (key.clone(), entry.node.to_json())).collect()),
        }
    }

    /// True for a fraction whose text a program may read as a whole number, such as `1.0`.
    pub fn is_whole_fraction(&self) -> bool {
        matches!(&self.value, Value::Float(text) if text.parse::<f64>().is_ok_and(|number| number.fract() == 0.0))
    }

    /// The entries, if this is a map.
    pub fn as_map(&self) -> Option<&Map> {
        if let Value::Map(map) = &self.value { Some(map) } else { None }
    }

    /// The text, if this is text.
    pub fn as_text(&self) -> Option<&str> {
        if let Value::Text(text) = &self.value { Some(text) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;
    use std::path::Path;

    fn read(text: &str) -> Result<Option<serde_json::Value>, Vec<ProblemKind>> {
        let id = Sources::default().add(Path::new("t"), "t".into(), text.into());
        parse_one(id, text, Accept::PROFILE).map(|node| node.map(|n| n.to_json())).map_err(|p| p.into_iter().map(|p| p.kind).collect())
    }

    #[test]
    fn only_plain_numbers_and_booleans_are_more_than_text() {
        let doc = "[yes, no, on, 0042, 1_000, 0x1F, 22:22, 1e3, .5, 1., +1, -0, 3, -7, 2.50, true, False, '8', 99999999999999999999]";
        let json = read(doc).expect("reads").expect("one");
        let expected = serde_json::json!([
            "yes",
            "no",
            "on",
            "0042",
            "1_000",
            "0x1F",
            "22:22",
            "1e3",
            ".5",
            "1.",
            "+1",
            "-0",
            3,
            -7,
            2.5,
            true,
            "False",
            "8",
            "99999999999999999999"
        ]);
        assert_eq!(json, expected);
    }

    #[test]
    fn refuses_what_would_surprise() {
        assert_eq!(read("a: 1\nb: 2\na: 3\n"), Err(vec![ProblemKind::DuplicateKey("a".into())]));
        assert_eq!(read("a: 1\n---\nb: 2\n"), Err(vec![ProblemKind::SeveralDocuments]));
        assert_eq!(read("a: &x {b: 1}\nc:\n  <<: *x\n"), Err(vec![ProblemKind::MergeKey]));
        assert_eq!(read("a:\n\tb: 1\n"), Err(vec![ProblemKind::Tab]));
        assert_eq!(read("? [a]\n: 1\n"), Err(vec![ProblemKind::ComplexKey]));
        assert_eq!(read(""), Ok(None));
        assert_eq!(read("# only a comment\n"), Ok(None));
    }

    #[test]
    fn bombs_are_stopped() {
        let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
        for level in 1..10 {
            let aliases = vec![format!("*a{}", level - 1); 9].join(", ");
            bomb += &format!("a{level}: &a{level} [{aliases}]\n");
        }
        assert_eq!(read(&bomb), Err(vec![ProblemKind::TooLarge]));
        assert_eq!(read(&format!("{}{}", "[".repeat(100), "]".repeat(100))), Err(vec![ProblemKind::TooDeep]));
    }
}
