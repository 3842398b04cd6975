//! What `diff` and `check` share: profiles are rendered in memory and compared with what is there.

use super::run::{Chosen, Run, shell_word};
use super::terminal::Progress;
use crate::pipeline::Selection;
use crate::plan::{self, Content, FileState, Gone, LOCK_FILE, Lock, Output, Staged, State};
use crate::profile;
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

/// A profile that is not there any more, and what is left of it: all of it is an orphan.
pub struct Left {
    pub chosen: Chosen,
    pub output: Output,
    pub files: Vec<FileState>,
}

/// What is left of profiles that are not there any more.
pub fn left(run: &mut Run, outputs: &[&Output], is_index: bool) -> Vec<Left> {
    let Some(root) = profile::root_above(&run.cwd) else { return Vec::new() };
    let folders: Vec<&Path> = outputs.iter().map(|output| output.folder()).collect();
    let mut list = Vec::new();
    for Gone { file, mut lock, mut output } in plan::gone(&root, &folders, &run.pipeline.sources.files, &run.cwd) {
        if is_index {
            let Some(Ok(index)) = plan::index(&[output.folder()]).pop() else { continue };
            output = output.as_in(index);
            let Some(staged) = Lock::of(&output) else { continue };
            lock = staged;
        }
        match plan::orphans(&lock, &output, |_| true) {
            Ok(files) if files.is_empty() => {}
            Ok(files) => list.push(Left { chosen: Chosen::gone(&lock, file, &root, &run.cwd), output, files }),
            Err(errors) => run.fail(&errors),
        }
    }
    list
}

/// The states of all files. What cannot be compared is reported.
pub fn compare(run: &mut Run, mut ready: Vec<Ready>, is_everything: bool, out: Option<&Path>, staged: Option<&Staged>) -> Vec<ProfileReport> {
    let outputs: Vec<&Output> = ready.iter().map(|ready| &ready.output).collect();
    let left = if is_everything { left(run, &outputs, staged.is_some()) } else { Vec::new() };
    let claims: Vec<_> = ready.iter().map(|ready| (ready.chosen.located.name.as_str(), &ready.output)).collect();
    let (clashes, clashing): (Vec<_>, Vec<_>) = plan::clashes(&claims).into_iter().unzip();
    if !clashes.is_empty() {
        run.fail(&clashes);
    }
    let folders: Vec<&Path> = ready.iter().map(|ready| ready.output.folder()).collect();
    // What is in the index is what git has.
    let (indexes, tracked) = if staged.is_some() { (plan::index(&folders), Vec::new()) } else { (Vec::new(), plan::tracked(&folders)) };
    let mut failed = Vec::new();
    for (at, index) in indexes.into_iter().enumerate() {
        match index {
            Ok(index) => ready[at].output = ready[at].output.clone().as_in(index),
            Err(error) => failed.push((at, error)),
        }
    }
    let tracked = if staged.is_some() { ready.iter().map(|_| Ok(None)).collect() } else { tracked };
    for (_, error) in &failed {
        run.fail(std::slice::from_ref(error));
    }
    let sources: Vec<String> = staged.iter().flat_map(|staged| staged.differing()).map(|path| shell_word(&run.shown(&path))).collect();
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
                let is_untracked = |file: &&FileState| file.state == State::Untracked || (output.is_index() && file.current.is_none());
                let untracked: Vec<&str> = files.iter().filter(is_untracked).map(|file| file.path.as_str()).collect();
                // It is known already that git can be asked.
                let ignored = plan::ignored(output.folder(), &untracked).unwrap_or_default();
                let beside = Beside { ignored, secrets: stack.secret_names(), sources: sources.clone() };
                let lock = lock.map(|problem| (output.shown(plan::LOCK_FILE), problem, lock_fix(&chosen, &output, out, problem)));
                reports.push(ProfileReport { lock, ..report_of(run, &chosen, &output, out, files, &beside) });
            }
            Err(errors) => run.fail(&errors),
        }
    }
    for Left { chosen, output, files } in left {
        let beside = Beside { ignored: BTreeSet::new(), secrets: Vec::new(), sources: sources.clone() };
        let mut report = report_of(run, &chosen, &output, out, files, &beside);
        // It is there, and would not be in the commit.
        let is_there = output.is_index() && chosen.located.file.exists();
        if is_there {
            let stage = format!("git add {}", shell_word(&run.shown(&chosen.located.file)));
            report.files.iter_mut().for_each(|file| file.fix = Some(stage.clone()));
        }
        reports.push(ProfileReport { gone: Some(if is_there { "the profile is not staged" } else { "the profile is gone" }), ..report });
    }
    reports
}

/// What fixes need to know besides a file's state.
struct Beside {
    /// Files that git is told to ignore.
    ignored: BTreeSet<String>,
    /// Names of the profile's secrets.
    secrets: Vec<String>,
    /// Profiles and templates that are different in the index, as words of a shell.
    sources: Vec<String>,
}

fn report_of(run: &Run, chosen: &Chosen, output: &Output, out: Option<&Path>, files: Vec<FileState>, beside: &Beside) -> ProfileReport {
    let prefix = output.path_in_work_tree();
    let patch_path = |path: &str| match &prefix {
        Some(prefix) if prefix.is_empty() => path.to_owned(),
        Some(prefix) => format!("{prefix}/{path}"),
        None => output.shown(path),
    };
    let file = |file: FileState| FileReport {
        path: output.shown(&file.path),
        patch_path: patch_path(&file.path),
        fix: if output.is_index() {
            index_fix(chosen, output, out, &file, beside)
        } else {
            fix(chosen, output, out, &file, beside.ignored.contains(&file.path))
        },
        secrets: if file.state.is_drift() { beside.secrets.clone() } else { Vec::new() },
        // Of what is right nothing but its name is said: a thousand profiles need not be kept.
        file: if file.state.is_drift() { file } else { FileState { rendered: None, current: None, ..file } },
    };
    ProfileReport {
        name: chosen.located.name.clone(),
        file: run.shown(&chosen.located.file),
        gone: None,
        again: format!("infragen diff {}{}{}", chosen.word(), option_out(out), if output.is_index() { " --against index" } else { "" }),
        files: files.into_iter().map(file).collect(),
        lock: None,
    }
}

/// The command that settles a file's state, for a shell in the same folder.
fn fix(chosen: &Chosen, output: &Output, out: Option<&Path>, file: &FileState, is_ignored: bool) -> Option<String> {
    let name = || shell_word(&output.shown(&file.path));
    let more = match file.state {
        // It is not written while somebody keeps it by hand.
        State::Missing if file.rendered.is_none() => return Some(format!("infragen adopt {} {}", chosen.word(), name())),
        State::Missing | State::ProfileChanged | State::GeneratorChanged => "",
        // A folder is not overwritten.
        _ if file.blocked.is_some_and(|what| what != "a symbolic link") => {
            return Some(format!("mv {} {} && {}", name(), shell_word(&format!("{}.moved", output.shown(&file.path))), render(chosen, out, "")));
        }
        // What somebody wrote elsewhere is not this file's business.
        State::HandEdited | State::Conflict => return Some(render(chosen, out, &format!(" --only {} --force", shell_word(&file.path)))),
        State::Orphan if file.also.contains(&State::HandEdited) => " --prune --force",
        State::Orphan => " --prune",
        State::Untracked => return Some(format!("git add {}{}", if is_ignored { "--force " } else { "" }, name())),
        State::Unmanaged | State::UpToDate => return None,
    };
    Some(render(chosen, out, more))
}

/// The command that settles a file's state in the index: rendering where the file itself is not right, and staging it.
fn index_fix(chosen: &Chosen, output: &Output, out: Option<&Path>, file: &FileState, also: &Beside) -> Option<String> {
    let name = shell_word(&output.shown(&file.path));
    let stage = match file.state {
        State::UpToDate | State::Unmanaged => return None,
        State::Orphan => format!("git rm --quiet --cached {name}"),
        // The lock is of the same rendering.
        _ => format!("git add {}{name} {}", if also.ignored.contains(&file.path) { "--force " } else { "" }, shell_word(&output.shown(LOCK_FILE))),
    };
    let disk = output.read_from_disk(&file.path).unwrap_or(Content::Missing);
    let blocked = if let Content::Other(what) = disk { Some(what) } else { None };
    let is_right = match (&file.rendered, disk) {
        (Some(rendered), Content::File { bytes, mode }) => {
            bytes == rendered.text.as_bytes() && mode.is_none_or(|mode| !rendered.lacks(mode) && !rendered.must_not_be_executable(mode))
        }
        (None, Content::Missing) => file.state == State::Orphan,
        // Kept by hand: whatever it is.
        (None, Content::File { .. }) => file.state != State::Orphan,
        _ => false,
    };
    if is_right {
        return Some(stage);
    }
    // Rendering reads the profile that is there, which is another one.
    let sources = if also.sources.is_empty() { String::new() } else { format!("git add {} && ", also.sources.join(" ")) };
    // The command is for what is on the disk.
    let file = FileState { blocked, also: file.also.clone(), path: file.path.clone(), rendered: file.rendered.clone(), current: None, ..*file };
    Some(format!("{sources}{} && {stage}", fix(chosen, output, out, &file, false)?))
}

fn lock_fix(chosen: &Chosen, output: &Output, out: Option<&Path>, problem: plan::LockProblem) -> String {
    match problem {
        plan::LockProblem::Untracked => format!("git add {}", shell_word(&output.shown(plan::LOCK_FILE))),
        _ => render(chosen, out, ""),
    }
}

fn render(chosen: &Chosen, out: Option<&Path>, more: &str) -> String {
    format!("infragen render {}{}{more}", chosen.word(), option_out(out))
}

fn option_out(out: Option<&Path>) -> String {
    out.map(|folder| format!(" --out {}", shell_word(&folder.display().to_string()))).unwrap_or_default()
}
