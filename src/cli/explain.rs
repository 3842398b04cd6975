//! `infragen explain`: what a key, a rule, another code or a state means.

use super::run::Run;
use super::{ExplainArgs, Status};
use crate::diagnostics::codes::CODES;
use crate::diagnostics::{Diagnostic, nearest};
use crate::envfile::ENV_RULES;
use crate::key_path::{KeyPath, Segment};
use crate::patch;
use crate::pipeline::Selection;
use crate::plan::State;
use crate::profile::keys::{self, KeyText};
use crate::profile::schema;
use crate::rules::RULES;
use crate::stack::{Origin, SHARED, Stack};

/// Sections whose keys are names of the user's own.
const NAMED: [&str; 6] = ["backing_services", "backups", "env_groups", "secrets", "services", "waivers"];

pub fn run(run: &mut Run, args: &ExplainArgs) -> Status {
    // A word may be a code and a key.
    let code = code(&args.what);
    let is_key = KeyPath::parse(&args.what).is_ok_and(|path| keys::explain(&schema::published(), &path).is_ok());
    if let Some(text) = &code {
        run.out(text);
        if !is_key {
            return Status::Clean;
        }
        run.out("\n");
    }
    let path = match KeyPath::parse(&args.what) {
        Ok(path) => path,
        Err(reason) => return failed(run, Diagnostic::error("unknown-key", reason).help("write a key as services.api.replicas")),
    };
    let texts = match keys::explain(&schema::published(), &path) {
        Ok(texts) => texts,
        Err(unknown) => {
            let rule = nearest(&args.what, words());
            let elsewhere = if unknown.above.0.is_empty() { keys::named(&schema::published(), &unknown.key) } else { Vec::new() };
            let help = match (unknown.nearest, rule) {
                _ if !elsewhere.is_empty() => {
                    format!("did you mean {}?", elsewhere.iter().take(3).map(|path| format!("`{path}`")).collect::<Vec<_>>().join(" or "))
                }
                (Some(key), _) => format!("did you mean `{}`?", unknown.above.key(key)),
                (None, Some(word)) => format!("did you mean `{word}`?"),
                (None, None) if unknown.known.is_empty() => format!("`{}` holds a value and no keys", unknown.above),
                (None, None) => format!("there are: {}", unknown.known.join(", ")),
            };
            let place = if unknown.above.0.is_empty() { "a profile".to_owned() } else { format!("`{}`", unknown.above) };
            return failed(run, Diagnostic::error("unknown-key", format!("{place} has no key `{}`, and there is no such code", unknown.key)).help(help));
        }
    };
    let mut text = format!("{path}\n");
    for about in &texts {
        text.push_str(&key(about));
    }
    let mut status = Status::Clean;
    if let Some(profile) = &args.profile {
        match value(run, profile, &path) {
            Some(line) => text.push_str(&line),
            None => status = Status::Failed,
        }
    }
    run.out(&text);
    status
}

fn failed(run: &mut Run, error: Diagnostic) -> Status {
    run.fail(&[error]);
    Status::Failed
}

/// What a code of a message means; one word may be that of an env file's rule and of an error.
fn code(id: &str) -> Option<String> {
    let mut texts: Vec<String> = Vec::new();
    for rule in RULES.iter().filter(|rule| rule.id == id) {
        let (severity, applies) = (rule.severity.as_str(), rule.applies.as_str());
        texts.push(format!("{id} ({severity}, {applies})\n\n  {}.\n\n  Why: {}\n  Instead: {}\n", rule.what, rule.why, rule.instead));
    }
    for code in CODES.iter().filter(|code| code.id == id) {
        texts.push(format!("{id} (error)\n\n  {}.\n\n  Why: {}\n  Instead: {}\n", code.what, code.why, code.instead));
    }
    for rule in ENV_RULES.iter().filter(|rule| rule.id == id) {
        let message = rule.message.replace("{0}", "...").replace("{1}", "...");
        texts.push(format!("{id} ({}, in env files)\n\n  {message}.\n\n  Instead: {}.\n", rule.severity.as_str(), rule.help));
    }
    for state in State::ALL.into_iter().filter(|state| state.as_str() == id) {
        let kind = if state.is_drift() { "drift" } else { "no drift" };
        texts.push(format!("{id} ({kind}, in `infragen diff`)\n\n  What happened: {}.\n\n  Settled by: {}\n", state.sentence(), settled(state)));
    }
    (!texts.is_empty()).then(|| texts.join("\n"))
}

/// What settles a state.
fn settled(state: State) -> &'static str {
    match state {
        State::Missing | State::ProfileChanged | State::GeneratorChanged => "`infragen render PROFILE`, and a look at what it changed before it is committed.",
        State::HandEdited => {
            "Moving the edit into the profile and rendering; or `infragen render PROFILE --only FILE --force`, which discards the edit of that file."
        }
        State::Conflict => "Moving the edit into the profile; then `infragen render PROFILE --only FILE --force`, which overwrites that file.",
        State::Orphan => "`infragen render PROFILE --prune`, which removes it; with `--force` also where somebody edited it.",
        State::Untracked => "`git add`, and removing it from `.gitignore` if it stands there.",
        State::Unmanaged => "nothing; `infragen adopt PROFILE FILE` takes it back.",
        State::UpToDate => "nothing: it is right.",
    }
}

/// Every word that messages print and that is explained here.
fn words() -> impl Iterator<Item = &'static str> {
    let rules = RULES.iter().map(|rule| rule.id).chain(ENV_RULES.iter().map(|rule| rule.id));
    rules.chain(CODES.iter().map(|code| code.id)).chain(State::ALL.map(State::as_str))
}

fn key(about: &KeyText) -> String {
    let mut text = String::from("\n");
    if !about.variant.is_empty() {
        text.push_str(&format!("  With {}:\n", about.variant));
    }
    if !about.description.is_empty() {
        text.push_str(&format!("  {}\n\n", about.description));
    }
    text.push_str(&format!("  Expected: {}.\n", about.expects.trim_end_matches('.')));
    if !about.examples.is_empty() {
        text.push_str(&format!("  Examples: {}\n", about.examples.join("   ")));
    }
    for list in [&about.choices, &about.keys] {
        let width = list.iter().map(|(word, _)| word.chars().count()).max().unwrap_or_default();
        for (word, meaning) in list {
            text.push_str(&format!("    {word:width$}  {meaning}\n"));
        }
    }
    text
}

/// The value in one profile, and where it comes from.
fn value(run: &mut Run, profile: &str, path: &KeyPath) -> Option<String> {
    let chosen = run.profiles(&[profile.to_owned()]).into_iter().next()?;
    let stack = match run.pipeline.stack(&chosen.located) {
        Ok(stack) => stack,
        Err(errors) => {
            run.fail(&errors);
            return None;
        }
    };
    if let [Segment::Key(section), ..] = path.0.as_slice() {
        if section == "patches" || section == "snippets" {
            return Some(changes(run, &stack, profile, path));
        }
    }
    if let Some(error) = unknown_name(&stack, path) {
        run.fail(&[error]);
        return None;
    }
    let sources = &run.pipeline.sources;
    let told = |origin: Origin| match origin {
        Origin::Written(span) => {
            let position = sources.position(span);
            let written = sources.slice(span);
            let value = if written.contains('\n') { "written".to_owned() } else { written.to_owned() };
            format!("{value}\n    {}:{}:{}", sources.get(span.source).shown, position.line, position.column)
        }
        Origin::Default { value, reason } => format!("{value}\n    the default: {reason}"),
    };
    let text = match (stack.origins.get(path), inherited(&stack, path)) {
        (Some(origin), _) => told(origin),
        (None, Some(other)) => stack.origins.get(&other).map_or_else(|| format!("as `{other}`"), |origin| format!("{}, as `{other}`", told(origin))),
        (None, None) => match below(&stack, path).as_slice() {
            [] => "not set".to_owned(),
            defaults => format!("not set, and by default\n{}", defaults.join("\n")),
        },
    };
    Some(format!("\n  In {profile}: {text}\n"))
}

/// The defaults that were taken below a path, each with its reason.
fn below(stack: &Stack, path: &KeyPath) -> Vec<String> {
    let defaults = stack.origins.defaults().filter(|(at, ..)| at.0.starts_with(&path.0));
    defaults.map(|(at, value, reason)| format!("    {}: {value}\n      the default: {reason}", KeyPath(at.0[path.0.len()..].to_vec()))).collect()
}

/// What is said where the profile has no part of this name.
fn unknown_name(stack: &Stack, path: &KeyPath) -> Option<Diagnostic> {
    let [Segment::Key(section), Segment::Key(name), ..] = path.0.as_slice() else { return None };
    if !NAMED.contains(&section.as_str()) {
        return None;
    }
    let known: Vec<KeyPath> = stack.origins.written(&format!("{section}.*"));
    let names: Vec<String> = known.iter().filter_map(|path| path.0.last()).map(ToString::to_string).collect();
    if names.contains(name) {
        return None;
    }
    let help = match nearest(name, names.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{section}.{near}`?"),
        None if names.is_empty() => format!("it has no `{section}` at all"),
        None => format!("there are: {}", names.join(", ")),
    };
    Some(Diagnostic::error("unknown-key", format!("the profile `{}` has no `{section}.{name}`", stack.profile)).help(help))
}

/// The patches or snippets of a profile at or below a path, each with the files that it changes.
fn changes(run: &mut Run, stack: &Stack, profile: &str, path: &KeyPath) -> String {
    let patches = stack.patches.iter().map(|patch| (&patch.at, patch.target.to_string(), &patch.reason));
    let snippets = stack.snippets.iter().map(|snippet| (&snippet.at, format!("after `{}`", snippet.after), &snippet.reason));
    let is_meant = |at: &KeyPath| at.0.starts_with(&path.0) || path.0.starts_with(&at.0);
    let meant: Vec<_> = patches.chain(snippets).filter(|(at, ..)| is_meant(at)).collect();
    if meant.is_empty() {
        return format!("\n  In {profile}: not set\n");
    }
    let drafts = match run.pipeline.drafts(stack, &Selection::default()) {
        Ok(drafts) => drafts,
        Err(errors) => {
            run.fail(&errors);
            return String::new();
        }
    };
    let one = |(at, what, reason): &(&KeyPath, String, &String)| {
        format!("    {at}: {what}\n      changes {}\n      because: {reason}\n", patch::files_of(stack, at, &drafts).join(", "))
    };
    format!("\n  In {profile}:\n{}", meant.iter().map(one).collect::<String>())
}

/// Where a service gets a value from that is not written at it: from the one that it is like, or from a block of variables.
fn inherited(stack: &Stack, path: &KeyPath) -> Option<KeyPath> {
    let [Segment::Key(section), Segment::Key(name), key @ ..] = path.0.as_slice() else { return None };
    if section != "services" {
        return None;
    }
    let service = stack.services.iter().find(|service| service.name.as_str() == name)?;
    if let [Segment::Key(env), Segment::Key(variable), ..] = key {
        if env == "env" {
            let declared = service.env.iter().find(|var| var.name == *variable).map(|var| var.declared.clone());
            return declared.filter(|declared| declared != path);
        }
    }
    let like = stack.origins.text(&KeyPath::of(&["services", name, "like"]))?;
    // Some may be left out again.
    if let [Segment::Key(secrets), Segment::Key(secret), ..] = key {
        let without = KeyPath::of(&["services", name, "without"]);
        if secrets == "secrets" && stack.origins.texts().iter().any(|(path, left_out)| path.parent() == without && left_out == secret) {
            return None;
        }
    }
    let other = key.iter().fold(KeyPath::of(&["services", like]), |path, segment| KeyPath([path.0, vec![segment.clone()]].concat()));
    let is_shared = matches!(key.first(), Some(Segment::Key(first)) if SHARED.contains(&first.as_str()));
    (is_shared && stack.origins.get(&other).is_some()).then_some(other)
}
