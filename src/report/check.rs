//! The report of `infragen check`: everything that CI asks, in one pass.

use super::annotations::{drift_results, drift_rules};
use super::{FileReport, GoldenReport, LONGEST, ProfileReport, counts, github, json, markdown, pretty, text};
use crate::diagnostics::sarif::{self, RuleText};
use crate::diagnostics::text::Looks;
use crate::diagnostics::{self, Diagnostic, Severity, github as annotation};
use crate::source::Sources;
use serde_json::{Value, json};

/// A comment has room for so many findings and goldens besides the drift.
const MOST_LINES: usize = 40;

/// What was found in all profiles of a run.
pub struct Check<'a> {
    /// How many profiles were asked for.
    pub profiles: usize,
    /// What kept something from being checked.
    pub errors: &'a [Diagnostic],
    /// What rules found, waivers among it.
    pub findings: &'a [Diagnostic],
    /// How many goldens were compared, and which differ; `None` if the project keeps none.
    pub goldens: Option<&'a (usize, Vec<GoldenReport>)>,
    /// The states of all files, and of the locks.
    pub reports: &'a [ProfileReport],
    /// The texts that messages are about.
    pub sources: &'a Sources,
}

fn number(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

impl Check<'_> {
    fn goldens(&self) -> &[GoldenReport] {
        self.goldens.map_or(&[], |(_, list)| list)
    }

    fn files(&self) -> impl Iterator<Item = &FileReport> {
        self.reports.iter().flat_map(|report| &report.files)
    }

    fn drifted(&self) -> usize {
        self.files().filter(|file| file.is_drift()).count()
    }

    /// True if files, goldens and locks are what they have to be.
    pub fn is_in_step(&self) -> bool {
        self.goldens().is_empty() && self.drifted() == 0 && self.reports.iter().all(|report| report.lock.is_none())
    }

    /// One line for each thing that was looked at: its name and what came out.
    fn summary(&self) -> Vec<(&'static str, String)> {
        let severity = |severity| self.findings.iter().filter(|finding| finding.severity == severity).count();
        let findings: Vec<String> = [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Info, "remark")]
            .into_iter()
            .filter(|(of, _)| severity(*of) > 0)
            .map(|(of, word)| number(severity(of), word))
            .collect();
        let read = self.reports.iter().filter(|report| report.gone.is_none()).count();
        let profiles = if self.errors.is_empty() { number(self.profiles, "profile") } else { format!("{read} of {}", number(self.profiles, "profile")) };
        let files = self.files().count();
        let states: Vec<String> =
            counts(self.reports).iter().filter(|(state, _)| state.is_drift()).map(|(state, count)| format!("{count} {}", state.as_str())).collect();
        let locks: Vec<String> =
            self.reports.iter().filter_map(|report| report.lock.as_ref()).map(|(path, problem, _)| format!("{path} {}", problem.as_str())).collect();
        // Where no profile could be read, nothing was looked at.
        let or = |list: Vec<String>, none: String| match (list.is_empty(), read == 0 && !self.errors.is_empty()) {
            (false, _) => list.join(", "),
            (true, false) => none,
            (true, true) => "not checked".to_owned(),
        };
        vec![
            ("profiles", if self.errors.is_empty() { profiles } else { format!("{profiles} could be checked; {}", number(self.errors.len(), "error")) }),
            ("findings", or(findings, "none".into())),
            (
                "goldens",
                match self.goldens {
                    None if read == 0 && !self.errors.is_empty() => "not checked".to_owned(),
                    None => "none are kept".to_owned(),
                    Some((count, list)) if list.is_empty() => format!("all {count} hold"),
                    Some((count, list)) => format!("{} of {count} differ", list.len()),
                },
            ),
            ("files", or(states, format!("all {files} up to date"))),
            ("locks", or(locks, "right".into())),
        ]
    }

    /// For people.
    pub fn text(&self, looks: Looks) -> String {
        let mut out = String::new();
        for finding in self.findings {
            out += &format!("{}\n", diagnostics::text::render(finding, self.sources, looks));
        }
        self.goldens().iter().for_each(|golden| out += &golden.text());
        for report in self.reports.iter().filter(|report| report.files.iter().any(FileReport::is_drift)) {
            out += &text(report, looks.colour);
        }
        for (path, problem, fix) in self.reports.iter().filter_map(|report| report.lock.as_ref()) {
            out += &format!("{path}  {}: {fix}\n", problem.sentence());
        }
        if !out.is_empty() {
            out.push('\n');
        }
        for (what, result) in self.summary() {
            out += &format!("{what:<9} {result}\n");
        }
        out
    }

    /// For programs, version 1; `schema/check.schema.json` describes it.
    pub fn json(&self) -> String {
        let Value::Object(mut drift) = json(self.reports, self.errors, self.sources, false) else { return String::new() };
        if let Some(Value::Object(summary)) = drift.get_mut("summary") {
            summary.insert("findings".into(), self.findings.len().into());
            summary.insert("goldens".into(), self.goldens.map(|(count, _)| *count).into());
        }
        let golden = |golden: &GoldenReport| json!({ "path": golden.path, "state": golden.state.as_str(), "fix": golden.fix });
        let lock = |(path, problem, fix): &(String, crate::plan::LockProblem, String)| json!({ "path": path, "state": problem.as_str(), "fix": fix });
        let findings = self.findings.iter().map(|finding| diagnostics::json::finding(finding, self.sources)).collect::<Vec<_>>();
        drift.insert("findings".into(), findings.into());
        drift.insert("goldens".into(), self.goldens().iter().map(golden).collect::<Vec<_>>().into());
        drift.insert("locks".into(), self.reports.iter().filter_map(|report| report.lock.as_ref()).map(lock).collect::<Vec<_>>().into());
        pretty(&Value::Object(drift))
    }

    /// What is wrong besides findings and drift: a path, a name for the kind, and a sentence.
    fn others(&self) -> Vec<(&str, usize, String, String)> {
        let with_fix = |sentence: &str, fix: Option<&str>| fix.map_or_else(|| sentence.to_owned(), |fix| format!("{sentence}; if the change is meant: {fix}"));
        let goldens = self.goldens().iter().map(|golden| {
            (
                golden.path.as_str(),
                golden.line,
                format!("golden_{}", golden.state.as_str()),
                format!("{} {}", golden.path, with_fix(golden.state.sentence(), golden.fix.as_deref())),
            )
        });
        let locks = self.reports.iter().filter_map(|report| report.lock.as_ref());
        let locks =
            locks.map(|(path, problem, fix)| (path.as_str(), 1, format!("lock_{}", problem.as_str()), format!("{path}: {}. Run: {fix}", problem.sentence())));
        goldens.chain(locks).collect()
    }

    /// Workflow commands of GitHub.
    pub fn github(&self) -> String {
        let findings: String = self.findings.iter().map(|finding| annotation::annotation(finding, self.sources)).collect();
        let others = self.others();
        let others = others.iter().map(|(path, line, kind, sentence)| {
            annotation::command(Severity::Error, Some((&self.sources.from_top(path), &format!(",line={line}"))), kind, sentence)
        });
        findings + &others.collect::<String>() + &github(self.reports, self.errors, self.sources)
    }

    /// SARIF 2.1.0.
    pub fn sarif(&self, rules: &[RuleText]) -> String {
        let mut texts: Vec<Value> = rules.iter().map(sarif::rule).collect();
        texts.extend(drift_rules());
        let mut results: Vec<Value> = self.errors.iter().chain(self.findings).map(|found| sarif::result(found, self.sources)).collect();
        let others = self.others();
        for (path, line, kind, sentence) in &others {
            if !texts.iter().any(|rule| rule["id"] == kind.as_str()) {
                texts.push(json!({ "id": kind, "shortDescription": { "text": kind.replace('_', " ") }, "defaultConfiguration": { "level": "error" } }));
            }
            results.push(json!({
                "ruleId": kind,
                "level": "error",
                "message": { "text": sentence },
                "locations": [{ "physicalLocation": { "artifactLocation": { "uri": sarif::uri(&self.sources.from_top(path)) }, "region": { "startLine": line } } }],
            }));
        }
        results.extend(drift_results(self.reports, self.sources));
        pretty(&sarif::log(&texts, &results))
    }

    /// A comment on a change.
    pub fn markdown(&self) -> String {
        let mut out = String::from("## infragen check\n\n| | |\n|---|---|\n");
        for (what, result) in self.summary() {
            out += &format!("| {what} | {} |\n", super::markdown::plain(&result));
        }
        let findings = self.findings.iter().map(|finding| super::markdown::finding(finding, self.sources));
        let others = self.others();
        let lines: Vec<String> =
            findings.chain(others.iter().map(|(_, _, kind, sentence)| format!("- `{kind}`: {}\n", super::markdown::code(sentence)))).collect();
        if !lines.is_empty() {
            out.push('\n');
        }
        // Profiles decide how long a line is.
        let mut shown = 0;
        for line in lines.iter().take(MOST_LINES) {
            if out.len() + line.len() > LONGEST / 3 {
                break;
            }
            shown += 1;
            out += line;
        }
        if shown < lines.len() {
            out += &format!("- {} more: `infragen check`\n", lines.len() - shown);
        }
        out.push('\n');
        for golden in self.goldens().iter().filter(|golden| !golden.difference.is_empty()) {
            let block = super::markdown::folded(&golden.path, &format!("golden_{}", golden.state.as_str()), &golden.difference, LONGEST / 20);
            if out.len() + block.len() < LONGEST / 2 {
                out += &block;
            }
        }
        if self.drifted() > 0 || !self.errors.is_empty() {
            let room = LONGEST - out.len();
            out += &markdown(self.reports, self.errors, self.sources, room, false);
        }
        out
    }
}
