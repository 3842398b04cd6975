//! Source texts and places in them.
//!
//! Everything that points into a profile does so with a [`Span`]; only this module turns a span into a line and a column.

use std::borrow::Cow;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// So many bytes around a place may be shown with it.
const AROUND: usize = 400;

/// Which source a span belongs to: an index into [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(u32);

/// A range of bytes in one source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The source that the range is in.
    pub source: SourceId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The span as a range of byte offsets.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A text that was read, with the path that messages show for it.
#[derive(Debug)]
pub struct Source {
    /// As the user would write it: relative to the working folder where that is shorter.
    pub shown: String,
    /// Where it was read from.
    pub path: PathBuf,
    /// The whole text.
    pub text: String,
    /// Where another source extends this one; the first such place, if there are several.
    pub extended_at: Option<Span>,
}

/// A place for people: both counts start at 1, columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// Where the files of a project are read: at their own paths, or where somebody keeps copies of them.
#[derive(Clone, Default)]
pub struct Files(Option<Rc<Copy>>);

/// Where the copy of a path is.
type Copy = dyn Fn(&Path) -> PathBuf;

impl Files {
    /// Files that are read where `copy` says; what is not there is missing.
    pub fn copied(copy: impl Fn(&Path) -> PathBuf + 'static) -> Self {
        Self(Some(Rc::new(copy)))
    }

    /// Where a file or folder is read.
    pub fn at(&self, path: &Path) -> PathBuf {
        self.0.as_ref().map_or_else(|| path.to_owned(), |copy| copy(path))
    }
}

impl std::fmt::Debug for Files {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(if self.0.is_some() { "Files(copied)" } else { "Files" })
    }
}

/// All sources of a run.
#[derive(Debug, Default)]
pub struct Sources {
    list: Vec<Source>,
    /// The path of the current folder below the top of its work tree: code hosts want all paths from there.
    pub below_top: String,
    /// The top of that work tree; empty without one.
    pub top: PathBuf,
    /// Where the texts are read.
    pub files: Files,
    /// The root of the project whose profile is read.
    pub project: PathBuf,
    /// What is not shown.
    hidden: Vec<Span>,
    /// Where in a line that is what looks like a secret begins.
    pub hidden_from: Option<fn(&str) -> Option<usize>>,
}

impl Sources {
    /// A shown path from the top of the work tree, for code hosts.
    pub fn from_top(&self, shown: &str) -> String {
        if Path::new(shown).is_absolute() {
            return Path::new(shown).strip_prefix(&self.top).map_or_else(|_| shown.to_owned(), |below| below.to_string_lossy().into_owned());
        }
        let mut below: Vec<&str> = self.below_top.split('/').filter(|part| !part.is_empty()).collect();
        let mut rest = shown;
        while let Some(above) = rest.strip_prefix("../").filter(|_| !below.is_empty()) {
            below.pop();
            rest = above;
        }
        below.into_iter().chain([rest]).collect::<Vec<_>>().join("/")
    }

    /// Hides what a span covers wherever the text is shown: in a log of CI, a password is read by more people than the profile is.
    pub fn hide(&mut self, span: Span) {
        if !self.hidden.contains(&span) {
            self.hidden.push(span);
        }
    }

    /// A source's text as it may be shown around some of its spans: of the same length, so that spans stay what they are.
    pub fn shown_text(&self, id: SourceId, around: &[Span]) -> Cow<'_, str> {
        let text = &self.get(id).text;
        let mut hidden: Vec<Range<usize>> = self.hidden.iter().filter(|span| span.source == id).map(|span| span.range()).collect();
        if let Some(hidden_from) = self.hidden_from {
            let mut start = 0;
            for line in text.split_inclusive('\n') {
                // Lines in the middle of a snippet are shown with it.
                let is_near = |span: &Span| span.start as usize <= start + line.len() + AROUND && start <= span.start as usize + AROUND;
                if around.iter().any(is_near) {
                    let end = start + line.trim_end().len();
                    hidden.extend(hidden_from(line.trim_end()).map(|at| start + at..end));
                }
                start += line.len();
            }
        }
        let mut shown = Cow::Borrowed(text.as_str());
        for range in hidden {
            let Some(part) = shown.get(range.clone()) else { continue };
            let stars: String = part.chars().flat_map(|c| std::iter::repeat_n(if c == '\n' { c } else { '*' }, c.len_utf8())).collect();
            shown.to_mut().replace_range(range, &stars);
        }
        shown
    }

    /// Adds a text and returns its id.
    pub fn add(&mut self, path: &Path, shown: String, text: String) -> SourceId {
        self.list.push(Source { shown, path: path.to_owned(), text, extended_at: None });
        SourceId((self.list.len() - 1) as u32)
    }

    /// Notes where another source extends this one.
    pub fn set_extended_at(&mut self, id: SourceId, place: Span) {
        self.list[id.0 as usize].extended_at = Some(place);
    }

    /// How a source comes to be read: the profile that was asked for and the line where it extends the next, down to the source itself. Nothing for that profile.
    pub fn chain(&self, id: SourceId) -> Option<String> {
        let mut steps = vec![self.get(id).shown.clone()];
        let mut next = self.get(id).extended_at;
        while let Some(place) = next {
            let above = self.get(place.source);
            steps.push(format!("{}:{}", above.shown, self.position(place).line));
            next = above.extended_at;
        }
        steps.reverse();
        (steps.len() > 1).then(|| steps.join(" -> "))
    }

    /// The source with this id.
    pub fn get(&self, id: SourceId) -> &Source {
        &self.list[id.0 as usize]
    }

    /// The text that a span covers.
    pub fn slice(&self, span: Span) -> &str {
        self.get(span.source).text.get(span.range()).unwrap_or_default()
    }

    /// Line and column of a span's first byte.
    pub fn position(&self, span: Span) -> Position {
        self.at(span.source, span.start)
    }

    /// Line and column behind a span's last byte.
    pub fn end(&self, span: Span) -> Position {
        self.at(span.source, span.end)
    }

    fn at(&self, source: SourceId, offset: u32) -> Position {
        let text = &self.get(source).text;
        let before = text.get(..offset as usize).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Position { line: before.matches('\n').count() + 1, column: before[line_start..].chars().count() + 1 }
    }
}

/// The span of a whole source of `length` bytes, or a part of it.
pub fn span(source: SourceId, range: Range<usize>) -> Span {
    Span { source, start: range.start as u32, end: range.end as u32 }
}
