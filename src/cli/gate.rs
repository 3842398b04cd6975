//! What `diff` and `check` share: profiles are rendered in memory and compared with what is there.

use super::run::{Chosen, Run, shell_word};
use super::terminal::Progress;
use crate::pipeline::Selection;
use crate::plan::{self, Content, FileState, Output, State};
use crate::render::Draft;
use crate::report::{FileReport, ProfileReport};
use crate::stack::Stack;
use std::collections::BTreeSet;
use std::path::Path;

/// A profile that is rendered, and where its files are.
pub struct Ready {
    pub chosen: Chosen,
    pub output: Output,
    pub stack: Stack,
    pub drafts: Vec<Draft>,
}

/// Renders profiles. One that fails is reported, and does not hide the others.
pub fn ready(run: &mut Run, profiles: Vec<Chosen>, out: Option<&Path>) -> Vec<Ready> {
    let mut list = Vec::new();
    let progress = Progress::of(profiles.len());
    for (done, chosen) in profiles.into_iter().enumerate() {
        progress.at(done);
        match run.pipeline.stack(&chosen.located).and_then(|stack| run.pipeline.drafts(&stack, &Selection::default()).map(|drafts| (stack, drafts))) {
            Ok((stack, drafts)) => {
                let output = run.output(&chosen, &stack.output_dir, out);
                list.push(Ready { chosen, output, stack, drafts });
            }
            Err(errors) => {
                progress.clear();
                run.fail(&errors);
            }
        }
    }
    list
}

/// The states of all files. What cannot be compared is reported.
pub fn compare(run: &mut Run, mut ready: Vec<Ready>, out: Option<&Path>, is_index: bool) -> Vec<ProfileReport> {
    let claims: Vec<_> = ready.iter().map(|ready| (ready.chosen.located.name.as_str(), &ready.output)).collect();
    let (clashes, clashing): (Vec<_>, Vec<_>) = plan::clashes(&claims).into_iter().unzip();
    if !clashes.is_empty() {
        run.fail(&clashes);
    }
    let folders: Vec<&Path> = ready.iter().map(|ready| ready.output.folder()).collect();
    // What is in the index is what git has.
    let (indexes, tracked) = if is_index { (plan::index(&folders), Vec::new()) } else { (Vec::new(), plan::tracked(&folders)) };
    let mut failed = Vec::new();
    for (at, index) in indexes.into_iter().enumerate() {
        match index {
            Ok(index) => ready[at].output = ready[at].output.clone().as_in(index),
            Err(error) => failed.push((at, error)),
        }
    }
    let tracked = if is_index { ready.iter().map(|_| Ok(None)).collect() } else { tracked };
    for (_, error) in &failed {
        run.fail(std::slice::from_ref(error));
    }
    let mut reports = Vec::new();
    for (at, (Ready { chosen, output, stack, drafts }, tracked)) in ready.into_iter().zip(tracked).enumerate() {
        // What is in a folder that two profiles claim is drift of neither.
        if clashing.iter().flatten().any(|clash| *clash == at) || failed.iter().any(|(failed, _)| *failed == at) {
            continue;
        }
        let planned = tracked.map_err(|error| vec![error]).and_then(|tracked| {
            let plan = plan::plan(&stack, drafts, &output, true, &tracked)?;
            let lock = plan::lock_problem(&plan, &output, &tracked).map_err(|error| vec![error])?;
            Ok((plan.files, lock))
        });
        match planned {
            Ok((files, lock)) => {
                let untracked: Vec<&str> = files.iter().filter(|file| file.state == State::Untracked).map(|file| file.path.as_str()).collect();
                // It is known already that git can be asked.
                let ignored = plan::ignored(output.folder(), &untracked).unwrap_or_default();
                let lock = lock.map(|problem| (output.shown(plan::LOCK_FILE), problem, lock_fix(&chosen, &output, out, problem)));
                reports.push(ProfileReport { lock, ..report_of(run, (&chosen, &stack), &output, out, files, &ignored) });
            }
            Err(errors) => run.fail(&errors),
        }
    }
    reports
}

fn report_of(
    run: &Run,
    (chosen, stack): (&Chosen, &Stack),
    output: &Output,
    out: Option<&Path>,
    files: Vec<FileState>,
    ignored: &BTreeSet<String>,
) -> ProfileReport {
    let prefix = output.path_in_work_tree();
    let patch_path = |path: &str| match &prefix {
        Some(prefix) if prefix.is_empty() => path.to_owned(),
        Some(prefix) => format!("{prefix}/{path}"),
        None => output.shown(path),
    };
    let file = |file: FileState| FileReport {
        path: output.shown(&file.path),
        patch_path: patch_path(&file.path),
        fix: if output.is_index() { index_fix(chosen, output, out, &file) } else { fix(chosen, output, out, &file, ignored.contains(&file.path)) },
        secrets: if file.state.is_drift() { stack.secrets.iter().map(|secret| secret.name.clone()).collect() } else { Vec::new() },
        // Of what is right nothing but its name is said: a thousand profiles need not be kept.
        file: if file.state.is_drift() { file } else { FileState { rendered: None, current: None, ..file } },
    };
    ProfileReport { name: chosen.located.name.clone(), file: run.shown(&chosen.located.file), files: files.into_iter().map(file).collect(), lock: None }
}

/// The command that settles a file's state, for a shell in the same folder.
fn fix(chosen: &Chosen, output: &Output, out: Option<&Path>, file: &FileState, is_ignored: bool) -> Option<String> {
    let name = || shell_word(&output.shown(&file.path));
    let more = match file.state {
        // It is not written while somebody keeps it by hand.
        State::Missing if file.rendered.is_none() => return Some(format!("infragen adopt {} {}", chosen.word(), name())),
        State::Missing | State::ProfileChanged | State::GeneratorChanged => "",
        State::HandEdited | State::Conflict => " --force",
        State::Orphan => " --prune",
        State::Untracked => return Some(format!("git add {}{}", if is_ignored { "--force " } else { "" }, name())),
        State::Unmanaged | State::UpToDate => return None,
    };
    Some(render(chosen, out, more))
}

/// The command that settles a file's state in the index: rendering where the file itself is not right, and staging it.
fn index_fix(chosen: &Chosen, output: &Output, out: Option<&Path>, file: &FileState) -> Option<String> {
    let name = shell_word(&output.shown(&file.path));
    let stage = match file.state {
        State::UpToDate | State::Unmanaged => return None,
        State::Orphan => format!("git rm --quiet --cached {name}"),
        _ => format!("git add {name}"),
    };
    let disk = output.read_from_disk(&file.path).unwrap_or(Content::Missing);
    let is_right = match (&file.rendered, disk) {
        (Some(rendered), Content::File { bytes, mode }) => bytes == rendered.text.as_bytes() && mode.is_none_or(|mode| !rendered.lacks(mode)),
        (None, Content::Missing) => file.state == State::Orphan,
        // Kept by hand: whatever it is.
        (None, Content::File { .. }) => file.state != State::Orphan,
        _ => false,
    };
    if is_right {
        return Some(stage);
    }
    Some(format!("{} && {stage}", fix(chosen, output, out, file, false)?))
}

fn lock_fix(chosen: &Chosen, output: &Output, out: Option<&Path>, problem: plan::LockProblem) -> String {
    match problem {
        plan::LockProblem::Untracked => format!("git add {}", shell_word(&output.shown(plan::LOCK_FILE))),
        _ => render(chosen, out, ""),
    }
}

fn render(chosen: &Chosen, out: Option<&Path>, more: &str) -> String {
    let out = out.map(|folder| format!(" --out {}", shell_word(&folder.display().to_string()))).unwrap_or_default();
    format!("infragen render {}{out}{more}", chosen.word())
}
