//! `infragen env`: a real env file against the profile, and filled in.

use super::run::{Chosen, Run, note};
use super::{EnvCheckArgs, EnvGenerateArgs, ReportFormat, Status};
use crate::diagnostics::{Diagnostic, Severity, github};
use crate::envfile::{self, Draft, Finding, Made, ProblemKind};
use crate::plan;
use crate::stack::Stack;
use serde_json::json;
use std::path::{Path, PathBuf};

/// The profile's Stack and its env file, as the system and as messages name it.
struct Target {
    chosen: Chosen,
    stack: Stack,
    path: PathBuf,
    shown: String,
}

fn target(run: &mut Run, profile: &str, file: Option<&Path>) -> Option<Target> {
    let chosen = run.profiles(&[profile.to_owned()]).pop()?;
    match run.pipeline.stack(&chosen.located) {
        Ok(stack) => {
            let path = file.map_or_else(|| chosen.located.root.join(&stack.output_dir).join(stack.env_file()), |file| run.cwd.join(file));
            let shown = path.strip_prefix(&run.cwd).unwrap_or(&path).display().to_string();
            Some(Target { chosen, stack, path, shown })
        }
        Err(errors) => {
            run.fail(&errors);
            None
        }
    }
}

pub fn check(run: &mut Run, args: &EnvCheckArgs) -> Status {
    let Some(Target { chosen, stack, path, shown }) = target(run, &args.profile, args.file.as_deref()) else { return Status::Failed };
    let read = envfile::read(&path, &shown).and_then(|(content, facts)| Ok((content, envfile::Facts { tracked: plan::is_tracked(&path)?, ..facts })));
    let findings = match read {
        Ok((content, facts)) => envfile::check(&stack, &content, facts),
        Err(error) => {
            run.fail(&[error]);
            return Status::Failed;
        }
    };
    match args.format {
        ReportFormat::Text => {
            for finding in &findings {
                run.out(&text(finding, &shown));
            }
            run.out(&summary(&findings, &shown));
        }
        ReportFormat::Github => findings.iter().for_each(|finding| run.out(&annotation(finding, &shown))),
        ReportFormat::Json => {
            let findings: Vec<_> = findings.iter().map(|finding| json(finding, &shown)).collect();
            let document = json!({ "version": 1, "profile": chosen.located.name, "findings": findings });
            run.out(&format!("{}\n", serde_json::to_string_pretty(&document).unwrap_or_default()));
        }
    }
    if findings.iter().any(|finding| finding.rule.severity >= Severity::Warning) { Status::Findings } else { Status::Clean }
}

fn text(finding: &Finding, file: &str) -> String {
    let line = finding.line.map(|line| format!(":{line}")).unwrap_or_default();
    let Finding { rule, .. } = finding;
    format!("{file}{line}: {}[{}]: {}\n    {}\n", rule.severity.as_str(), rule.id, finding.message(), rule.help)
}

fn summary(findings: &[Finding], file: &str) -> String {
    let count = |severity| findings.iter().filter(|finding| finding.rule.severity == severity).count();
    let counts = [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Info, "to be supplied")];
    let parts: Vec<String> = counts
        .iter()
        .filter(|(severity, _)| count(*severity) > 0)
        .map(|(severity, word)| format!("{} {word}{}", count(*severity), if count(*severity) > 1 && *severity != Severity::Info { "s" } else { "" }))
        .collect();
    if parts.is_empty() { format!("{file}: complete\n") } else { format!("{file}: {}\n", parts.join(", ")) }
}

fn annotation(finding: &Finding, file: &str) -> String {
    let line = finding.line.map(|line| format!(",line={line}")).unwrap_or_default();
    let message = format!("{}. {}", finding.message(), finding.rule.help);
    github::command(finding.rule.severity, Some((file, &line)), finding.rule.id, &message)
}

fn json(finding: &Finding, file: &str) -> serde_json::Value {
    json!({
        "rule": finding.rule.id,
        "severity": finding.rule.severity.as_str(),
        "path": null,
        "message": finding.message(),
        "help": finding.rule.help,
        "location": { "file": file, "line": finding.line, "column": finding.line.map(|_| 1) },
    })
}

pub fn generate(run: &mut Run, args: &EnvGenerateArgs) -> Status {
    let Some(Target { chosen, stack, path, shown }) = target(run, &args.profile, args.out.as_deref()) else { return Status::Failed };
    match fill(run, &stack, &path, &shown) {
        Ok(made) => {
            for (made, name) in &made {
                run.out(&format!("{:>10}  {name}\n", made.as_str()));
            }
            let changed = made.iter().filter(|(made, _)| *made != Made::ToSupply).count();
            run.out(&match changed {
                0 => format!("{shown}: nothing is missing that can be made\n"),
                1 => format!("{shown}: 1 variable was filled in or added\n"),
                _ => format!("{shown}: {changed} variables were filled in or added\n"),
            });
            if !stack.targets.dotenv {
                note(&format!("the profile has no target `dotenv`, whose .gitignore would keep {shown} out of git: see that something does\n"));
            }
            if made.iter().any(|(made, _)| *made == Made::ToSupply) {
                note(&format!("what is to be supplied nobody can make: write it into the file, then: infragen env check {}\n", chosen.word()));
            }
            Status::Clean
        }
        Err(errors) => {
            run.fail(&errors);
            Status::Failed
        }
    }
}

fn fill(run: &mut Run, stack: &Stack, path: &Path, shown: &str) -> Result<Vec<(Made, String)>, Vec<Diagnostic>> {
    let example = run.pipeline.env_example(stack)?;
    let draft = Draft::open(path, shown).map_err(|error| vec![error])?;
    // What is put behind the quote could close it.
    let is_open = |problem: &&envfile::Problem| problem.kind == ProblemKind::Unterminated;
    if let Some(problem) = envfile::parse(draft.text().unwrap_or_default()).problems.iter().find(is_open) {
        let message = format!("`{shown}` has a quote on line {} that is not closed", problem.line);
        return Err(vec![Diagnostic::error("unreadable-file", message).help("close it, and run the command again; nothing was changed")]);
    }
    let mut random = |buffer: &mut [u8]| getrandom::fill(buffer).map_err(|error| std::io::Error::other(error.to_string()));
    let generated = envfile::generate(stack, draft.text(), &example, &mut random).map_err(|error| {
        vec![Diagnostic::error("io-error", format!("there are no random numbers: {}", crate::diagnostics::io_reason(&error))).help("nothing was changed")]
    })?;
    if draft.text() == Some(generated.text.as_str()) {
        draft.close().map_err(|error| vec![error])?;
    } else {
        draft.replace(&generated.text).map_err(|error| vec![error])?;
    }
    Ok(generated.made)
}
