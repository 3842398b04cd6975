//! The page `docs/capabilities.md`: which target says which key, and which rules say that a target cannot.

use infragen::rules::RULES;
use infragen::targets::TARGETS;
use std::collections::{BTreeMap, BTreeSet};

/// Rules that say what a target cannot say, or says otherwise.
const LIMITS: &[(&str, &str)] = &[
    ("compose", "no-engine-check"),
    ("compose", "not-on-compose"),
    ("compose", "secrets-without-scripts"),
    ("kubernetes", "acme-on-kubernetes"),
    ("kubernetes", "egress-by-name"),
    ("kubernetes", "files-on-kubernetes"),
    ("kubernetes", "hidden-path-on-kubernetes"),
    ("kubernetes", "host-folder-on-kubernetes"),
    ("kubernetes", "limit-on-kubernetes"),
    ("kubernetes", "not-in-this-version"),
    ("kubernetes", "not-on-kubernetes"),
    ("kubernetes", "privileged-port"),
    ("kubernetes", "route-on-kubernetes"),
    ("kubernetes", "source-file-on-kubernetes"),
    ("kubernetes", "unreachable-metrics"),
    ("kubernetes", "user-on-kubernetes"),
    ("kubernetes", "volume-on-many-nodes"),
];
/// Rules that look at targets for another reason.
const OTHER_REASONS: &[&str] = &[
    "check-without-host",
    "escape-used",
    "host-folder",
    "large-bodies",
    "newer-than-known",
    "no-egress",
    "no-rate-limit",
    "nothing-runs",
    "plain-http-at-the-gateway",
    "retired-controller",
    "uncertified-host",
    "unreached-service",
    "volume-of-root",
    "volume-owner",
];

/// The page, of each key with the targets whose files it changes, and of the keys that change none.
pub fn page(keys: &BTreeMap<String, BTreeSet<String>>, others: &[&str]) -> String {
    let mut page = String::from(
        "# What each target says\n\nOf every key of the profile language: the targets whose files change with it. This is measured: a test changes one key after the other in one\n\
         profile that has them all, and compares what is rendered. An empty cell is a target that has no need of the key, or cannot say it; in the second case\n\
         a rule says so (below).\n",
    );
    let ids: Vec<&str> = TARGETS.iter().map(|target| target.id).collect();
    let mut section = "";
    for (key, targets) in keys {
        let first = key.split('.').next().unwrap_or_default();
        if first != section {
            section = first;
            page += &format!("\n## {section}\n\n| key | {} |\n|---|{}\n", ids.join(" | "), "---|".repeat(ids.len()));
        }
        let cells: Vec<&str> = ids.iter().map(|id| if targets.contains(*id) { "yes" } else { "" }).collect();
        page += &format!("| `{key}` | {} |\n", cells.join(" | "));
    }
    let list = others.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
    page += &format!(
        "\nThese change no file by themselves: they say how a file is read, what is supported, which other keys there may be, or what `lint` looks at: {list}.\n"
    );
    page += "\n## What a target cannot say\n\n`infragen lint` finds these, so that nothing is lost silently; `infragen explain RULE` says more. Three differences need no\nrule: a cluster has no `depends_on`, it starts pods again until what they need answers, and its deploy script runs release jobs first; Docker holds no volume\nto its `size`; and on Compose any `egress` opens the way out, to all hosts.\n\n| target | rule | finds | why |\n|---|---|---|---|\n";
    for (target, id) in LIMITS {
        let rule = RULES.iter().find(|rule| rule.id == *id).unwrap_or_else(|| panic!("there is no rule `{id}`"));
        page += &format!("| {target} | `{id}` | {}. | {} |\n", rule.what, rule.why);
    }
    page
}

/// Rules that look at targets and are in neither list: the page would not have them.
pub fn forgotten(source: impl Fn(&str) -> String) -> Vec<&'static str> {
    let is_listed = |id: &str| OTHER_REASONS.contains(&id) || LIMITS.iter().any(|(_, known)| *known == id);
    let asks = |id: &str| source(&format!("src/rules/{}.rs", id.replace('-', "_"))).contains("stack.targets");
    RULES.iter().map(|rule| rule.id).filter(|id| asks(id) && !is_listed(id)).collect()
}
