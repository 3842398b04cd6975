//! `infragen own` and `infragen adopt`: files that are kept by hand.

use super::run::{Chosen, Run, note};
use super::{OwnArgs, Status};
use crate::diagnostics::{Diagnostic, nearest};
use crate::key_path::KeyPath;
use crate::patch::edit::{self, Place};
use crate::pipeline::Pipeline;
use crate::plan::{Output, Staging};
use crate::render::{Rendered, escape::yaml::scalar};
use crate::stack::{Origin, Stack};
use crate::yaml::{Accept, Node};

/// The profile, its Stack, and the path of the file below the output folder.
fn find(run: &mut Run, args: &OwnArgs) -> Option<(Chosen, Stack, String)> {
    let chosen = run.profiles(std::slice::from_ref(&args.profile)).pop()?;
    let stack = match run.pipeline.stack(&chosen.located) {
        Ok(stack) => stack,
        Err(errors) => {
            run.fail(&errors);
            return None;
        }
    };
    let paths = Pipeline::paths(&stack);
    let output = run.output(&chosen, &stack.output_dir, None);
    let named = args.file.to_string_lossy().into_owned();
    let full = run.cwd.join(&args.file);
    let below = full.strip_prefix(output.folder()).ok().map(|path| path.to_string_lossy().into_owned());
    // One that is unmanaged and rendered no more can be taken back, too.
    let is_known = |path: &String| paths.contains(path) || stack.unmanaged.iter().any(|unmanaged| unmanaged.path == *path);
    match below.into_iter().chain([named.clone()]).find(is_known) {
        Some(path) => Some((chosen, stack, path)),
        None => {
            let near = nearest(&named, paths.iter().map(String::as_str)).map(|near| format!("did you mean `{near}`?"));
            let error = Diagnostic::error("missing-file", format!("`{named}` is no file that `{}` renders", chosen.located.name));
            run.fail(&[error.help(near.unwrap_or_else(|| format!("there are: {}", paths.join(", "))))]);
            None
        }
    }
}

pub fn own(run: &mut Run, args: &OwnArgs) -> Status {
    let Some((chosen, stack, path)) = find(run, args) else { return Status::Failed };
    if stack.unmanaged.iter().any(|unmanaged| unmanaged.path == path) {
        run.fail(&[Diagnostic::error("usage", format!("`{path}` is kept by hand already")).help("`infragen adopt` takes it back")]);
        return Status::Failed;
    }
    note(&format!("add this to {}, with the reason; below `unmanaged:` where there is one\n", run.shown(&chosen.located.file)));
    run.out(&format!("unmanaged:\n  {}: {{ reason: \"...\" }}\n", scalar(&path)));
    Status::Clean
}

pub fn adopt(run: &mut Run, args: &OwnArgs) -> Status {
    let Some((chosen, stack, path)) = find(run, args) else { return Status::Failed };
    let at = KeyPath::of(&["unmanaged", &path]);
    if stack.origins.get(&at).is_none() {
        run.fail(&[Diagnostic::error("usage", format!("`{path}` is not kept by hand")).help("`infragen render` writes it")]);
        return Status::Failed;
    }
    match without(run, &chosen, &stack, &at) {
        Ok(text) => {
            let shown = run.shown(&chosen.located.file);
            if let Err(error) = write(run, &chosen, text) {
                run.fail(&[error]);
                return Status::Failed;
            }
            run.out(&format!("{shown}: `{at}` is removed\n"));
            note(&format!("see what the profile makes of it: infragen diff {}\n", chosen.word()));
            Status::Clean
        }
        Err(reason) => {
            let error = Diagnostic::error("usage", format!("`{at}` cannot be removed from here: {reason}")).label(stack.origins.key_place(&at), "");
            run.fail(&[error.at(at).help("remove it by hand; what is inherited, by `remove`")]);
            Status::Failed
        }
    }
}

/// The profile's text without the entry; it is looked at again before anything is written.
fn without(run: &Run, chosen: &Chosen, stack: &Stack, at: &KeyPath) -> Result<String, String> {
    let Some(Origin::Written(place)) = stack.origins.get(at) else { return Err("it is not written".into()) };
    let source = run.pipeline.sources.get(place.source);
    let is_own = source.path.canonicalize().ok() == chosen.located.file.canonicalize().ok();
    if !is_own {
        return Err(format!("it is inherited from {}", source.shown));
    }
    let documents = edit::documents(&source.text, Accept::PROFILE).unwrap_or_default();
    let root = Place { document: 0, keys: &[] };
    let entries = root.node(&documents).and_then(Node::as_map).and_then(|map| map.get("unmanaged")).and_then(|entry| entry.node.as_map());
    // A section without an entry is none.
    let section = KeyPath::of(&["unmanaged"]);
    edit::remove(&source.text, root, if entries.is_some_and(|entries| entries.len() == 1) { &section } else { at })
}

fn write(run: &Run, chosen: &Chosen, text: String) -> Result<(), Diagnostic> {
    let file = &chosen.located.file;
    let folder = file.parent().unwrap_or(&run.cwd);
    let output = Output::named(folder, &run.cwd);
    let path = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let rendered = Rendered { path, text, executable: false };
    let mut staging = Staging::default();
    staging.files(&output, &[&rendered], Vec::new())?;
    staging.put()
}
