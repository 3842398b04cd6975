//! `infragen diff`: the gate.

use super::run::Run;
use super::{Against, DiffArgs, DiffFormat, Status, gate};
use crate::diagnostics::Diagnostic;
use crate::report::{self, FileReport};

pub fn run(run: &mut Run, args: &DiffArgs) -> Status {
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
    let ready = gate::ready(run, profiles, args.out.as_deref());
    let reports = gate::compare(run, ready, args.out.as_deref(), args.against == Some(Against::Index));
    let (failures, sources) = (&run.failures, &run.pipeline.sources);
    let text = match args.format {
        DiffFormat::Text => reports
            .iter()
            .map(|report| if args.semantic { report::semantic(report, run.colour) } else { report::text(report, run.colour) })
            .chain([report::summary(&reports)])
            .collect(),
        DiffFormat::Json => report::pretty(&report::json(&reports, failures, sources, args.semantic)),
        DiffFormat::Github => report::github(&reports, failures, sources),
        DiffFormat::Sarif => report::pretty(&report::sarif(&reports, failures, sources)),
        DiffFormat::Markdown => report::markdown(&reports, failures, report::LONGEST, args.semantic),
        DiffFormat::Patch => report::patch(&reports),
    };
    run.out(&text);
    if reports.iter().flat_map(|report| &report.files).any(FileReport::is_drift) { Status::Findings } else { Status::Clean }
}
