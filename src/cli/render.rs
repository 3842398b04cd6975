//! `infragen render`.

use super::run::{Run, note};
use super::{RenderArgs, Status};
use crate::diagnostics::Diagnostic;
use crate::pipeline::Selection;
use crate::plan::{self, Action, Done, Options, Output};

pub fn run(run: &mut Run, args: &RenderArgs) -> Status {
    let profiles = run.profiles(&args.profiles);
    let selection = Selection { targets: args.targets.clone(), only: args.only.clone() };
    if args.out.is_some() && profiles.len() > 1 {
        run.fail(&[Diagnostic::error("usage", "`--out` takes the files of one profile").help("run the command once for each profile")]);
        return Status::Failed;
    }
    // All profiles are rendered before anything is written: a mistake in one leaves everything as it was.
    let mut ready = Vec::new();
    let mut failed = run.has_failed();
    for located in profiles {
        let result = run.pipeline.stack(&located).and_then(|stack| run.pipeline.render(&stack, &selection).map(|files| (stack, files)));
        match result {
            Ok((_, files)) if files.is_empty() => {
                let error = Diagnostic::error("nothing-selected", format!("`{}` renders no file that was asked for", located.name));
                run.fail(&[error.help("see `targets` in the profile, `--target` and `--only`")]);
                failed = true;
            }
            Ok((stack, files)) => ready.push((located, stack, files)),
            Err(errors) => {
                run.fail(&errors);
                failed = true;
            }
        }
    }
    if failed {
        note("nothing was written\n");
        return Status::Failed;
    }
    let mut status = Status::Clean;
    for (located, stack, files) in ready {
        if args.stdout {
            let several = files.len() > 1;
            for file in files {
                if several {
                    run.out(&format!("==> {} <==\n", file.path));
                }
                run.out(&file.text);
            }
            continue;
        }
        let output = match &args.out {
            Some(folder) => Output::named(folder, &run.cwd),
            None => Output::in_project(&located.root, &stack.output_dir, &run.cwd),
        };
        let full = selection.is_everything();
        let options = Options { force: args.force, prune: args.prune, dry_run: args.dry_run, full };
        let done = plan::plan(&stack, files, &output, full, false).and_then(|plan| plan::apply(&plan, &output, options).map_err(|error| vec![error]));
        match done {
            Ok(done) => status = status.max(report(run, &located.name, &output, &done, args.dry_run)),
            Err(errors) => {
                run.fail(&errors);
                status = Status::Failed;
            }
        }
    }
    status
}

fn report(run: &mut Run, profile: &str, output: &Output, done: &[Done], dry_run: bool) -> Status {
    for file in done.iter().filter(|file| file.action != Action::Unchanged) {
        run.out(&format!("{:>10}  {}\n", file.action.as_str(), output.shown(&file.path)));
    }
    let count = |action| done.iter().filter(|file| file.action == action).count();
    let mut parts = Vec::new();
    for action in [Action::Created, Action::Updated, Action::Unchanged, Action::Removed, Action::Orphan, Action::Left] {
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
