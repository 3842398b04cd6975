//! `infragen check`: the one line for CI.

use super::run::Run;
use super::{CheckArgs, CheckFormat, Status, gate, golden, lint};
use crate::render::Draft;
use crate::report::Check;

pub fn run(run: &mut Run, args: &CheckArgs) -> Status {
    let profiles = run.profiles(&args.profiles);
    let count = profiles.len();
    let ready = gate::ready(run, profiles, None);
    let today = args.today.unwrap_or_else(lint::today);
    let mut findings = Vec::new();
    for gate::Ready { chosen, stack, .. } in &ready {
        lint::find(run, chosen, stack, today, &mut findings);
    }
    let rendered: Vec<(_, _, &[Draft])> = ready.iter().map(|ready| (&ready.chosen, &ready.stack, ready.drafts.as_slice())).collect();
    // What cannot be rendered would look like a tree that belongs to nobody.
    let is_everything = args.profiles.is_empty() && !run.has_failed();
    let goldens = golden::compare(run, &rendered, args.golden_dir.as_deref(), is_everything, run.looks.colour && args.format == CheckFormat::Text);
    let reports = gate::compare(run, ready, args.profiles.is_empty(), None, None);
    let check =
        Check { profiles: count, errors: &run.failures, findings: &findings, goldens: goldens.as_ref(), reports: &reports, sources: &run.pipeline.sources };
    let text = match args.format {
        CheckFormat::Text => check.text(run.looks),
        CheckFormat::Json => check.json(),
        CheckFormat::Github => check.github(),
        CheckFormat::Sarif => check.sarif(&lint::rule_texts(&run.failures)),
        CheckFormat::Markdown => check.markdown(),
    };
    let is_in_step = check.is_in_step();
    run.out(&text);
    if is_in_step { lint::status(&findings, args.fail_on) } else { Status::Findings }
}
