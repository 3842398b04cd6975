//! `infragen diff`: the gate.

use super::run::{Chosen, Run, shell_word};
use super::{DiffArgs, DiffFormat, Status};
use crate::diagnostics::Diagnostic;
use crate::pipeline::Selection;
use crate::plan::{self, FileState, Output, State};
use crate::report::{self, FileReport, ProfileReport};
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
    let mut reports = Vec::new();
    for (at, ((chosen, output, stack, drafts), tracked)) in ready.into_iter().zip(tracked).enumerate() {
        // What is in a folder that two profiles claim is drift of neither.
        if clashing.iter().flatten().any(|clash| *clash == at) {
            continue;
        }
        match tracked.map_err(|error| vec![error]).and_then(|tracked| plan::plan(&stack, drafts, &output, true, &tracked)) {
            Ok(plan) => reports.push(report_of(run, &chosen, &output, args.out.as_deref(), plan.files)),
            Err(errors) => run.fail(&errors),
        }
    }
    let (failures, sources) = (&run.failures, &run.pipeline.sources);
    let json = |document: &serde_json::Value| format!("{}\n", serde_json::to_string_pretty(document).unwrap_or_default());
    let text = match args.format {
        DiffFormat::Text => reports.iter().map(|report| report::text(report, run.colour)).chain([report::summary(&reports)]).collect(),
        DiffFormat::Json => json(&report::json(&reports, failures, sources)),
        DiffFormat::Github => report::github(&reports, failures, sources),
        DiffFormat::Sarif => json(&report::sarif(&reports, failures, sources)),
        DiffFormat::Markdown => report::markdown(&reports, failures),
        DiffFormat::Patch => report::patch(&reports),
    };
    run.out(&text);
    if reports.iter().flat_map(|report| &report.files).any(FileReport::is_drift) { Status::Findings } else { Status::Clean }
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
    ProfileReport { name: chosen.located.name.clone(), file: run.shown(&chosen.located.file), files: files.into_iter().map(file).collect() }
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
    let out = out.map(|folder| format!(" --out {}", shell_word(&folder.display().to_string()))).unwrap_or_default();
    Some(format!("infragen render {}{out}{more}", chosen.word()))
}
