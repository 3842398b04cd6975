//! `lint` tells what is unwise.

use crate::support::{Project, SHOP, copy, repository};
use serde_json::{Value, json};

/// A project with a warning and an information, both in the profile `shop`.
fn unwise() -> Project {
    let project = Project::empty();
    project.write("profiles/shop.yaml", SHOP.replace("tag: '1'", "tag: latest").replace("health:", "egress: ['smtp.example.com:587']\n    health:"));
    project
}

#[test]
fn the_status_follows_the_severity() {
    let project = unwise();
    for (fail_on, status) in [("", 1), (" --fail-on info", 1), (" --fail-on warning", 1), (" --fail-on error", 0), (" --fail-on never", 0)] {
        let outcome = project.run(&format!("lint{fail_on}")).status(status).quiet();
        assert!(outcome.stdout.contains("warning[latest-tag]") && outcome.stdout.contains("info[egress-by-name]"), "{outcome}");
    }
    project.edit("profiles/shop.yaml", "tag: latest", "tag: '1'");
    project.run("lint").status(0).out("info[egress-by-name]");
    project.run("lint --fail-on info").status(1);
    let project = Project::shop();
    assert_eq!(project.run("lint").status(0).stdout, "0 findings in 1 profile\n");
    project.run("lint --fail-on info").status(0);
}

#[test]
fn the_json_has_the_documented_shape() {
    let project = unwise();
    let json = project.run("lint --format json").status(1).quiet().json();
    let keys = |value: &Value| value.as_object().expect("an object").keys().map(String::as_str).collect::<Vec<_>>().join(" ");
    assert_eq!((keys(&json), &json["version"]), ("version findings".into(), &json!(1)));
    let findings = json["findings"].as_array().expect("a list");
    for finding in findings {
        assert_eq!((keys(finding), keys(&finding["location"])), ("rule severity path message help location".into(), "file line column".into()));
    }
    let line = |text: &str| 1 + project.read("profiles/shop.yaml").lines().position(|line| line.contains(text)).expect("it is there");
    assert_eq!(findings.len(), 2, "{json:#}");
    assert_eq!(
        findings[0],
        json!({
            "rule": "latest-tag", "severity": "warning", "path": "services.web.image.tag", "message": "`web` runs the tag `latest`, which moves",
            "help": "Name a version: `tag: \"1.4.0\"`.", "location": {"file": "profiles/shop.yaml", "line": line("latest"), "column": 37},
        })
    );
    assert_eq!(
        (&findings[1]["severity"], &findings[1]["path"], &findings[1]["location"]["line"]),
        (&json!("info"), &json!("services.web.egress[0]"), &json!(line("smtp")))
    );
    assert_eq!(Project::shop().run("lint --format json").status(0).json(), json!({"version": 1, "findings": []}));
}

#[test]
fn what_profiles_share_is_said_once() {
    let project = unwise();
    project.write("profiles/base.yaml", format!("{}abstract: true\n", project.read("profiles/shop.yaml")));
    project.write("profiles/shop.yaml", "version: 1\nextends: [base.yaml]\n").write("profiles/other.yaml", "version: 1\nextends: [base.yaml]\n");
    let outcome = project.run("lint").status(1).out("2 findings in 2 profiles");
    assert_eq!(outcome.stdout.matches("warning[latest-tag]").count(), 1, "{outcome}");
    assert!(outcome.stdout.contains("profiles/base.yaml:7:"), "{outcome}");
}

#[test]
fn drift_is_none_of_its_business() {
    let project = Project::shop();
    project.write("deploy/shop/docker-compose.prod.yml", "mine\n");
    project.run("lint").status(0);
    project.run("schema").status(0);
}

#[test]
fn a_profile_that_fails_is_status_2() {
    let project = unwise();
    project.write("profiles/broken.yaml", "version: 1\n");
    let outcome = project.run("lint --fail-on never").status(2).out("warning[latest-tag]").err("profiles/broken.yaml");
    assert!(outcome.stdout.ends_with("2 findings in 1 profile\n"), "{outcome}");
    let findings = project.run("lint broken --format json").status(2).json()["findings"].clone();
    assert_eq!((&findings[0]["rule"], &findings[0]["severity"]), (&json!("missing-key"), &json!("error")));
    project.run("lint nothing").status(2).err("error[unknown-profile]");
}

#[test]
fn only_what_was_looked_at_is_counted() {
    let project = Project::shop();
    project.write("profiles/broken.yaml", "version: 1\n");
    for arguments in ["lint broken", "lint nothing", "lint broken nothing", "lint profiles/missing.yaml"] {
        assert_eq!(project.run(arguments).status(2).stdout, "", "{arguments}");
    }
    project.run("lint shop broken").status(2).out("0 findings in 1 profile\n");
    project.run("lint shop nothing").status(2).out("0 findings in 1 profile\n");
    std::fs::remove_file(project.path("profiles/shop.yaml")).expect("it is there");
    assert_eq!(project.run("lint").status(2).stdout, "");
}

#[test]
fn shipped_profiles_have_no_warning() {
    let project = Project::shipped();
    // What they build and serve has to be there.
    project.run("lint").status(1).out("warning[missing-folder]");
    copy(&repository("examples"), &project.path("examples"));
    project.run("lint").status(0);
}

const WAIVER: &str = "waivers:\n  moving-tag: {rule: latest-tag, path: services.web, reason: The registry keeps no other tag yet, until: 2027-01-31}\n";

#[test]
fn a_waiver_holds_until_its_day() {
    let project = unwise();
    project.run("render shop").status(0);
    project.write("profiles/shop.yaml", format!("{}{WAIVER}", project.read("profiles/shop.yaml")));
    let outcome = project.run("lint --today 2027-01-31").status(0).quiet();
    assert!(!outcome.stdout.contains("latest-tag") && outcome.stdout.contains("egress-by-name"), "only what it names: {outcome}");
    let outcome = project.run("lint --today 2027-02-01").status(1);
    assert!(outcome.stdout.contains("warning[latest-tag]") && outcome.stdout.contains("warning[expired-waiver]"), "{outcome}");
    project.run("diff").status(0);
    project.edit("profiles/shop.yaml", "path: services.web", "path: services.we");
    project.run("lint --today 2027-01-31").status(1).out("warning[latest-tag]").out("warning[unused-waiver]");
    project.edit("profiles/shop.yaml", "path: services.we", "path: services.web.image");
    project.run("lint --today 2027-01-31").status(0);
    // Without a day it is today, and nobody's clock says 2027-01-31 for ever.
    project.edit("profiles/shop.yaml", "2027-01-31", "2999-12-31");
    project.run("lint").status(0);
    project.edit("profiles/shop.yaml", "2999-12-31", "2001-01-01");
    project.run("lint").status(1).out("held until 2001-01-01");
    project.run("lint --today tomorrow").status(2).err("2027-01-31");
}

#[test]
fn the_annotations_name_their_places() {
    let project = unwise();
    let line = 1 + project.read("profiles/shop.yaml").lines().position(|line| line.contains("latest")).expect("it is there");
    let outcome = project.run("lint --format github").status(1).quiet();
    let expected = format!(
        "::warning file=profiles/shop.yaml,line={line},endLine={line},col=37,endColumn=43,title=latest-tag::`web` runs the tag `latest`, which moves. "
    );
    assert!(outcome.stdout.starts_with(&expected), "{outcome}");
    assert!(outcome.stdout.lines().all(|line| line.starts_with("::")), "{outcome}");
    // What leaves no Stack is an annotation, too.
    project.edit("profiles/shop.yaml", "port: 8080", "prot: 8080");
    let outcome = project.run("lint --format github").status(2);
    assert!(outcome.stdout.contains("::error file=profiles/shop.yaml,line=8,endLine=8,col=5,endColumn=9,title=unknown-key::"), "{outcome}");
}

#[test]
fn sarif_names_rules_and_places() {
    let project = unwise();
    let json = project.run("lint --format sarif").status(1).quiet().json();
    assert_eq!((&json["version"], json["runs"].as_array().map(Vec::len)), (&json!("2.1.0"), Some(1)));
    let run = &json["runs"][0];
    let rules: Vec<&str> = run["tool"]["driver"]["rules"].as_array().expect("a list").iter().filter_map(|rule| rule["id"].as_str()).collect();
    assert_eq!(rules, infragen::rules::RULES.iter().map(|rule| rule.id).collect::<Vec<_>>());
    let results = run["results"].as_array().expect("a list");
    assert_eq!(
        results.iter().map(|result| (&result["ruleId"], &result["level"])).collect::<Vec<_>>(),
        [(&json!("latest-tag"), &json!("warning")), (&json!("egress-by-name"), &json!("note"))]
    );
    let place = &results[0]["locations"][0]["physicalLocation"];
    assert_eq!(
        (&place["artifactLocation"]["uri"], &place["region"]["startColumn"], &place["region"]["endColumn"]),
        (&json!("profiles/shop.yaml"), &json!(37), &json!(43))
    );
}

#[test]
fn a_password_in_a_profile_is_not_shown() {
    let project = Project::shop();
    let env = "    env:\n      SECRET_KEY: hunter2-é\n      DB: postgres://shop:hunter2@db.example.com/shop\n";
    project.edit("profiles/shop.yaml", "    env: {LOG_LEVEL: INFO}\n", env);
    for command in ["lint", "check"] {
        for format in ["text", "json", "github", "sarif"] {
            let outcome = project.run(&format!("{command} --format {format}")).out("plain-secret");
            assert!(!outcome.to_string().contains("hunter2"), "{outcome}");
        }
    }
    project.run("lint").out("SECRET_KEY: **********\n");
}

#[test]
fn a_mistake_of_form_hides_none_of_meaning() {
    let project = Project::empty();
    project.write(
        "profiles/shop.yaml",
        "version: 1\nproject: {name: shop}\nenvironment: {kind: production}\nservices:\n  web:\n    kind: web\n    image: nginx:1\n    port: 8000\n    \
         depends_on: {databse: healthy}\n    resources: {requests: {memory: 2Gi}, limits: {memory: 1Gi}}\n  job: {kind: cron, image: {name: a, tag: \"1\"}, env: [A=1]}\n\
         backing_services:\n  database: {knd: postgres, version: \"17\", storge: 2Gi}\nedge: [shop.example.com]\n",
    );
    let json = project.run("lint --format json").status(2).json();
    let found: Vec<(&str, u64)> = json["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .map(|finding| (finding["rule"].as_str().expect("a code"), finding["location"]["line"].as_u64().expect("a line")))
        .collect();
    let expected = [
        ("missing-key", 1),
        ("wrong-type", 7),
        ("unknown-reference", 9),
        ("contradiction", 10),
        ("wrong-type", 11),
        // The key that chooses among variants is misspelt, and one that goes with the chosen one.
        ("unknown-key", 13),
        ("unknown-key", 13),
        ("wrong-type", 14),
    ];
    assert_eq!(found, expected, "{json:#}");
    // A key that is wrong at one service hides no such key at another.
    project.write(
        "profiles/shop.yaml",
        "version: 1\nproject: {name: shop}\nenvironment: {kind: staging}\nservices:\n  web:\n    kind: web\n    image: {name: web, tag: \"1\"}\n    port: 8000\n    \
         schedule: \"0 3 * * *\"\n  job: {kind: cron, like: web, command: [a], schedule: \"0 25 * * *\"}\ntargets: {compose: {}}\n",
    );
    project.run("lint").status(2).err("error[misplaced-key]").err("error[invalid-value]");
}

#[test]
fn the_other_places_are_for_programs_too() {
    let project = Project::empty();
    project.write("profiles/base.yaml", format!("{}abstract: true\n", SHOP.replace("targets:", "x-targets:")));
    project.write("profiles/shop.yaml", "version: 1\nextends: [base.yaml]\nservices: {web: [a]}\ntargets: {compose: {}}\n");
    let json = project.run("lint shop --format json").status(2).json();
    let related = &json["findings"][0]["related"][0];
    assert_eq!((&related["file"], related["line"].is_u64(), related["message"].is_string()), (&json!("profiles/base.yaml"), true, true), "{json:#}");
    let sarif = project.run("lint shop --format sarif").status(2).json();
    let place = &sarif["runs"][0]["results"][0]["relatedLocations"][0]["physicalLocation"]["artifactLocation"]["uri"];
    assert_eq!(place, "profiles/base.yaml", "{sarif:#}");
}
