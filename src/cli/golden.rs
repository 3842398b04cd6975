//! `infragen golden`.

use super::run::{Chosen, Run, note, shell_word};
use super::{GoldenArgs, Status};
use crate::diagnostics::Diagnostic;
use crate::golden::{self, Comparison, Difference};
use crate::pipeline::Selection;
use crate::plan::{self, Output, Staging};
use crate::profile;
use crate::render::Draft;
use crate::report::{GoldenReport, GoldenState, first_difference, shown, unified, wrong_mode};
use crate::stack::Stack;
use std::path::{Path, PathBuf};

struct Tree {
    chosen: Chosen,
    folder: Output,
    comparison: Comparison,
    /// Names of the profile's secrets.
    secrets: Vec<String>,
}

/// The goldens of a profile: in the project's `golden/`, or in the folder that was named.
fn folder(run: &Run, chosen: &Chosen, elsewhere: Option<&Path>) -> Output {
    let name = &chosen.located.name;
    elsewhere.map_or_else(|| golden::folder(&chosen.located.root, name), |dir| Output::in_project(&run.cwd.join(dir), name, &run.cwd))
}

/// The folder with the trees of all profiles, if there is a project.
fn all(run: &Run, elsewhere: Option<&Path>) -> Option<(PathBuf, String)> {
    match elsewhere {
        Some(dir) => Some((run.cwd.join(dir), dir.display().to_string())),
        None => profile::root_above(&run.cwd).map(|root| (root.join(golden::FOLDER), golden::FOLDER.to_owned())),
    }
}

/// The golden trees of the profiles that are meant; `None` if one of them cannot be rendered or read.
fn trees(run: &mut Run, args: &GoldenArgs) -> Option<Vec<Tree>> {
    let mut list = Vec::new();
    for chosen in run.profiles(&args.profiles) {
        let folder = folder(run, &chosen, args.golden_dir.as_deref());
        let stack = run.pipeline.stack(&chosen.located);
        let drafts = stack.and_then(|stack| Ok((run.pipeline.drafts(&stack, &Selection::default())?, plan::pinned(&stack), stack.secret_names())));
        match drafts.and_then(|(drafts, pinned, secrets)| Ok((golden::compare(&folder, drafts)?, pinned, secrets))) {
            // What another version renders is not what is blessed here.
            Ok((comparison, Some(pinned), _)) if !comparison.1.is_empty() => run.fail(&[pinned]),
            Ok((comparison, _, secrets)) => list.push(Tree { chosen, folder, comparison, secrets }),
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

fn state(difference: &Difference) -> GoldenState {
    match difference {
        Difference::Missing => GoldenState::Missing,
        Difference::Extra => GoldenState::Extra,
        Difference::Changed(_) | Difference::Mode(_) => GoldenState::Changed,
    }
}

/// What is said of the goldens of one profile.
fn report(
    chosen: &Chosen,
    folder: &Output,
    (rendered, differences): &Comparison,
    elsewhere: Option<&Path>,
    secrets: &[String],
    colour: bool,
) -> Vec<GoldenReport> {
    let dir = elsewhere.map(|dir| format!(" --golden-dir {}", shell_word(&dir.display().to_string()))).unwrap_or_default();
    let one = |(path, difference): &(String, Difference)| {
        let text = match (difference, rendered.iter().find(|file| file.path == *path)) {
            // Somebody may have typed into it what nobody else should read.
            (Difference::Changed(old), Some(file)) => unified(&shown(path, old, &file.text, secrets).text, &file.text, colour),
            (Difference::Mode(mode), _) => wrong_mode(*mode, colour),
            _ => String::new(),
        };
        let line = match (difference, rendered.iter().find(|file| file.path == *path)) {
            (Difference::Changed(old), Some(file)) => first_difference(old, &file.text),
            _ => 1,
        };
        let fix = Some(format!("infragen golden update {}{dir}", chosen.word()));
        GoldenReport { path: folder.shown(path), state: state(difference), fix, difference: text, line }
    };
    differences.iter().map(one).collect()
}

/// Trees that belong to none of the profiles of a project.
fn unreferenced(run: &mut Run, names: &[String], elsewhere: Option<&Path>) -> Vec<GoldenReport> {
    let Some((folder, shown)) = all(run, elsewhere) else { return Vec::new() };
    let one = |path: PathBuf| GoldenReport {
        path: format!("{}/{}", shown.trim_end_matches('/'), path.file_name().unwrap_or_default().to_string_lossy()),
        state: GoldenState::Unreferenced,
        fix: None,
        difference: String::new(),
        line: 1,
    };
    match golden::unreferenced(&folder, names) {
        Ok(extra) => extra.into_iter().map(one).collect(),
        Err(error) => {
            run.fail(&[error]);
            Vec::new()
        }
    }
}

/// The goldens of profiles that are rendered already: how many there are, and which differ. `None` if the project keeps no goldens.
pub fn compare(
    run: &mut Run,
    profiles: &[(&Chosen, &Stack, &[Draft])],
    elsewhere: Option<&Path>,
    is_everything: bool,
    colour: bool,
) -> Option<(usize, Vec<GoldenReport>)> {
    let mut found = None;
    let (mut count, mut list) = (0, Vec::new());
    for (chosen, stack, drafts) in profiles {
        let trees = elsewhere.map_or_else(|| chosen.located.root.join(golden::FOLDER), |dir| run.cwd.join(dir));
        if elsewhere.is_none() && trees.symlink_metadata().is_err() {
            continue;
        }
        found = Some(());
        let folder = folder(run, chosen, elsewhere);
        match golden::compare(&folder, drafts.to_vec()) {
            Ok(comparison) => {
                if let Some(pinned) = plan::pinned(stack).filter(|_| !comparison.1.is_empty()) {
                    run.fail(&[pinned]);
                    continue;
                }
                count += comparison.0.len();
                list.extend(report(chosen, &folder, &comparison, elsewhere, &stack.secret_names(), colour));
            }
            Err(errors) => run.fail(&errors),
        }
    }
    if is_everything && found.is_some() {
        let names: Vec<String> = profiles.iter().map(|(chosen, ..)| chosen.located.name.clone()).collect();
        list.extend(unreferenced(run, &names, elsewhere));
    }
    found.map(|()| (count, list))
}

pub fn check(run: &mut Run, args: &GoldenArgs) -> Status {
    let elsewhere = args.golden_dir.as_deref();
    let Some(trees) = trees(run, args) else { return Status::Failed };
    let mut status = Status::Clean;
    for Tree { chosen, folder, comparison, secrets } in &trees {
        let name = &chosen.located.name;
        let reports = report(chosen, folder, comparison, elsewhere, secrets, run.looks.colour);
        for report in &reports {
            run.out(&report.text());
        }
        let rendered = comparison.0.len();
        match reports.first() {
            None => run.out(&format!("{name}: all {rendered} goldens hold\n")),
            Some(GoldenReport { fix, .. }) => {
                status = Status::Findings;
                let fix = fix.as_deref().unwrap_or_default();
                run.out(&format!("{name}: {} of {rendered} goldens differ; if the change is meant: {fix}\n", reports.len()));
            }
        }
    }
    if args.profiles.is_empty() {
        let names: Vec<String> = trees.iter().map(|tree| tree.chosen.located.name.clone()).collect();
        for extra in unreferenced(run, &names, elsewhere) {
            status = Status::Findings;
            run.out(&extra.text());
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
    for Tree { chosen, folder, comparison: (rendered, differences), .. } in &trees {
        let name = &chosen.located.name;
        for (path, difference) in differences {
            let what = match state(difference) {
                GoldenState::Missing => "created",
                GoldenState::Changed => "updated",
                GoldenState::Extra | GoldenState::Unreferenced => "removed",
            };
            run.out(&format!("{what:>10}  {}\n", folder.shown(path)));
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
