//! Diagnostics for people, with the source around them.

use super::{Diagnostic, Severity};
use crate::source::{Source, Sources};
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use std::path::Path;

/// What the place can show that a text is printed to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Looks {
    /// True if colours are shown.
    pub colour: bool,
    /// Columns, where there is an edge: lines of a source are cut there.
    pub width: Option<usize>,
    /// True if a place may be a link to its file.
    pub links: bool,
}

/// One diagnostic as text that ends in a newline.
pub fn render(diagnostic: &Diagnostic, sources: &Sources, looks: Looks) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    };
    let mut main = Group::with_title(level.primary_title(diagnostic.message.as_str()).id(diagnostic.code));
    let labels: Vec<_> = diagnostic
        .primary
        .iter()
        .map(|label| (AnnotationKind::Primary, label))
        .chain(diagnostic.related.iter().map(|label| (AnnotationKind::Context, label)))
        .collect();
    let mut files: Vec<_> = Vec::new();
    for (_, label) in &labels {
        if !files.contains(&label.span.source) {
            files.push(label.span.source);
        }
    }
    let spans: Vec<_> = labels.iter().map(|(_, label)| label.span).collect();
    let around = |file| spans.iter().copied().filter(|span| span.source == file).collect::<Vec<_>>();
    let texts: Vec<_> = files.iter().map(|file| sources.shown_text(*file, &around(*file))).collect();
    for (&file, text) in files.iter().zip(&texts) {
        let source = sources.get(file);
        let mut snippet = Snippet::source(text.as_ref()).path(source.shown.as_str()).fold(true);
        for (kind, label) in labels.iter().filter(|(_, label)| label.span.source == file) {
            // A snippet of a long block would hide the message: its first line is enough.
            let range = label.span.range();
            let text = source.text.get(range.clone()).unwrap_or_default();
            let end = text.find('\n').map_or(range.end, |at| range.start + at).max(range.start);
            snippet = snippet.annotation(kind.span(range.start..end).label(label.text.as_str()));
        }
        main = main.element(snippet);
    }
    // The way to each file that is shown; a way that is a part of another one is said by that.
    let chains: Vec<String> = files.iter().filter_map(|file| sources.chain(*file)).collect();
    let is_part = |chain: &str| chains.iter().any(|other| other.len() > chain.len() && other.starts_with(&format!("{chain}:")));
    for chain in chains.iter().filter(|chain| !is_part(chain)) {
        main = main.element(Level::NOTE.message(format!("this file is extended: {chain}")));
    }
    if let Some(help) = &diagnostic.help {
        main = main.element(Level::HELP.message(help.as_str()));
    }
    let mut renderer = if looks.colour { Renderer::styled() } else { Renderer::plain() };
    if let Some(width) = looks.width {
        renderer = renderer.term_width(width);
    }
    let mut text = renderer.render(&[main]);
    text.push('\n');
    if looks.links {
        text = files.iter().fold(text, |text, file| linked(&text, sources.get(*file)));
    }
    text
}

/// The text with a link on each line that says where in a source it is.
fn linked(text: &str, source: &Source) -> String {
    let line = |line: &str| {
        let at = ["--> ", "::: "].iter().find_map(|arrow| Some(line.find(arrow)? + arrow.len()))?;
        let start = at + line[at..].find(&format!("{}:", source.shown))?;
        let place = |c: char| c == ':' || c.is_ascii_digit();
        let end = start + source.shown.len();
        let end = line[end..].find(|c| !place(c)).map_or(line.len(), |length| end + length);
        Some(format!("{}\x1b]8;;{}\x1b\\{}\x1b]8;;\x1b\\{}", &line[..start], address(&source.path), &line[start..end], &line[end..]))
    };
    text.split('\n').map(|text| line(text).unwrap_or_else(|| text.to_owned())).collect::<Vec<_>>().join("\n")
}

/// The address of a file on this machine: with an empty host, which terminals take for their own.
fn address(path: &Path) -> String {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte);
    let text = path.to_string_lossy().into_owned();
    let signs = text.bytes().map(|byte| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") });
    format!("file://{}", signs.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_link() {
        let mut sources = Sources::default();
        let source = sources.add(Path::new("/srv/a b.yaml"), "profiles/a b.yaml".into(), "port: 80a\n".into());
        let error = Diagnostic::error("wrong-type", "no number").label(crate::source::Span { source, start: 6, end: 9 }, "here");
        let text = |colour, links| render(&error, &sources, Looks { colour, width: None, links });
        let link = "\x1b]8;;file:///srv/a%20b.yaml\x1b\\profiles/a b.yaml:1:7\x1b]8;;\x1b\\";
        for colour in [false, true] {
            assert_eq!(text(colour, true).replace(link, "profiles/a b.yaml:1:7"), text(colour, false));
            assert!(text(colour, true).contains(link), "{}", text(colour, true));
        }
    }

    #[test]
    fn a_long_line_is_cut_where_the_terminal_ends() {
        let mut sources = Sources::default();
        let line = format!("a: \"{}\" # {}", "x".repeat(30), "why ".repeat(60));
        let source = sources.add(Path::new("a.yaml"), "a.yaml".into(), line);
        let error = Diagnostic::error("wrong-type", "no number").label(crate::source::Span { source, start: 3, end: 35 }, "here");
        let widest = |width| render(&error, &sources, Looks { width: Some(width), ..Looks::default() }).lines().map(|line| line.chars().count()).max();
        assert!(widest(80) <= Some(80) && widest(120) > Some(80), "{:?} {:?}", widest(80), widest(120));
    }
}
