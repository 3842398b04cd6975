//! `infragen golden`.

use super::run::{Run, note};
use super::unified::unified;
use super::{GoldenArgs, Status};
use crate::diagnostics::Diagnostic;
use crate::golden::{self, Difference};
use crate::pipeline::Selection;
use crate::profile::{self, Located};
use crate::render::Rendered;

struct Tree {
    located: Located,
    rendered: Vec<Rendered>,
    differences: Vec<(String, Difference)>,
}

/// The golden trees of the profiles that are meant; `None` if one of them cannot be rendered or read.
fn trees(run: &mut Run, args: &GoldenArgs) -> Option<Vec<Tree>> {
    let profiles = run.profiles(&args.profiles);
    let mut complete = !run.has_failed();
    let mut list = Vec::new();
    for located in profiles {
        let result = run.pipeline.stack(&located).and_then(|stack| run.pipeline.render(&stack, &Selection::default()));
        let tree = result.and_then(|rendered| {
            let differences = golden::compare(&golden::folder(&located.root, &located.name), &rendered).map_err(|error| vec![error])?;
            Ok(Tree { located, rendered, differences })
        });
        match tree {
            Ok(tree) => list.push(tree),
            Err(errors) => {
                run.fail(&errors);
                complete = false;
            }
        }
    }
    complete.then_some(list)
}

pub fn check(run: &mut Run, args: &GoldenArgs) -> Status {
    let Some(trees) = trees(run, args) else { return Status::Failed };
    let mut status = Status::Clean;
    for tree in &trees {
        let name = &tree.located.name;
        for (path, difference) in &tree.differences {
            let what = match difference {
                Difference::Missing => "is rendered, but has no golden",
                Difference::Extra => "is a golden, but is not rendered",
                Difference::Changed(_) => "differs from what is rendered",
            };
            run.out(&format!("golden/{name}/{path} {what}\n"));
            if let (Difference::Changed(old), Some(file)) = (difference, tree.rendered.iter().find(|file| file.path == *path)) {
                let diff = unified(old, &file.text, run.colour);
                run.out(&diff);
            }
        }
        if tree.differences.is_empty() {
            run.out(&format!("{name}: all {} goldens hold\n", tree.rendered.len()));
        } else {
            status = Status::Findings;
            run.out(&format!(
                "{name}: {} of {} goldens differ; if the change is meant: infragen golden update {name}\n",
                tree.differences.len(),
                tree.rendered.len()
            ));
        }
    }
    if args.profiles.is_empty() {
        if let Some(root) = profile::root_above(&run.cwd) {
            let names: Vec<String> = trees.iter().map(|tree| tree.located.name.clone()).collect();
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
    for tree in &trees {
        let name = &tree.located.name;
        if let Err(error) = golden::update(&golden::folder(&tree.located.root, name), &tree.rendered, &tree.differences) {
            run.fail(&[error]);
            return Status::Failed;
        }
        for (path, difference) in &tree.differences {
            let what = match difference {
                Difference::Missing => "created",
                Difference::Extra => "removed",
                Difference::Changed(_) => "updated",
            };
            run.out(&format!("{what:>10}  golden/{name}/{path}\n"));
        }
        run.out(&format!("{name}: {} goldens, {} changed\n", tree.rendered.len(), tree.differences.len()));
    }
    Status::Clean
}
