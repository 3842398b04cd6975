//! Diagnostics for people, with the source around them.

use super::{Diagnostic, Severity};
use crate::source::Sources;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

/// One diagnostic as text that ends in a newline.
pub fn render(diagnostic: &Diagnostic, sources: &Sources, colour: bool) -> String {
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
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let mut text = renderer.render(&[main]);
    text.push('\n');
    text
}
