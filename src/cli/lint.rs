//! `infragen lint`.

use super::run::Run;
use super::{FailOn, Format, LintArgs, Status};
use crate::diagnostics::{Diagnostic, Severity, json, text};
use crate::rules;

pub fn run(run: &mut Run, args: &LintArgs) -> Status {
    let mut findings: Vec<Diagnostic> = Vec::new();
    let mut failures: Vec<Diagnostic> = Vec::new();
    let mut profiles = 0;
    for chosen in run.profiles(&args.profiles) {
        match run.pipeline.stack(&chosen.located) {
            Ok(stack) => {
                profiles += 1;
                // A place that several profiles share is said once.
                for finding in rules::check(&stack, &|path| chosen.located.has(path)) {
                    if !findings.iter().any(|known| same(run, known, &finding)) {
                        findings.push(finding);
                    }
                }
            }
            Err(errors) => {
                run.fail(&errors);
                failures.extend(errors);
            }
        }
    }
    match args.format {
        Format::Json => {
            // For a program, what leaves no Stack is in the same list.
            findings.splice(0..0, failures);
            let document = json::findings(&findings, &run.pipeline.sources);
            run.out(&format!("{}\n", serde_json::to_string_pretty(&document).unwrap_or_default()));
        }
        Format::Text => {
            for finding in &findings {
                let text = text::render(finding, &run.pipeline.sources, run.colour);
                run.out(&format!("{text}\n"));
            }
            let count = |number: usize, what: &str| format!("{number} {what}{}", if number == 1 { "" } else { "s" });
            // Where everything failed, nothing was looked at: that is no result.
            if profiles > 0 || !run.has_failed() {
                run.out(&format!("{} in {}\n", count(findings.len(), "finding"), count(profiles, "profile")));
            }
        }
    }
    let limit = match args.fail_on {
        FailOn::Info => Severity::Info,
        FailOn::Warning => Severity::Warning,
        FailOn::Error => Severity::Error,
        FailOn::Never => return Status::Clean,
    };
    if findings.iter().any(|finding| finding.severity >= limit) { Status::Findings } else { Status::Clean }
}

/// Each profile reads its parents anew, so equal places have other source ids.
fn same(run: &Run, a: &Diagnostic, b: &Diagnostic) -> bool {
    let place = |d: &Diagnostic| d.primary.as_ref().map(|label| (run.pipeline.sources.get(label.span.source).path.clone(), label.span.start));
    a.code == b.code && a.message == b.message && place(a) == place(b)
}
