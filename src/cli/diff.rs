//! `infragen diff`: the gate.

use super::run::Run;
use super::terminal::paint;
use super::unified::unified;
use super::{DiffArgs, Format, Status};
use crate::diagnostics::Diagnostic;
use crate::pipeline::Selection;
use crate::plan::{self, FileState, Output, State};
use serde_json::{Value, json};
use std::collections::BTreeSet;

pub fn run(run: &mut Run, args: &DiffArgs) -> Status {
    let profiles = run.profiles(&args.profiles);
    if args.out.is_some() && profiles.len() > 1 {
        run.fail(&[Diagnostic::error("usage", "`--out` compares the files of one profile").help("name one profile")]);
        return Status::Failed;
    }
    let mut status = Status::Clean;
    let mut reports = Vec::new();
    for located in profiles {
        let result = run.pipeline.stack(&located).and_then(|stack| run.pipeline.render(&stack, &Selection::default()).map(|files| (stack, files)));
        let planned = result.and_then(|(stack, files)| {
            let output = match &args.out {
                Some(folder) => Output::named(folder, &run.cwd),
                None => Output::in_project(&located.root, &stack.output_dir, &run.cwd),
            };
            plan::plan(&stack, files, &output, true, true).map(|plan| (output, plan))
        });
        match planned {
            Ok((output, plan)) => {
                if plan.files.iter().any(|file| file.state.is_drift()) {
                    status = status.max(Status::Findings);
                }
                match args.format {
                    Format::Text => text(run, &located.name, &output, &plan.files),
                    Format::Json => reports.push(json_report(&located.name, &output, &plan.files)),
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

/// The command that settles a file's state.
fn fix(file: &FileState, profile: &str, output: &Output) -> Option<String> {
    match file.state {
        State::Missing | State::ProfileChanged | State::GeneratorChanged => Some(format!("infragen render {profile}")),
        State::HandEdited | State::Conflict => Some(format!("infragen render {profile} --force")),
        State::Orphan => Some(format!("infragen render {profile} --prune")),
        State::Untracked => Some(format!("git add {}", output.shown(&file.path))),
        State::UpToDate => None,
    }
}

fn json_report(profile: &str, output: &Output, files: &[FileState]) -> Value {
    let files: Vec<Value> = files
        .iter()
        .map(|file| {
            json!({
                "path": output.shown(&file.path),
                "state": file.state.as_str(),
                "also": file.also.iter().map(|state| state.as_str()).collect::<Vec<_>>(),
                "fix": fix(file, profile, output),
            })
        })
        .collect();
    json!({ "name": profile, "files": files })
}

fn text(run: &mut Run, profile: &str, output: &Output, files: &[FileState]) {
    let colour = run.colour;
    let drifted: Vec<&FileState> = files.iter().filter(|file| file.state.is_drift()).collect();
    for file in &drifted {
        let also = file.also.iter().fold(String::new(), |text, state| text + ", " + state.as_str());
        let fix = fix(file, profile, output).map(|fix| format!("   {fix}")).unwrap_or_default();
        run.out(&format!("{}  {}{also}{fix}\n", paint(&output.shown(&file.path), "1", colour), paint(file.state.as_str(), "33", colour)));
        if let (Some(rendered), Some(current)) = (&file.rendered, &file.current) {
            let current = String::from_utf8_lossy(current);
            if current != rendered.text {
                let is_for_values = file.path.starts_with(".env.");
                let current = if is_for_values { without_values(&current, &rendered.text) } else { current.into_owned() };
                run.out(&unified(&current, &rendered.text, colour));
            }
        }
    }
    run.out(&match drifted.len() {
        0 => format!("{profile}: {} files up to date\n", files.len()),
        count => format!("{profile}: {count} of {} files drifted (- what is there, + what the profile renders)\n", files.len()),
    });
}

/// The template of the env file as it is there. Somebody may have filled it in, in the place of its copy: what was not rendered may be
/// a secret, and this is printed in CI.
fn without_values(current: &str, rendered: &str) -> String {
    let known: BTreeSet<&str> = rendered.lines().collect();
    current.split_inclusive('\n').map(|line| if known.contains(line.trim_end_matches('\n')) { line } else { "(not shown: it may be a secret)\n" }).collect()
}
