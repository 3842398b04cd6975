//! `infragen golden`.

use super::run::{Chosen, Run, note};
use super::{GoldenArgs, Status};
use crate::diagnostics::Diagnostic;
use crate::golden::{self, Comparison, Difference};
use crate::pipeline::Selection;
use crate::plan::{self, Output, Staging};
use crate::profile;
use crate::report::{unified, wrong_mode};

struct Tree {
    chosen: Chosen,
    folder: Output,
    comparison: Comparison,
}

/// The golden trees of the profiles that are meant; `None` if one of them cannot be rendered or read.
fn trees(run: &mut Run, args: &GoldenArgs) -> Option<Vec<Tree>> {
    let mut list = Vec::new();
    for chosen in run.profiles(&args.profiles) {
        let folder = golden::folder(&chosen.located.root, &chosen.located.name);
        let drafts = run.pipeline.stack(&chosen.located).and_then(|stack| run.pipeline.drafts(&stack, &Selection::default()));
        match drafts.and_then(|drafts| golden::compare(&folder, drafts)) {
            Ok(comparison) => list.push(Tree { chosen, folder, comparison }),
            Err(errors) => run.fail(&errors),
        }
    }
    let files: Vec<String> = list.iter().map(|tree| run.shown(&tree.chosen.located.file)).collect();
    let claims: Vec<_> = list.iter().zip(&files).map(|(tree, file)| (file.as_str(), &tree.folder)).collect();
    let clashes = plan::clashes(&claims).into_iter().map(|(error, _)| error.help("goldens are kept by the profile's name: give one file another name"));
    let clashes: Vec<Diagnostic> = clashes.collect();
    if !clashes.is_empty() {
        run.fail(&clashes);
    }
    (!run.has_failed()).then_some(list)
}

pub fn check(run: &mut Run, args: &GoldenArgs) -> Status {
    let Some(trees) = trees(run, args) else { return Status::Failed };
    let mut status = Status::Clean;
    for tree in &trees {
        let name = &tree.chosen.located.name;
        let (rendered, differences) = &tree.comparison;
        for (path, difference) in differences {
            let what = match difference {
                Difference::Missing => "is rendered, but has no golden",
                Difference::Extra => "is a golden, but is not rendered",
                Difference::Changed(_) | Difference::Mode(_) => "differs from what is rendered",
            };
            run.out(&format!("golden/{name}/{path} {what}\n"));
            let text = match (difference, rendered.iter().find(|file| file.path == *path)) {
                (Difference::Changed(old), Some(file)) => unified(old, &file.text, run.colour),
                (Difference::Mode(mode), _) => wrong_mode(*mode, run.colour),
                _ => continue,
            };
            run.out(&text);
        }
        if differences.is_empty() {
            run.out(&format!("{name}: all {} goldens hold\n", rendered.len()));
        } else {
            status = Status::Findings;
            let fix = format!("infragen golden update {}", tree.chosen.word());
            run.out(&format!("{name}: {} of {} goldens differ; if the change is meant: {fix}\n", differences.len(), rendered.len()));
        }
    }
    if args.profiles.is_empty() {
        if let Some(root) = profile::root_above(&run.cwd) {
            let names: Vec<String> = trees.iter().map(|tree| tree.chosen.located.name.clone()).collect();
            match golden::unreferenced(&root, &names) {
                Ok(extra) => {
                    for path in extra {
                        status = Status::Findings;
                        run.out(&format!("golden/{} belongs to no profile: remove it\n", path.file_name().unwrap_or_default().to_string_lossy()));
                    }
                }
                Err(error) => run.fail(&[error]),
            }
        }
    }
    status
}

pub fn update(run: &mut Run, args: &GoldenArgs) -> Status {
    if std::env::var_os("CI").is_some_and(|value| !value.is_empty()) {
        run.fail(&[
            Diagnostic::error("golden-in-ci", "goldens are blessed by people, not in CI").help("run this command on your machine, and commit what changed")
        ]);
        return Status::Failed;
    }
    let Some(trees) = trees(run, args) else {
        note("nothing was written\n");
        return Status::Failed;
    };
    match stage(&trees).map(Staging::put) {
        Ok(Ok(())) => {}
        Ok(Err(error)) => {
            run.fail(&[error.help("goldens before this one are in place: run the command again when the cause is gone")]);
            return Status::Failed;
        }
        Err(error) => {
            run.fail(&[error]);
            note("nothing was written\n");
            return Status::Failed;
        }
    }
    for Tree { chosen, comparison: (rendered, differences), .. } in &trees {
        let name = &chosen.located.name;
        for (path, difference) in differences {
            let what = match difference {
                Difference::Missing => "created",
                Difference::Extra => "removed",
                Difference::Changed(_) | Difference::Mode(_) => "updated",
            };
            run.out(&format!("{what:>10}  golden/{name}/{path}\n"));
        }
        run.out(&format!("{name}: {} goldens, {} changed\n", rendered.len(), differences.len()));
    }
    Status::Clean
}

/// What makes all golden trees what is rendered, complete before the first is touched.
fn stage(trees: &[Tree]) -> Result<Staging<'_>, Diagnostic> {
    let mut staging = Staging::default();
    for tree in trees {
        golden::update(&mut staging, &tree.folder, &tree.comparison)?;
    }
    Ok(staging)
}
