//! `infragen diff`: the gate.

use super::run::{Run, note};
use super::{Against, DiffArgs, DiffFormat, Status, gate};
use crate::diagnostics::Diagnostic;
use crate::plan::Staged;
use crate::report::{self, FileReport};

pub fn run(run: &mut Run, args: &DiffArgs) -> Status {
    let staged = match (args.against == Some(Against::Index)).then(Staged::new).transpose() {
        Ok(staged) => staged,
        Err(error) => {
            run.fail(&[error]);
            return Status::Failed;
        }
    };
    if let Some(staged) = &staged {
        run.pipeline.sources.files = staged.files();
    }
    let profiles = run.profiles(&args.profiles);
    if args.out.is_some() && profiles.len() > 1 {
        run.fail(&[Diagnostic::error("usage", "`--out` compares the files of one profile").help("name one profile")]);
        return Status::Failed;
    }
    if args.semantic && !matches!(args.format, DiffFormat::Text | DiffFormat::Json | DiffFormat::Markdown) {
        let message = "`--semantic` says values, and this format shows lines";
        run.fail(&[Diagnostic::error("usage", message).help("`--format text`, `json` or `markdown`, or leave out `--semantic`")]);
        return Status::Failed;
    }
    if staged.is_some() && profiles.is_empty() && !run.has_failed() {
        note("the index holds no profile: nothing is compared\n");
    }
    let ready = gate::ready(run, profiles, args.out.as_deref());
    if let Some(errors) = staged.as_ref().map(Staged::errors).filter(|errors| !errors.is_empty()) {
        run.fail(&errors);
    }
    let reports = gate::compare(run, ready, args.profiles.is_empty(), args.out.as_deref(), staged.as_ref());
    let (failures, sources) = (&run.failures, &run.pipeline.sources);
    let text = match args.format {
        DiffFormat::Text => reports
            .iter()
            .map(|report| if args.semantic { report::semantic(report, run.looks.colour) } else { report::text(report, run.looks.colour) })
            .chain([report::summary(&reports)])
            .collect(),
        DiffFormat::Json => report::pretty(&report::json(&reports, failures, sources, args.semantic)),
        DiffFormat::Github => report::github(&reports, failures, sources),
        DiffFormat::Sarif => report::pretty(&report::sarif(&reports, failures, sources)),
        DiffFormat::Markdown => report::markdown(&reports, failures, sources, report::LONGEST, args.semantic),
        DiffFormat::Patch => report::patch(&reports),
    };
    run.out(&text);
    if reports.iter().flat_map(|report| &report.files).any(FileReport::is_drift) { Status::Findings } else { Status::Clean }
}
