//! `check` asks everything in one pass, with one report and one status.

use crate::support::{Outcome, Project, SHOP, outcome, text_of};
use serde_json::{Value, json};

const COMPOSE: &str = "deploy/shop/docker-compose.prod.yml";
const LOCK: &str = "deploy/shop/infragen.lock";

/// A project in which everything is in step: rendered, blessed, and in the index of git.
fn in_step() -> Project {
    let project = Project::shop();
    project.run("render shop").status(0);
    project.run("golden update").status(0);
    project.git("init --quiet").git("add --all");
    project
}

#[test]
fn what_is_in_step_is_status_0() {
    let project = in_step();
    let expected = "profiles  1 profile\nfindings  none\ngoldens   all 8 hold\nfiles     all 8 up to date\nlocks     right\n";
    assert_eq!(project.run("check").status(0).quiet().stdout, expected);
    project.run("check shop").status(0);
    // Goldens are for who wants them.
    std::fs::remove_dir_all(project.path("golden")).expect("it is there");
    project.run("check").status(0).out("goldens   none are kept\n");
}

#[test]
fn each_thing_alone_is_status_1() {
    type Disturb = fn(&Project);
    let disturbances: [(&str, Disturb, &str); 9] = [
        (
            "drift",
            |project| {
                project.edit(COMPOSE, "unless-stopped", "always");
            },
            "files     1 hand_edited\n",
        ),
        (
            "golden",
            |project| {
                project.edit("golden/shop/k8s/web.yaml", "kind: Deployment", "kind: Deploymen");
            },
            "goldens   1 of 8 differ\n",
        ),
        (
            "extra golden",
            |project| {
                project.write("golden/shop/k8s/old.yaml", "a: 1\n");
            },
            "golden/shop/k8s/old.yaml is a golden, but is not rendered",
        ),
        (
            "tree of nobody",
            |project| {
                project.write("golden/old/a.yaml", "a: 1\n");
            },
            "golden/old belongs to no profile: remove it",
        ),
        (
            "finding",
            |project| {
                project.edit("profiles/shop.yaml", "targets:", "secrets: {OLD: {}}\ntargets:");
            },
            "findings  1 warning",
        ),
        (
            "waiver",
            |project| {
                project.write("profiles/shop.yaml", format!("{SHOP}waivers: {{old: {{rule: no-tls, reason: it was once so, until: 2099-01-01}}}}\n"));
            },
            "unused-waiver",
        ),
        ("lost lock", |project| std::fs::remove_file(project.path(LOCK)).expect("it is there"), "locks     deploy/shop/infragen.lock missing\n"),
        (
            "merged lock",
            |project| {
                project.write(LOCK, "<<<<<<< HEAD\n=======\n>>>>>>> a\n");
            },
            "deploy/shop/infragen.lock unreadable",
        ),
        (
            "stale lock",
            |project| {
                project.write(LOCK, stale(&project.read(LOCK)));
            },
            "deploy/shop/infragen.lock stale",
        ),
    ];
    for (name, disturb, expected) in disturbances {
        let project = in_step();
        disturb(&project);
        let outcome = project.run("check").status(1);
        assert!(outcome.stdout.contains(expected), "{name}: {outcome}");
        for format in ["json", "github", "sarif", "markdown"] {
            project.run(&format!("check --format {format}")).status(1).quiet();
        }
    }
}

/// The lock with another digest of its first file.
fn stale(lock: &str) -> String {
    let at = lock.find("\nfiles:").expect("files") + lock[lock.find("\nfiles:").expect("files")..].find("sha256:").expect("a digest") + "sha256:".len();
    format!("{}{}{}", &lock[..at], if lock[at..].starts_with('0') { '1' } else { '0' }, &lock[at + 1..])
}

#[test]
fn a_lock_that_git_does_not_have_is_said() {
    let project = in_step();
    project.git(&format!("rm --quiet --cached {LOCK}"));
    project.run("check").status(1).out(&format!("git add {LOCK}"));
    project.git("add --all");
    project.run("check").status(0);
}

#[test]
fn each_fix_of_a_lock_settles_it() {
    let project = in_step();
    let lock = project.read(LOCK);
    let stale = stale(&lock);
    for broken in ["{", "<<<<<<< a\n", stale.as_str()] {
        project.write(LOCK, broken);
        let json = project.run("check --format json").status(1).json();
        let fix = json["locks"][0]["fix"].as_str().expect("a fix").to_owned();
        project.run(fix.strip_prefix("infragen ").expect("our own"));
        project.run("check").status(0);
        assert_eq!(project.read(LOCK), lock);
    }
}

#[test]
fn a_severity_decides_over_findings_alone() {
    let project = in_step();
    project.edit("profiles/shop.yaml", "targets:", "secrets: {OLD: {}}\ntargets:");
    project.run("check --fail-on error").status(0).out("findings  1 warning");
    project.run("check --fail-on never").status(0);
    project.edit(COMPOSE, "unless-stopped", "always");
    project.run("check --fail-on never").status(1);
}

#[test]
fn a_broken_profile_is_status_2_and_hides_nothing() {
    let project = in_step();
    project.write("profiles/broken.yaml", "version: 1\n").edit(COMPOSE, "unless-stopped", "always");
    let outcome = project.run("check").status(2).err("profiles/broken.yaml").out("1 of 2 profiles could be checked").out("1 hand_edited");
    assert!(!outcome.stdout.contains("belongs to no profile"), "{outcome}");
    // Where nothing could be looked at, nothing is said to be right.
    let alone = project.run("check broken").status(2).out("0 of 1 profile could be checked");
    assert!(alone.stdout.matches("not checked").count() == 4 && !alone.stdout.contains("up to date"), "{alone}");
    for format in ["json", "github", "sarif", "markdown"] {
        let text = project.run(&format!("check --format {format}")).status(2).stdout;
        assert!(text.contains("missing-key") && text.contains("hand_edited"), "{format}: {text}");
    }
}

/// Everything that can be said at once.
fn disturbed() -> (Project, Outcome) {
    let project = in_step();
    project.edit("profiles/shop.yaml", "targets:", "secrets: {OLD: {}}\ntargets:").edit(COMPOSE, "unless-stopped", "always");
    project.write("golden/old/a.yaml", "a: 1\n").edit("golden/shop/k8s/web.yaml", "kind: Deployment", "kind: Deploymen");
    std::fs::remove_file(project.path(LOCK)).expect("it is there");
    let outcome = project.run("check --format json").status(1).quiet();
    (project, outcome)
}

#[test]
fn the_json_is_what_its_schema_says() {
    let schema: Value = serde_json::from_str(&text_of("schema/check.schema.json")).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let (project, disturbed) = disturbed();
    project.write("profiles/broken.yaml", "version: 1\n");
    for json in [disturbed.json(), in_step().run("check --format json").status(0).json(), project.run("check --format json").status(2).json()] {
        let errors: Vec<String> = validator.iter_errors(&json).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{errors:?}");
    }
    let json = disturbed.json();
    assert_eq!(json["findings"][0]["rule"], "unused");
    assert_eq!(json["goldens"][0], json!({ "path": "golden/shop/k8s/web.yaml", "state": "changed", "fix": "infragen golden update shop" }));
    assert_eq!(json["goldens"][1], json!({ "path": "golden/old", "state": "unreferenced", "fix": null }));
    assert_eq!(json["locks"][0], json!({ "path": LOCK, "state": "missing", "fix": "infragen render shop" }));
    let states: Vec<&str> = infragen::plan::State::ALL.iter().map(|state| state.as_str()).collect();
    assert_eq!(schema["definitions"]["state"]["enum"], json!(states));
}

#[test]
fn each_format_says_everything() {
    let (project, _) = disturbed();
    let github = project.run("check --format github").stdout;
    assert!(github.lines().all(|line| line.starts_with("::")) && github.lines().count() == 5, "{github}");
    let sarif = project.run("check --format sarif").json();
    let results = sarif["runs"][0]["results"].as_array().expect("results");
    let rules: Vec<&Value> = sarif["runs"][0]["tool"]["driver"]["rules"].as_array().expect("rules").iter().map(|rule| &rule["id"]).collect();
    assert!(results.len() == 5 && results.iter().all(|result| rules.contains(&&result["ruleId"])), "{sarif:#}");
    let markdown = project.run("check --format markdown").stdout;
    for part in ["| findings | 1 warning |", "`unused`", "golden/old", "lock_missing", "### infragen: 1 of 8 files drifted", "-    restart: always"] {
        assert!(markdown.contains(part), "{part}: {markdown}");
    }
}

/// A project of many profiles, each with something that is wrong.
#[test]
fn the_comment_stays_below_the_limit() {
    let project = Project::empty();
    for at in 0..60 {
        project.write(&format!("profiles/shop-{at}.yaml"), SHOP.replace("targets:", &format!("secrets: {{OLD_{at}: {{}}}}\ntargets:")));
    }
    project.write("golden/old/a", "");
    let comment = project.run("check --format markdown").status(1).stdout;
    assert!(comment.chars().count() < 60_000 && comment.contains("more: `infragen check`"), "{}", comment.len());
}

#[test]
fn goldens_may_be_kept_elsewhere() {
    let project = Project::shop();
    project.run("render shop").status(0);
    project.run("golden check --golden-dir tests/blessed").status(1).out("tests/blessed/shop/k8s/web.yaml is rendered, but has no golden");
    project.run("golden update --golden-dir tests/blessed").status(0).out("created  tests/blessed/shop/k8s/web.yaml");
    assert!(!project.path("golden").exists());
    project.run("golden check --golden-dir tests/blessed").status(0).out("shop: all 8 goldens hold");
    project.run("check --golden-dir tests/blessed").status(0).out("goldens   all 8 hold");
    project.write("tests/blessed/shop/extra", "").write("tests/blessed/old/a", "");
    std::fs::remove_file(project.path("tests/blessed/shop/k8s/web.yaml")).expect("it is there");
    for command in ["golden check --golden-dir tests/blessed", "check --golden-dir tests/blessed"] {
        let outcome = project.run(command).status(1);
        outcome
            .out("tests/blessed/shop/extra is a golden, but is not rendered")
            .out("tests/blessed/shop/k8s/web.yaml is rendered, but has no golden")
            .out("tests/blessed/old belongs to no profile");
    }
    // What somebody typed into one is not shown.
    project.run("golden update --golden-dir tests/blessed").status(0);
    project.edit("tests/blessed/shop/docker-compose.prod.yml", "LOG_LEVEL: INFO", "LOG_LEVEL: INFO\n      ADMIN_PASSWORD: hunter2");
    for command in ["golden check --golden-dir tests/blessed", "check --golden-dir tests/blessed"] {
        let outcome = project.run(command).status(1).out("not shown");
        assert!(!outcome.stdout.contains("hunter2"), "{outcome}");
    }
    // A folder that is not there holds no golden: that is not the same as none being kept.
    project.run("check --golden-dir nowhere").status(1).out("nowhere/shop/k8s/web.yaml is rendered, but has no golden");
    // The command that is named works from below.
    let outcome = project.run_in("tests", "golden check shop --golden-dir blessed").status(1).out("infragen golden update shop --golden-dir blessed");
    drop(outcome);
    crate::support::outcome(project.command("golden update shop --golden-dir blessed").current_dir(project.path("tests"))).status(0);
    assert!(project.path("tests/blessed/shop/k8s/web.yaml").is_file() && !project.path("tests/blessed/shop/extra").exists());
    outcome_in_ci(&project);
}

fn outcome_in_ci(project: &Project) {
    outcome(project.command("golden update --golden-dir tests/blessed").env("CI", "1")).status(2).err("error[golden-in-ci]");
}

#[test]
fn the_comment_shows_goldens_and_what_an_edited_orphan_would_lose() {
    let project = in_step();
    project.run("golden update").status(0);
    project.edit("golden/shop/k8s/web.yaml", "kind: Deployment", "kind: Deploymen");
    project.edit("profiles/shop.yaml", "dotenv: {}, ", "").edit("deploy/shop/.env.production.example", "# --- This host ---", "# --- Mine ---");
    let comment = project.run("check --format markdown").status(1).stdout;
    assert!(comment.contains("golden_changed)</summary>") && comment.contains("-kind: Deploymen\n+kind: Deployment\n"), "{comment}");
    assert!(comment.contains("(orphan, profile shop)</summary>"), "{comment}");
}
