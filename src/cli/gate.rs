//! What `diff` and `check` share: profiles are rendered in memory and compared with what is there.

use super::run::{Chosen, Run, shell_word};
use crate::pipeline::Selection;
use crate::plan::{self, FileState, Output, State};
use crate::render::Draft;
use crate::report::{FileReport, ProfileReport};
use crate::stack::Stack;
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
    for chosen in profiles {
        match run.pipeline.stack(&chosen.located).and_then(|stack| run.pipeline.drafts(&stack, &Selection::default()).map(|drafts| (stack, drafts))) {
            Ok((stack, drafts)) => {
                let output = run.output(&chosen, &stack.output_dir, out);
                list.push(Ready { chosen, output, stack, drafts });
            }
            Err(errors) => run.fail(&errors),
        }
    }
    list
}

/// The states of all files. What cannot be compared is reported.
pub fn compare(run: &mut Run, ready: Vec<Ready>, out: Option<&Path>) -> Vec<ProfileReport> {
    let claims: Vec<_> = ready.iter().map(|ready| (ready.chosen.located.name.as_str(), &ready.output)).collect();
    let (clashes, clashing): (Vec<_>, Vec<_>) = plan::clashes(&claims).into_iter().unzip();
    if !clashes.is_empty() {
        run.fail(&clashes);
    }
    let folders: Vec<&Path> = ready.iter().map(|ready| ready.output.folder()).collect();
    let tracked = plan::tracked(&folders);
    let mut reports = Vec::new();
    for (at, (Ready { chosen, output, stack, drafts }, tracked)) in ready.into_iter().zip(tracked).enumerate() {
        // What is in a folder that two profiles claim is drift of neither.
        if clashing.iter().flatten().any(|clash| *clash == at) {
            continue;
        }
        let planned = tracked.map_err(|error| vec![error]).and_then(|tracked| {
            let plan = plan::plan(&stack, drafts, &output, true, &tracked)?;
            let lock = plan::lock_problem(&plan, &output, &tracked).map_err(|error| vec![error])?;
            Ok((plan.files, lock))
        });
        match planned {
            Ok((files, lock)) => {
                let lock = lock.map(|problem| (output.shown(plan::LOCK_FILE), problem, lock_fix(&chosen, &output, out, problem)));
                reports.push(ProfileReport { lock, ..report_of(run, &chosen, &output, out, files) });
            }
            Err(errors) => run.fail(&errors),
        }
    }
    reports
}

fn report_of(run: &Run, chosen: &Chosen, output: &Output, out: Option<&Path>, files: Vec<FileState>) -> ProfileReport {
    let prefix = output.path_in_work_tree();
    let patch_path = |path: &str| match &prefix {
        Some(prefix) if prefix.is_empty() => path.to_owned(),
        Some(prefix) => format!("{prefix}/{path}"),
        None => output.shown(path),
    };
    let file = |file: FileState| FileReport {
        path: output.shown(&file.path),
        patch_path: patch_path(&file.path),
        fix: fix(chosen, output, out, &file),
        // Of what is right nothing but its name is said: a thousand profiles need not be kept.
        file: if file.state.is_drift() { file } else { FileState { rendered: None, current: None, ..file } },
    };
    ProfileReport { name: chosen.located.name.clone(), file: run.shown(&chosen.located.file), files: files.into_iter().map(file).collect(), lock: None }
}

/// The command that settles a file's state, for a shell in the same folder.
fn fix(chosen: &Chosen, output: &Output, out: Option<&Path>, file: &FileState) -> Option<String> {
    let more = match file.state {
        State::Missing | State::ProfileChanged | State::GeneratorChanged => "",
        State::HandEdited | State::Conflict => " --force",
        State::Orphan => " --prune",
        State::Untracked => return Some(format!("git add {}", shell_word(&output.shown(&file.path)))),
        State::UpToDate => return None,
    };
    Some(render(chosen, out, more))
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
