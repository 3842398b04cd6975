//! `infragen diff`: the gate.

use super::run::{Chosen, Run, shell_word};
use super::terminal::paint;
use super::unified::{unified, wrong_mode};
use super::{DiffArgs, Format, Status};
use crate::diagnostics::Diagnostic;
use crate::pipeline::Selection;
use crate::plan::{self, FileState, Output, State};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;

pub fn run(run: &mut Run, args: &DiffArgs) -> Status {
    let profiles = run.profiles(&args.profiles);
    if args.out.is_some() && profiles.len() > 1 {
        run.fail(&[Diagnostic::error("usage", "`--out` compares the files of one profile").help("name one profile")]);
        return Status::Failed;
    }
    let mut ready = Vec::new();
    for chosen in profiles {
        match run.pipeline.stack(&chosen.located).and_then(|stack| run.pipeline.drafts(&stack, &Selection::default()).map(|drafts| (stack, drafts))) {
            Ok((stack, drafts)) => {
                let output = run.output(&chosen, &stack.output_dir, args.out.as_deref());
                ready.push((chosen, output, stack, drafts));
            }
            Err(errors) => run.fail(&errors),
        }
    }
    let claims: Vec<_> = ready.iter().map(|(chosen, output, ..)| (chosen.located.name.as_str(), output)).collect();
    let (clashes, clashing): (Vec<_>, Vec<_>) = plan::clashes(&claims).into_iter().unzip();
    if !clashes.is_empty() {
        run.fail(&clashes);
    }
    let folders: Vec<&Path> = ready.iter().map(|(_, output, ..)| output.folder()).collect();
    let tracked = plan::tracked(&folders);
    let mut status = Status::Clean;
    let mut reports = Vec::new();
    for (at, ((chosen, output, stack, drafts), tracked)) in ready.into_iter().zip(tracked).enumerate() {
        // What is in a folder that two profiles claim is drift of neither.
        if clashing.iter().flatten().any(|clash| *clash == at) {
            continue;
        }
        match tracked.map_err(|error| vec![error]).and_then(|tracked| plan::plan(&stack, drafts, &output, true, &tracked)) {
            Ok(plan) => {
                if plan.files.iter().any(|file| file.state.is_drift()) {
                    status = status.max(Status::Findings);
                }
                let report = Report { chosen, output, out: args.out.as_deref(), files: plan.files };
                match args.format {
                    Format::Text => run.out(&report.text(run.colour)),
                    Format::Json => reports.push(report.json()),
                }
            }
            Err(errors) => run.fail(&errors),
        }
    }
    if args.format == Format::Json {
        let document = json!({ "version": 1, "profiles": reports });
        run.out(&format!("{}\n", serde_json::to_string_pretty(&document).unwrap_or_default()));
    }
    status
}

/// What is said of one profile.
struct Report<'a> {
    chosen: Chosen,
    output: Output,
    /// The folder of `--out`.
    out: Option<&'a Path>,
    files: Vec<FileState>,
}

impl Report<'_> {
    /// The command that settles a file's state, for a shell in the same folder.
    fn fix(&self, file: &FileState) -> Option<String> {
        let more = match file.state {
            State::Missing | State::ProfileChanged | State::GeneratorChanged => "",
            State::HandEdited | State::Conflict => " --force",
            State::Orphan => " --prune",
            State::Untracked => return Some(format!("git add {}", shell_word(&self.output.shown(&file.path)))),
            State::UpToDate => return None,
        };
        let out = self.out.map(|folder| format!(" --out {}", shell_word(&folder.display().to_string()))).unwrap_or_default();
        Some(format!("infragen render {}{out}{more}", self.chosen.word()))
    }

    fn json(&self) -> Value {
        let file = |file: &FileState| {
            json!({
                "path": self.output.shown(&file.path),
                "state": file.state.as_str(),
                "also": file.also.iter().map(|state| state.as_str()).collect::<Vec<_>>(),
                "fix": self.fix(file),
            })
        };
        json!({ "name": self.chosen.located.name, "files": self.files.iter().map(file).collect::<Vec<_>>() })
    }

    fn text(&self, colour: bool) -> String {
        let profile = &self.chosen.located.name;
        let drifted: Vec<&FileState> = self.files.iter().filter(|file| file.state.is_drift()).collect();
        let mut text = String::new();
        for file in &drifted {
            let also = file.also.iter().fold(String::new(), |text, state| text + ", " + state.as_str());
            let fix = self.fix(file).map(|fix| format!("   {fix}")).unwrap_or_default();
            text += &format!("{}  {}{also}{fix}\n", paint(&self.output.shown(&file.path), "1", colour), paint(file.state.as_str(), "33", colour));
            text += &difference(file, colour);
        }
        text += &match drifted.len() {
            0 => format!("{profile}: {} files up to date\n", self.files.len()),
            count => format!("{profile}: {count} of {} files drifted (- what is there, + what the profile renders)\n", self.files.len()),
        };
        text
    }
}

/// What is there against what is rendered: mode and text.
fn difference(file: &FileState, colour: bool) -> String {
    let (Some(rendered), Some(current)) = (&file.rendered, &file.current) else { return String::new() };
    let mode = file.wrong_mode.map(|mode| wrong_mode(mode, colour)).unwrap_or_default();
    if current == rendered.text.as_bytes() {
        return mode;
    }
    let current = String::from_utf8_lossy(current);
    let current = if file.path.starts_with(".env.") { without_values(&current, &rendered.text) } else { current.into_owned() };
    mode + &unified(&current, &rendered.text, colour)
}

/// The template of the env file as it is there. Somebody may have filled it in, in the place of its copy: what was not rendered may be
/// a secret, and this is printed in CI.
fn without_values(current: &str, rendered: &str) -> String {
    let known: BTreeSet<&str> = rendered.lines().collect();
    current.split_inclusive('\n').map(|line| if known.contains(line.trim_end_matches('\n')) { line } else { "(not shown: it may be a secret)\n" }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::Rendered;

    #[test]
    fn a_wrong_mode_is_named() {
        let rendered = Rendered { path: "run".into(), text: "true\n".into(), executable: true };
        let mut file = FileState {
            path: "run".into(),
            rendered: Some(rendered),
            current: Some("true\n".into()),
            wrong_mode: Some(0o644),
            state: State::HandEdited,
            also: Vec::new(),
        };
        assert_eq!(difference(&file, false), "-mode 644\n+mode 755: it is a script, and has to be executable\n");
        file.current = Some("false\n".into());
        assert_eq!(difference(&file, false), "-mode 644\n+mode 755: it is a script, and has to be executable\n@@ -1 +1 @@\n-false\n+true\n");
        file.wrong_mode = None;
        assert_eq!(difference(&file, false), "@@ -1 +1 @@\n-false\n+true\n");
    }
}
