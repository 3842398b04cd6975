//! `infragen lint`.

use super::run::{Chosen, Run};
use super::{FailOn, FindingsFormat, LintArgs, Status};
use crate::diagnostics::codes::{CODES, Code};
use crate::diagnostics::sarif::{self, RuleText};
use crate::diagnostics::{Diagnostic, Severity, github, json, text};
use crate::key_path::KeyPath;
use crate::pipeline::Selection;
use crate::plan;
use crate::profile;
use crate::rules::{self, Surroundings};
use crate::stack::Stack;
use crate::values::Date;

pub fn run(run: &mut Run, args: &LintArgs) -> Status {
    let mut findings: Vec<Diagnostic> = Vec::new();
    let today = args.today.unwrap_or_else(today);
    let mut profiles = 0;
    let mut claims = Vec::new();
    let mut folders: Vec<String> = Vec::new();
    for chosen in run.profiles(&args.profiles) {
        match run.pipeline.stack(&chosen.located) {
            Ok(stack) => {
                // What matches no file is a mistake of the profile.
                if stack.has_changes() || stack.templates.is_some() {
                    if let Err(errors) = run.pipeline.drafts(&stack, &Selection::default()) {
                        run.fail(&errors);
                    }
                }
                profiles += 1;
                find(run, &chosen, &stack, today, &mut findings);
                let output = run.output(&chosen, &stack.output_dir, None);
                let is_written = stack.origins.is_written(&KeyPath::of(&["output", "dir"]));
                folders.extend(stack.output_dir.strip_prefix("deploy/").filter(|_| is_written).map(str::to_owned));
                claims.push((chosen, output));
            }
            Err(errors) => run.fail(&errors),
        }
    }
    // The folder that another profile has unless it says otherwise: whether it does is seen in that one.
    let files = run.pipeline.sources.files.clone();
    for word in folders {
        let Ok(located) = profile::locate(&word, &run.cwd, &files) else { continue };
        if claims.iter().any(|(chosen, _)| chosen.located.is_same(&located)) || run.pipeline.is_abstract(&located) {
            continue;
        }
        let Ok(stack) = run.pipeline.stack(&located) else { continue };
        for chosen in run.profiles(std::slice::from_ref(&word)) {
            let output = run.output(&chosen, &stack.output_dir, None);
            claims.push((chosen, output));
        }
    }
    let claims: Vec<_> = claims.iter().map(|(chosen, output)| (chosen.located.name.as_str(), output)).collect();
    let clashes: Vec<Diagnostic> = plan::clashes(&claims).into_iter().map(|(error, _)| error).collect();
    if !clashes.is_empty() {
        run.fail(&clashes);
    }
    if args.format != FindingsFormat::Text {
        // For a program, what leaves no Stack is in the same list.
        findings.splice(0..0, run.failures.clone());
    }
    match args.format {
        FindingsFormat::Json => print_json(run, &json::findings(&findings, &run.pipeline.sources)),
        FindingsFormat::Sarif => print_json(run, &sarif::document(&findings, &rule_texts(&findings), &run.pipeline.sources)),
        FindingsFormat::Github => {
            for finding in &findings {
                let line = github::annotation(finding, &run.pipeline.sources);
                run.out(&line);
            }
        }
        FindingsFormat::Text => {
            for finding in &findings {
                let text = text::render(finding, &run.pipeline.sources, run.looks);
                run.out(&format!("{text}\n"));
            }
            let count = |number: usize, what: &str| format!("{number} {what}{}", if number == 1 { "" } else { "s" });
            // Where everything failed, nothing was looked at: that is no result.
            if profiles > 0 || !run.has_failed() {
                run.out(&format!("{} in {}\n", count(findings.len(), "finding"), count(profiles, "profile")));
            }
        }
    }
    status(&findings, args.fail_on)
}

/// The day of today, everywhere the same.
pub fn today() -> Date {
    Date::from(jiff::tz::TimeZone::UTC.to_datetime(jiff::Timestamp::now()).date())
}

/// Adds what is unwise in a Stack. A place that several profiles share is said once.
pub fn find(run: &mut Run, chosen: &Chosen, stack: &Stack, today: Date, findings: &mut Vec<Diagnostic>) {
    let located = &chosen.located;
    let around = Surroundings { today, exists: &|path| located.has(path), names: &|folder| located.names(folder), text: &|path| located.text(path) };
    for finding in rules::check(stack, around) {
        // What is told of a password is where it stands.
        if let Some(label) = finding.primary.as_ref().filter(|_| finding.code == rules::PLAIN_SECRET) {
            run.pipeline.sources.hide(label.span);
        }
        if !findings.iter().any(|known| run.is_same(known, &finding)) {
            findings.push(finding);
        }
    }
}

/// The status that findings give.
pub fn status(findings: &[Diagnostic], fail_on: FailOn) -> Status {
    let limit = match fail_on {
        FailOn::Info => Severity::Info,
        FailOn::Warning => Severity::Warning,
        FailOn::Error => Severity::Error,
        FailOn::Never => return Status::Clean,
    };
    if findings.iter().any(|finding| finding.severity >= limit) { Status::Findings } else { Status::Clean }
}

fn print_json(run: &mut Run, document: &serde_json::Value) {
    run.out(&format!("{}\n", serde_json::to_string_pretty(document).unwrap_or_default()));
}

/// All rules, and the codes of the errors that there are.
pub fn rule_texts(findings: &[Diagnostic]) -> Vec<RuleText<'static>> {
    let text = |rule: &&rules::Rule| RuleText { id: rule.id, what: rule.what, help: format!("{} {}", rule.why, rule.instead), severity: rule.severity };
    let error = |code: &Code| RuleText { id: code.id, what: code.what, help: format!("{} {}", code.why, code.instead), severity: Severity::Error };
    let codes = CODES.iter().filter(|code| findings.iter().any(|finding| finding.code == code.id));
    rules::RULES.iter().map(text).chain(codes.map(error)).collect()
}
