//! What a profile changes in rendered files: objects by patches, lines by snippets. One that matches nothing is an error.

pub mod edit;

use self::edit::Place;
use crate::diagnostics::{Diagnostic, nearest};
use crate::key_path::KeyPath;
use crate::render::{Draft, Syntax, escape};
use crate::stack::{Patch, Snippet, Stack};
use crate::yaml::{Accept, Node};
use serde_json::Value as Json;

/// One error for each file that the profile names and that is not rendered.
pub fn unknown_files(stack: &Stack, paths: &[&str]) -> Vec<Diagnostic> {
    let unmanaged = stack.unmanaged.iter().map(|unmanaged| (&unmanaged.at, unmanaged.path.as_str()));
    let snippets = stack.snippets.iter().map(|snippet| (&snippet.at, snippet.file.as_str()));
    unmanaged
        .chain(snippets)
        .filter(|(_, file)| !paths.contains(file))
        .map(|(at, file)| {
            let last = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
            // There is one file of Compose, whatever it is called elsewhere.
            let is_it = |path: &&str| last(path) == last(file) || (file.contains("compose") && path.contains("compose"));
            let near = nearest(file, paths.iter().copied()).or_else(|| paths.iter().copied().find(is_it));
            let help = near.map_or_else(|| format!("there are: {}", paths.join(", ")), |near| format!("did you mean `{near}`?"));
            error(stack, at, format!("`{file}` is no file that this profile renders"), help)
        })
        .collect()
}

fn error(stack: &Stack, at: &KeyPath, message: String, help: impl Into<String>) -> Diagnostic {
    // What another profile has a use for goes from this one.
    let help = match (help.into(), stack.origins.take_out(at)) {
        (help, Some(step)) if help.starts_with("did you mean") => format!("{help} Or, where this profile does without it, {step}"),
        (_, Some(step)) => step,
        (help, None) => help,
    };
    Diagnostic::error("unmatched-patch", message).at(at.clone()).label(stack.origins.key_place(at), "matches nothing").help(help)
}

/// Changes the drafts as the profile says, in its order: patches, then snippets. Returns all that match nothing, or cannot be carried
/// out, but for those that `known` speaks of.
pub fn apply(stack: &Stack, drafts: &mut [(&'static str, Draft)], known: &[Diagnostic]) -> Vec<Diagnostic> {
    let mut errors = Vec::new();
    let mut changed: Vec<(String, &KeyPath)> = Vec::new();
    for patch in &stack.patches {
        match apply_patch(stack, patch, drafts) {
            Ok(path) => changed.push((path, &patch.at)),
            Err(error) => errors.push(error),
        }
    }
    for snippet in stack.snippets.iter().filter(|snippet| !known.iter().any(|error| error.path.as_ref() == Some(&snippet.at))) {
        // One whose file is kept by hand has no draft.
        match drafts.iter_mut().find(|(_, draft)| draft.path() == snippet.file.as_str()) {
            Some((_, draft)) => match apply_snippet(stack, snippet, draft) {
                Ok(()) => changed.push((snippet.file.to_string(), &snippet.at)),
                Err(error) => errors.push(error),
            },
            None => errors.push(error(stack, &snippet.at, format!("`{}` is kept by hand", snippet.file), "remove the snippet, or its file from `unmanaged`")),
        }
    }
    for (_, draft) in drafts.iter() {
        let mut by = changed.iter().filter(|(path, _)| path == draft.path()).map(|(_, at)| *at).rev();
        if let (Some(last), Err(error)) = (by.next(), draft.check()) {
            let label = |error: Diagnostic, at: &KeyPath| error.related(stack.origins.key_place(at), "and this one");
            errors.push(by.fold(error.at(last.clone()).label(stack.origins.key_place(last), "this changes it"), label));
        }
    }
    errors
}

/// The files that a patch or a snippet changes, for who asks what it does.
pub fn files_of(stack: &Stack, name: &KeyPath, drafts: &[Draft]) -> Vec<String> {
    let mark = mark(name);
    let is_marked = |draft: &&Draft| draft.text().lines().any(|line| line.trim_start_matches("# ").starts_with(&mark));
    let snippet = stack.snippets.iter().find(|snippet| snippet.at == *name).map(|snippet| snippet.file.to_string());
    let marked = drafts.iter().filter(is_marked).map(|draft| draft.path().to_owned());
    marked.chain(snippet).fold(Vec::new(), |mut list, path| {
        if !list.contains(&path) {
            list.push(path);
        }
        list
    })
}

fn mark(at: &KeyPath) -> String {
    format!("Changed by {at}: ")
}

/// The keys that lead to the object of a patch, if it is in a document.
fn object<'p>(document: &Node, patch: &'p Patch) -> Option<Vec<&'p str>> {
    let (target, kind, name) = patch.target.parts();
    if target == "compose" {
        return edit::child(document, kind).and_then(|section| edit::child(section, name)).map(|_| vec![kind, name]);
    }
    let is_it = edit::child(document, "kind").and_then(Node::as_text) == Some(kind);
    let named = edit::child(document, "metadata").and_then(|metadata| edit::child(metadata, "name")).and_then(Node::as_text) == Some(name);
    (is_it && named).then(Vec::new)
}

/// What the profile could have meant.
fn objects(patch: &Patch, drafts: &[(&'static str, Draft)]) -> Vec<String> {
    let (target, kind, _) = patch.target.parts();
    let mut list = Vec::new();
    for (_, draft) in drafts.iter().filter(|(id, draft)| *id == target && draft.syntax() == Syntax::Yaml) {
        for document in edit::documents(draft.text(), Accept::RENDERED).into_iter().flatten().map(|document| document.to_json()) {
            if target == "compose" {
                list.extend(document[kind].as_object().into_iter().flat_map(|section| section.keys()).map(|name| format!("compose:{kind}/{name}")));
            } else if let (Some(kind), Some(name)) = (document["kind"].as_str(), document["metadata"]["name"].as_str()) {
                list.push(format!("kubernetes:{kind}/{name}"));
            }
        }
    }
    list
}

/// The path of the file that a patch has changed.
fn apply_patch(stack: &Stack, patch: &Patch, drafts: &mut [(&'static str, Draft)]) -> Result<String, Diagnostic> {
    let target = patch.target.parts().0;
    let mut found = None;
    for (_, draft) in drafts.iter_mut().filter(|(id, draft)| *id == target && draft.syntax() == Syntax::Yaml) {
        let documents = edit::documents(draft.text(), Accept::RENDERED).unwrap_or_default();
        let Some((document, keys)) = documents.iter().enumerate().find_map(|(at, document)| Some((at, object(document, patch)?))) else { continue };
        found = Some(draft.path().to_owned());
        let text = change(draft.text(), Place { document, keys: &keys }, patch).map_err(|reason| {
            let message = format!("`{}` of `{}` cannot be patched: {reason}", patch.target, draft.path());
            error(stack, &patch.at, message, "see the rendered file: the patch has to match what stands there")
        })?;
        let text = with_reason(&text, &patch.at, &patch.reason);
        draft.change(text, &format!("the patch `{}`", patch.name));
    }
    if let Some(path) = found {
        return Ok(path);
    }
    let known = objects(patch, drafts);
    let wanted = patch.target.to_string();
    let help = match nearest(&wanted, known.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => format!("the target `{target}` renders nothing here; see `targets`"),
        None => format!("there are: {}", known.join(", ")),
    };
    Err(error(stack, &patch.at, format!("the patch `{}` matches nothing: there is no `{wanted}`", patch.name), help))
}

/// The text with a patch.
fn change(text: &str, place: Place<'_>, patch: &Patch) -> Result<String, String> {
    let mut text = text.to_owned();
    for path in &patch.remove {
        text = edit::remove(&text, place, path)?;
    }
    let documents = |text: &str| edit::documents(text, Accept::RENDERED).unwrap_or_default();
    if !patch.merge.is_empty() {
        let merge = Json::Object(patch.merge.clone());
        if place.node(&documents(&text)).is_some_and(|node| edit::matches(node, &merge)) {
            return Err("it has all that is merged already".into());
        }
        text = edit::merge(&text, place, &patch.merge)?;
    }
    let is_there = documents(&text).get(place.document).is_some_and(|document| object(document, patch).is_some());
    if is_there { Ok(text) } else { Err("it would have another name".into()) }
}

fn apply_snippet(stack: &Stack, snippet: &Snippet, draft: &mut Draft) -> Result<(), Diagnostic> {
    let all: Vec<&str> = draft.text().lines().collect();
    let found: Vec<usize> = all.iter().enumerate().filter(|(_, line)| line.trim() == snippet.after).map(|(at, _)| at).collect();
    let [at] = found.as_slice() else {
        let (message, help) = match found.len() {
            0 => {
                let near = nearest(&snippet.after, all.iter().map(|line| line.trim()).filter(|line| !line.is_empty()));
                let help = near.map_or_else(|| "see the rendered file for its lines".to_owned(), |near| format!("did you mean `{near}`?"));
                (format!("`{}` has no line `{}`", snippet.file, snippet.after), help)
            }
            count => {
                let is_once = |line: &str| line.len() > 3 && all.iter().filter(|other| other.trim() == line).count() == 1;
                let above = |at: usize| all[..at].iter().rev().map(|line| line.trim()).find(|line| is_once(line) && !line.starts_with('#'));
                let lines: Vec<String> = found.iter().filter_map(|at| above(*at)).map(|line| format!("`{line}`")).collect();
                let help = if lines.is_empty() { String::new() } else { format!("; above them stand {}", lines.join(" and ")) };
                (format!("`{}` has the line `{}` {count} times", snippet.file, snippet.after), format!("name a line that is there once{help}"))
            }
        };
        return Err(error(stack, &snippet.at, message, help));
    };
    if let (Syntax::Nginx, Some(end)) = (draft.syntax(), unfinished(&snippet.text)) {
        let message = format!("the last directive of the snippet `{}` does not end", snippet.name);
        let at = snippet.at.key("text");
        let place = stack.origins.key_place(&at);
        return Err(Diagnostic::error("broken-artifact", message)
            .at(at)
            .label(place, "nginx takes what follows for a part of it")
            .help(format!("write `{end};`")));
    }
    // A block of YAML cannot keep the blanks that all of its lines begin with.
    let follows = all[at + 1..].iter().find(|line| !line.trim().is_empty()).unwrap_or(&all[*at]);
    let indent = &follows[..follows.len() - follows.trim_start().len()];
    let new = snippet.text.lines().map(|line| if line.is_empty() { String::new() } else { format!("{indent}{line}") });
    let lines = |range: &[&str]| range.iter().flat_map(|line| [line, "\n"]).collect::<String>();
    let text = lines(&all[..=*at]) + &new.map(|line| line + "\n").collect::<String>() + &lines(&all[at + 1..]);
    // What is no format of ours may know no comments.
    let has_comments = !matches!(draft.syntax(), Syntax::Text | Syntax::Markdown);
    let text = if has_comments { with_reason(&text, &snippet.at, &snippet.reason) } else { text };
    draft.change(text, &format!("the snippet `{}`", snippet.name));
    Ok(())
}

/// The last line of a text for nginx, if what follows would belong to its directive.
fn unfinished(text: &str) -> Option<&str> {
    let mut code = text.lines().map(|line| line.split_once(" #").map_or(line, |(code, _)| code).trim());
    code.rfind(|line| !line.is_empty() && !line.starts_with('#')).filter(|line| !line.ends_with([';', '{', '}']))
}

/// A line behind the first comment says what was changed, and why.
fn with_reason(text: &str, at: &KeyPath, reason: &str) -> String {
    let comment = format!("# {}{}\n", mark(at), escape::comment(reason).trim_end());
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        start += line.len();
        let is_comment = line.starts_with('#') && !line.starts_with("#!");
        // More of them stand below one another, in the order in which they were made.
        if is_comment && !text[start..].starts_with("# Changed by ") {
            return format!("{}{comment}{}", &text[..start], &text[start..]);
        }
        if !line.starts_with('#') {
            break;
        }
    }
    format!("{comment}{text}")
}
