//! The formats of `diff`: for programs, for code hosts, for reviewers, for `git apply`.

use crate::support::{Project, SHOP, text_of};
use serde_json::{Value, json};

const COMPOSE: &str = "deploy/shop/docker-compose.prod.yml";
const CONFIG: &str = "deploy/shop/k8s/config.yaml";
const WEB: &str = "deploy/shop/k8s/web.yaml";

/// A committed project in which something of each kind happened.
fn drifted() -> Project {
    let project = Project::shop();
    project.run("render shop").status(0);
    project.git("init --quiet").git("add --all");
    project.edit(COMPOSE, "unless-stopped", "always");
    std::fs::remove_file(project.path(CONFIG)).expect("it is there");
    let crlf = project.read(WEB).replace('\n', "\r\n");
    project.write(WEB, crlf);
    project
}

/// Makes the files what the profiles render by `git apply` alone.
fn apply(project: &Project, folder: &str, patch: &str) {
    project.write("p.patch", patch);
    let depth = if folder.is_empty() { "p.patch".to_owned() } else { format!("{}p.patch", "../".repeat(folder.split('/').count())) };
    let done = std::process::Command::new("git").args(["apply", &depth]).current_dir(project.path(folder)).output().expect("git runs");
    assert!(done.status.success(), "{}\n{patch}", String::from_utf8_lossy(&done.stderr));
    std::fs::remove_file(project.path("p.patch")).expect("it was written");
}

#[test]
fn git_applies_the_patch() {
    let project = drifted();
    let trimmed = project.read("deploy/shop/k8s/namespace.yaml").trim_end().to_owned();
    project.write("deploy/shop/k8s/namespace.yaml", trimmed);
    let outcome = project.run("diff --format patch").status(1).quiet();
    assert!(outcome.stdout.contains("new file mode 100644") && outcome.stdout.contains("\\ No newline at end of file"), "{outcome}");
    apply(&project, "", &outcome.stdout);
    project.run("diff").status(0);
    assert_eq!(project.run("diff --format patch").status(0).stdout, "");
}

#[test]
fn git_applies_the_patch_in_a_project_below_the_top() {
    let project = Project::empty();
    project.write("sub/profiles/shop.yaml", SHOP);
    project.run_in("sub", "render shop").status(0);
    project.git("init --quiet").git("add --all");
    project.edit("sub/deploy/shop/docker-compose.prod.yml", "unless-stopped", "always");
    let patch = project.run_in("sub", "diff --format patch").status(1).stdout;
    apply(&project, "", &patch);
    project.run_in("sub", "diff").status(0);
}

#[test]
fn the_patch_sets_modes_and_removes_orphans() {
    let project = Project::shipped();
    project.run("render production").status(0);
    project.git("init --quiet").git("add --all");
    let script = "deploy/production/scripts/validate_config.sh";
    #[cfg(unix)]
    std::fs::set_permissions(project.path(script), std::os::unix::fs::PermissionsExt::from_mode(0o644)).expect("a mode");
    project.edit("profiles/production.yaml", "  nginx: {version: \"1.30\"}\n", "");
    project.edit("profiles/production.yaml", "targets:", "remove: [targets.compose]\ntargets:");
    let patch = project.run("diff production --format patch").status(1).stdout;
    assert!(patch.contains("old mode 100644\nnew mode 100755") && patch.contains("deleted file mode"), "{patch}");
    apply(&project, "", &patch);
    project.run("diff production").status(0);
}

#[test]
fn what_may_be_a_secret_is_in_no_format() {
    let project = drifted();
    let secret = "hunter2-and-more";
    project.edit(COMPOSE, "LOG_LEVEL: INFO", &format!("LOG_LEVEL: INFO\n      POSTGRES_PASSWORD: {secret}"));
    let example = "deploy/shop/.env.production.example";
    project.write(example, format!("{}\n{secret}\n", project.read(example)));
    for format in ["text", "json", "github", "sarif", "markdown", "patch"] {
        let outcome = project.run(&format!("diff --format {format}")).status(1).quiet();
        assert!(!outcome.stdout.contains("hunter2"), "{format}: {outcome}");
    }
    project.run("diff --format patch").out(&format!("# {COMPOSE}: left out, because what is there may hold a secret; infragen render shop --force"));
}

#[test]
fn what_yaml_says_differently() {
    let project = Project::shop();
    project.run("render shop").status(0);
    let web = "deploy/shop/k8s/web.yaml";
    let text = project.read(web);
    // Comments, layout, order of documents and amounts are no matter.
    let documents: Vec<&str> = text.split("---\n").collect();
    let turned: Vec<String> = documents
        .iter()
        .rev()
        .map(|part| part.lines().filter(|line| !line.trim().starts_with('#')).map(|line| format!("{line}\n")).collect::<Vec<_>>().concat())
        .collect();
    project.write(web, turned.join("---\n").replace("memory: 512Mi", "memory: \"524288Ki\"").replace("cpu: 1\n", "cpu: 1000m\n"));
    project.run("diff --semantic").status(1).out("hand_edited").out("it says the same: only comments, order or layout differ\n");
    project.write(web, text.replace("revisionHistoryLimit: 5", "revisionHistoryLimit: 7")).edit(
        COMPOSE,
        "restart: unless-stopped",
        "restart: always\n    tty: true",
    );
    let outcome = project.run("diff --semantic").status(1).quiet();
    let outcome = outcome.out("\n~ Deployment/web spec.revisionHistoryLimit: 7 -> 5\n").out("\n~ services/web restart: \"always\" -> \"unless-stopped\"\n");
    outcome.out("\n- services/web tty: true\n");
    // What is typed may be a secret; what is no YAML is shown by its lines.
    project.edit(COMPOSE, "tty: true", "POSTGRES_PASSWORD: hunter2").write("deploy/shop/.env.production.example", "# other\n");
    let outcome = project.run("diff --semantic").status(1).out("POSTGRES_PASSWORD: \"(not shown").out("@@ ");
    assert!(!outcome.stdout.contains("hunter2"), "{outcome}");
    // The names of variables say which values these are.
    project.edit(web, "          envFrom:", "          env:\n            - name: API_TOKEN\n              value: hunter2\n          envFrom:");
    for format in ["text", "json", "markdown"] {
        let outcome = project.run(&format!("diff --semantic --format {format}")).status(1).quiet();
        assert!(!outcome.stdout.contains("hunter2") && outcome.stdout.contains("API_TOKEN"), "{format}: {outcome}");
    }
    project.run("diff --semantic --format sarif").status(2).err("error[usage]");
}

#[test]
fn what_yaml_says_differently_for_programs() {
    let project = drifted();
    let json = project.run("diff --semantic --format json").status(1).json();
    let files = json["profiles"][0]["files"].as_array().expect("a list");
    let changes = |path: &str| files.iter().find(|file| file["path"] == path).expect(path)["changes"].clone();
    assert_eq!(changes(COMPOSE), json!([{ "document": "services/web", "path": "restart", "old": "always", "new": "unless-stopped" }]));
    // Line endings are a drift, and no other value; what is not there has none.
    assert_eq!((changes(WEB), changes(CONFIG), changes("deploy/shop/k8s/namespace.yaml")), (json!([]), Value::Null, json!([])));
    let markdown = project.run("diff --semantic --format markdown").status(1).stdout;
    assert!(markdown.contains("```diff\n~ services/web restart: \"always\" -> \"unless-stopped\"\n```"), "{markdown}");
    assert!(markdown.contains("```diff\nevery line ends in CR LF, and nothing else differs\n```"), "{markdown}");
}

#[test]
fn the_json_is_what_its_schema_says() {
    let schema: Value = serde_json::from_str(&text_of("schema/diff.schema.json")).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    for project in [drifted(), Project::shop(), Project::shipped()] {
        for command in ["diff --format json", "diff --format json --semantic"] {
            let json = project.run(command).json();
            let errors: Vec<String> = validator.iter_errors(&json).map(|error| format!("{}: {error}", error.instance_path())).collect();
            assert!(errors.is_empty(), "{errors:?}");
        }
    }
    let summary = drifted().run("diff --format json").json()["summary"].clone();
    let states = json!({ "hand_edited": 2, "missing": 1, "up_to_date": 5 });
    assert_eq!(summary, json!({ "profiles": 1, "files": 8, "drifted": 3, "states": states }));
    let states: Vec<&str> = infragen::plan::State::ALL.iter().map(|state| state.as_str()).collect();
    assert_eq!(schema["definitions"]["state"]["enum"], json!(states));
}

/// A profile that cannot be rendered must not look like one without drift.
#[test]
fn what_cannot_be_compared_is_in_each_format() {
    let project = drifted();
    project.write("profiles/wrong.yaml", SHOP.replace("port:", "prot:"));
    let run = |format: &str| project.run(&format!("diff --format {format}")).status(2).err("error[unknown-key]");
    let json = run("json").json();
    let line = 1 + project.read("profiles/wrong.yaml").lines().position(|line| line.contains("prot:")).expect("it is there");
    assert_eq!((json["errors"][0]["rule"].as_str(), json["errors"][0]["location"]["line"].as_u64()), (Some("unknown-key"), Some(line as u64)), "{json:#}");
    assert_eq!(json["summary"]["drifted"], 3, "{json:#}");
    let schema: Value = serde_json::from_str(&text_of("schema/diff.schema.json")).expect("JSON");
    assert!(jsonschema::is_valid(&schema, &json), "{json:#}");
    run("github").out(&format!("::error file=profiles/wrong.yaml,line={line},endLine={line},")).out("title=hand_edited::");
    assert_eq!(run("sarif").json()["runs"][0]["results"][0]["ruleId"], "unknown-key");
    run("markdown")
        .out(&format!("### infragen: not everything could be compared\n\n- `profiles/wrong.yaml:{line}`: error `unknown-key`: "))
        .out("; ``did you mean `port`?``")
        .out("### infragen: 3 of 8 files drifted");
    let alone = project.run("diff wrong --format markdown").status(2);
    assert!(!alone.stdout.contains("up to date"), "{alone}");
    // The others are listed, too, when a profile of that name is missing.
    assert_eq!(project.run("lint nothing shop --format json").status(2).json()["findings"][0]["rule"], "unknown-profile");
}

#[test]
fn annotations_stand_at_the_first_line_that_differs() {
    let project = drifted();
    let line = 1 + project.read(COMPOSE).lines().position(|line| line.contains("always")).expect("it is there");
    let lines: Vec<String> = project.run("diff --format github").status(1).quiet().stdout.lines().map(str::to_owned).collect();
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert!(lines[0].starts_with(&format!("::error file={COMPOSE},line={line},title=hand_edited::")), "{lines:?}");
    assert!(lines[0].ends_with("infragen render shop --force"), "{lines:?}");
    // A file that is not there has no line: its profile has.
    assert!(lines[1].starts_with("::error file=profiles/shop.yaml,line=1,title=missing::") && lines[1].contains(CONFIG), "{lines:?}");
    assert!(lines[2].starts_with(&format!("::error file={WEB},line=1,title=hand_edited::")), "{lines:?}");
    let sarif = project.run("diff --format sarif").status(1).quiet().json();
    let results = sarif["runs"][0]["results"].as_array().expect("a list");
    let places: Vec<(&Value, &Value)> = results
        .iter()
        .map(|result| &result["locations"][0]["physicalLocation"])
        .map(|place| (&place["artifactLocation"]["uri"], &place["region"]["startLine"]))
        .collect();
    assert_eq!(places, [(&json!(COMPOSE), &json!(line)), (&json!("profiles/shop.yaml"), &json!(1)), (&json!(WEB), &json!(1))]);
    assert_eq!(project.run("diff --format sarif").json(), sarif);
}

/// Code hosts know files by their place in the repository, wherever the command ran.
#[test]
fn annotations_have_paths_from_the_top_of_the_work_tree() {
    let project = Project::empty();
    project.write("svc/profiles/shop.yaml", SHOP);
    project.write("svc/profiles/wrong.yaml", SHOP.replace("port:", "prot:"));
    project.run_in("svc", "render shop").status(0);
    project.git("init --quiet").git("add --all");
    project.edit(&format!("svc/{COMPOSE}"), "unless-stopped", "always");
    std::fs::remove_file(project.path(&format!("svc/{CONFIG}"))).expect("it is there");
    std::fs::create_dir(project.path("svc/sub")).expect("a folder");
    for folder in ["svc", "svc/sub"] {
        let github = project.run_in(folder, "diff --format github").status(2).stdout;
        for start in [
            format!("::error file=svc/{COMPOSE},line="),
            "::error file=svc/profiles/shop.yaml,line=1,".into(),
            "::error file=svc/profiles/wrong.yaml,line=".into(),
        ] {
            assert!(github.contains(&start), "{folder}: {start} {github}");
        }
        let sarif = project.run_in(folder, "check --format sarif").status(2).stdout;
        assert!(
            sarif.contains(&format!("\"uri\": \"svc/{COMPOSE}\"")) && !sarif.contains("\"uri\": \"deploy/") && !sarif.contains("\"uri\": \"profiles/"),
            "{folder}: {sarif}"
        );
    }
}

#[test]
fn the_comment_is_short_and_complete() {
    let project = drifted();
    let text = project.run("diff --format markdown").status(1).quiet().stdout;
    assert!(text.starts_with("### infragen: 3 of 8 files drifted\n\n2 `hand_edited`, 1 `missing`\n"), "{text}");
    assert!(
        text.contains(&format!("| `{COMPOSE}` | `hand_edited`: somebody edited the file, or made it by hand | -1 +1 | moving the edit into the profile, or discarding it: `infragen render shop --force` |")),
        "{text}"
    );
    assert!(text.contains("```diff\n@@ ") && text.contains("-    restart: always\n+    restart: unless-stopped\n"), "{text}");
    project.run("render shop --force").status(0);
    project.git("add --all");
    assert_eq!(project.run("diff --format markdown").status(0).stdout, "### infragen: up to date\n\n8 files of 1 profiles are what the profiles render.\n");
}

/// Fifty profiles of several files, in which everything happened that can happen to a file.
#[test]
fn a_comment_on_fifty_mixed_changes_is_enough_to_decide() {
    const COMPOSE: &str = "docker-compose.prod.yml";
    const EXAMPLE: &str = ".env.production.example";
    let project = Project::empty();
    let names: Vec<String> = (0..50).map(|number| format!("shop-{number:02}")).collect();
    for name in &names {
        project.write(&format!("profiles/{name}.yaml"), SHOP);
    }
    project.run(&format!("render {}", names.join(" "))).status(0);
    project.git("init --quiet").git("add --all");
    // For each file its state, and what a reviewer has to see of it.
    let mut expected: Vec<(String, &str, &str)> = Vec::new();
    for (number, name) in names.iter().enumerate() {
        let file = |path: &str| format!("deploy/{name}/{path}");
        let profile = format!("profiles/{name}.yaml");
        let replace = |from: &str, to: &str| project.edit(&profile, from, to);
        match number % 10 {
            0 => {
                project.edit(&file(COMPOSE), "unless-stopped", "always");
                expected.push((file(COMPOSE), "hand_edited", "-    restart: always\n+    restart: unless-stopped"));
            }
            1 => {
                replace("tag: '1'", "tag: '2'");
                expected.push((file(EXAMPLE), "profile_changed", "# WEB_TAG=2"));
                expected.push((file(COMPOSE), "profile_changed", "+    image: 'example/web:${WEB_TAG:-2}'"));
                expected.push((file("k8s/web.yaml"), "profile_changed", "-          image: example/web:1\n+          image: example/web:2"));
            }
            2 => {
                project.edit(&file(COMPOSE), "unless-stopped", "always");
                replace("tag: '1'", "tag: '2'");
                expected.push((file(EXAMPLE), "profile_changed", "# WEB_TAG=2"));
                expected.push((file(COMPOSE), "conflict", "restart: always"));
                expected.push((file("k8s/web.yaml"), "profile_changed", "image: example/web:2"));
            }
            3 => {
                std::fs::remove_file(project.path(&file(COMPOSE))).expect("it is there");
                expected.push((file(COMPOSE), "missing", ""));
            }
            4 => {
                replace("compose: {}, ", "");
                expected.push((file(EXAMPLE), "profile_changed", "\n-"));
                expected.push((file(COMPOSE), "orphan", ""));
            }
            5 => {
                let crlf = project.read(&file(COMPOSE)).replace('\n', "\r\n");
                project.write(&file(COMPOSE), crlf);
                expected.push((file(COMPOSE), "hand_edited", "every line ends in CR LF, and nothing else differs"));
            }
            6 => {
                let text = project.read(&file(COMPOSE));
                project.write(&file(COMPOSE), text.trim_end());
                expected.push((file(COMPOSE), "hand_edited", "\\ No newline at end of file"));
            }
            7 => {
                project.write(&file(COMPOSE), format!("[ ``` {}\n", "by hand ".repeat(40)).repeat(20));
                expected.push((file(COMPOSE), "hand_edited", "more lines\n````"));
            }
            8 => {
                project.git(&format!("rm --cached --quiet {}", file(COMPOSE)));
                expected.push((file(COMPOSE), "untracked", ""));
            }
            _ => {
                // Another version wrote something else.
                let old = infragen::plan::digest(project.read(&file(COMPOSE)).as_bytes());
                project.edit(&file(COMPOSE), "unless-stopped", "always");
                let new = infragen::plan::digest(project.read(&file(COMPOSE)).as_bytes());
                let lock = file("infragen.lock");
                project.edit(&lock, &format!("generator: '{}'", env!("CARGO_PKG_VERSION")), "generator: '0.0.1'").edit(&lock, &old, &new);
                expected.push((file(COMPOSE), "generator_changed", "-    restart: always"));
            }
        }
    }
    let comment = project.run("diff --format markdown").status(1).quiet().stdout;
    assert!(comment.chars().count() < 60_000 && !comment.contains("left out"), "{}\n{comment}", comment.len());
    assert!(comment.starts_with(&format!("### infragen: {} of 400 files drifted\n", expected.len())), "{comment}");
    for (path, state, shown) in &expected {
        let row = comment.lines().find(|line| line.starts_with(&format!("| `{path}` | `{state}`"))).unwrap_or_else(|| panic!("{path} {state}\n{comment}"));
        // The command that settles it.
        assert!(row.contains("`infragen render shop-") || row.contains("`git add "), "{row}");
        let differences = comment.split("<details>").find(|block| block.starts_with(&format!("<summary><code>{path}</code> ({state}, ")));
        assert_eq!(differences.is_some(), !shown.is_empty(), "{path}");
        assert!(differences.is_none_or(|block| block.contains(shown)), "{path}: {differences:?}");
    }
    assert_eq!(project.run("diff --format markdown").stdout, comment);
}

/// Many times that: what has no room is counted.
#[test]
fn the_comment_of_a_large_drift_stays_below_the_limit() {
    let project = Project::empty();
    let names: Vec<String> = (0..240).map(|number| format!("shop-{number:03}")).collect();
    for name in &names {
        project.write(&format!("profiles/{name}.yaml"), SHOP.replace(", kubernetes: {quotas: false}", ""));
    }
    project.run(&format!("render {}", names.join(" "))).status(0);
    for name in &names {
        project.write(&format!("deploy/{name}/docker-compose.prod.yml"), "# by hand\n".repeat(300));
    }
    let comment = project.run("diff --format markdown").status(1).quiet().stdout;
    assert!(comment.chars().count() < 60_000, "{}", comment.len());
    let rows = comment.lines().filter(|line| line.starts_with("| `deploy/")).count();
    let blocks = comment.matches("<details>").count();
    assert!(comment.contains(&format!("\n{} more files are not listed.\n", 240 - rows)), "{comment}");
    assert!(comment.contains(&format!("The differences of {} more files are left out", 240 - blocks)) && blocks > 0, "{blocks} {comment}");
}
