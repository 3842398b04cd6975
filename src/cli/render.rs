//! `infragen render`.

use super::gate::{self, Left};
use super::run::{Chosen, Run, note};
use super::{RenderArgs, Status};
use crate::diagnostics::Diagnostic;
use crate::pipeline::Selection;
use crate::plan::{self, Action, Done, Options, Output, Plan, Staging};
use crate::profile::{self, Located};
use crate::render::Rendered;

pub fn run(run: &mut Run, args: &RenderArgs) -> Status {
    let (left, named) =
        if args.prune && args.out.is_none() && selection(args).is_everything() { left(run, &args.profiles) } else { (Vec::new(), args.profiles.clone()) };
    let profiles = if named.is_empty() && !left.is_empty() { Vec::new() } else { run.profiles(&named) };
    if args.out.is_some() && profiles.len() > 1 {
        run.fail(&[Diagnostic::error("usage", "`--out` takes the files of one profile").help("run the command once for each profile")]);
        return Status::Failed;
    }
    let alone_for = left.first().map(|left| left.chosen.located.root.clone());
    // Two runs at once would put files of both beside each other.
    let _alone: Vec<_> = profiles
        .iter()
        .filter(|_| !args.stdout && !args.dry_run)
        .map(|chosen| &chosen.located.root)
        .chain(&alone_for)
        .filter_map(|root| plan::alone(root))
        .collect();
    let done = if args.stdout { print(run, args, profiles) } else { write(run, args, profiles, &left) };
    done.unwrap_or_else(|| {
        note("nothing was written\n");
        Status::Failed
    })
}

/// Those of the words that name a profile that is not there any more, and the other words.
fn left(run: &mut Run, words: &[String]) -> (Vec<Left>, Vec<String>) {
    let files = run.pipeline.sources.files.clone();
    if words.iter().all(|word| profile::locate(word, &run.cwd, &files).is_ok()) {
        return (Vec::new(), words.to_vec());
    }
    // Its folder is beside those of the others.
    let root = profile::root_above(&run.cwd).unwrap_or_default();
    let others: Vec<Located> = profile::known(&root, &files).iter().filter_map(|name| profile::locate(name, &root, &files).ok()).collect();
    let folders: Vec<Output> =
        others.iter().filter_map(|located| Some(Output::in_project(&root, &run.pipeline.stack(located).ok()?.output_dir, &run.cwd))).collect();
    let mut left = gate::left(run, &folders.iter().collect::<Vec<_>>(), false);
    left.retain(|left| words.iter().any(|word| left.chosen.is(word)));
    let others = words.iter().filter(|word| !left.iter().any(|left| left.chosen.is(word))).cloned().collect();
    (left, others)
}

fn selection(args: &RenderArgs) -> Selection {
    Selection { targets: args.targets.clone(), only: args.only.clone() }
}

fn nothing_selected(chosen: &Chosen) -> Vec<Diagnostic> {
    let error = Diagnostic::error("nothing-selected", format!("`{}` renders no file that was asked for", chosen.located.name));
    vec![error.help("see `targets` in the profile, `--target` and `--only`")]
}

/// Prints the files of all profiles, or of none.
fn print(run: &mut Run, args: &RenderArgs, profiles: Vec<Chosen>) -> Option<Status> {
    let mut ready = Vec::new();
    for chosen in profiles {
        match rendered(run, args, &chosen).and_then(|files| if files.is_empty() { Err(nothing_selected(&chosen)) } else { Ok(files) }) {
            Ok(files) => ready.push(files),
            Err(errors) => run.fail(&errors),
        }
    }
    if run.has_failed() {
        return None;
    }
    for files in ready {
        for file in &files {
            if files.len() > 1 {
                run.out(&format!("==> {} <==\n", file.path));
            }
            run.out(&file.text);
        }
    }
    Some(Status::Clean)
}

/// The files of one profile, unless it wants another version of infragen, whose files are not these.
fn rendered(run: &mut Run, args: &RenderArgs, chosen: &Chosen) -> Result<Vec<Rendered>, Vec<Diagnostic>> {
    let stack = run.pipeline.stack(&chosen.located)?;
    if plan::pinned(&stack).is_some() {
        let drafts = run.pipeline.drafts(&stack, &selection(args))?;
        plan::plan(&stack, drafts, &run.output(chosen, &stack.output_dir, None), false, &None)?;
    }
    run.pipeline.render(&stack, &selection(args))
}

/// Writes the files of all profiles, or of none: each step is done for all of them before the next. `None` if nothing was written.
fn write(run: &mut Run, args: &RenderArgs, profiles: Vec<Chosen>, left: &[Left]) -> Option<Status> {
    let selection = selection(args);
    let mut ready = Vec::new();
    for chosen in profiles {
        let drafts = run.pipeline.stack(&chosen.located).and_then(|stack| run.pipeline.drafts(&stack, &selection).map(|drafts| (stack, drafts)));
        match drafts {
            Ok((_, drafts)) if drafts.is_empty() => run.fail(&nothing_selected(&chosen)),
            Ok((stack, drafts)) => {
                let output = run.output(&chosen, &stack.output_dir, args.out.as_deref());
                ready.push((chosen, output, stack, drafts));
            }
            Err(errors) => run.fail(&errors),
        }
    }
    let claims: Vec<_> = ready.iter().map(|(chosen, output, ..)| (chosen.located.name.as_str(), output)).collect();
    let clashes: Vec<Diagnostic> = plan::clashes(&claims).into_iter().map(|(error, _)| error).collect();
    if !clashes.is_empty() {
        run.fail(&clashes);
    }
    if run.has_failed() {
        return None;
    }
    let full = selection.is_everything();
    let mut planned = Vec::new();
    for (chosen, output, stack, drafts) in &mut ready {
        match plan::plan(stack, std::mem::take(drafts), output, full, &None) {
            Ok(plan) => planned.push((&*chosen, &*output, plan)),
            Err(errors) => run.fail(&errors),
        }
    }
    if run.has_failed() {
        return None;
    }
    let options = Options { force: args.force, prune: args.prune, dry_run: args.dry_run, full };
    let done = match stage(&planned, left, options) {
        Ok((staging, done)) => match staging.put() {
            Ok(()) => done,
            Err(error) => {
                run.fail(&[error.help("files before this one are in place: run the command again when the cause is gone")]);
                return Some(Status::Failed);
            }
        },
        Err(error) => {
            run.fail(&[error]);
            return None;
        }
    };
    let mut status = Status::Clean;
    let names = planned.iter().map(|(chosen, output, _)| (*chosen, *output)).chain(left.iter().map(|left| (&left.chosen, &left.output)));
    for ((chosen, output), done) in names.zip(&done) {
        status = status.max(report(run, &chosen.located.name, output, done, args.dry_run));
    }
    Some(status)
}

/// Everything that is going to be written, and what is done to each file of each plan.
fn stage<'a>(planned: &'a [(&Chosen, &'a Output, Plan<'_>)], left: &'a [Left], options: Options) -> Result<(Staging<'a>, Vec<Vec<Done>>), Diagnostic> {
    let mut staging = Staging::default();
    let mut done = Vec::new();
    for (_, output, plan) in planned {
        done.push(staging.plan(plan, output, options)?);
    }
    for Left { output, files, .. } in left {
        done.push(staging.clear(files, output, options)?);
    }
    Ok((staging, done))
}

fn report(run: &mut Run, profile: &str, output: &Output, done: &[Done], dry_run: bool) -> Status {
    for file in done.iter().filter(|file| !matches!(file.action, Action::Unchanged | Action::Unmanaged)) {
        run.out(&format!("{:>10}  {}\n", file.action.as_str(), output.shown(&file.path)));
    }
    let count = |action| done.iter().filter(|file| file.action == action).count();
    let mut parts = Vec::new();
    for action in [Action::Created, Action::Updated, Action::Unchanged, Action::Removed, Action::Orphan, Action::Left, Action::Unmanaged] {
        if count(action) > 0 {
            parts.push(format!("{} {}", count(action), action.as_str()));
        }
    }
    let tense = if dry_run { " (nothing was written)" } else { "" };
    run.out(&format!("{profile}: {}{tense}\n", parts.join(", ")));
    if count(Action::Orphan) > 0 {
        note("orphans are no longer rendered: `--prune` removes them\n");
    }
    if count(Action::Left) > 0 {
        note("files that infragen did not make, or that were edited, are left alone: move the change into the profile, then `--force` overwrites them\n");
        return Status::Findings;
    }
    Status::Clean
}
