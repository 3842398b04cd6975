//! `config` prints the resolved profile, `explain` what a key or a rule means.

use crate::support::{Project, assert_none, text_of};

/// The names of the shipped profiles that are rendered.
fn shipped(project: &Project) -> Vec<String> {
    let diff = project.run("diff --format json").json();
    diff["profiles"].as_array().expect("a list").iter().map(|profile| profile["name"].as_str().expect("a name").to_owned()).collect()
}

/// What is printed is a profile by itself: it says everything that the chain of files says, and each default that was taken is the one that is printed.
#[test]
fn the_resolved_profile_renders_the_same_bytes() {
    let project = Project::shipped();
    project.write("profiles/everything.yaml", text_of("tests/support/everything.yaml"));
    let mut names = shipped(&project);
    names.push("everything".into());
    for name in names {
        for option in ["", " --origins"] {
            let resolved = project.run(&format!("config {name}{option}")).status(0).quiet().stdout;
            let other = Project::empty();
            other.write(&format!("profiles/{name}.yaml"), &resolved);
            let expected = project.run(&format!("render {name} --stdout")).status(0).stdout;
            let found = other.run(&format!("render {name} --stdout"));
            assert_eq!((found.status, found.stderr.as_str()), (0, ""), "{name}: {resolved}");
            let differs = found.stdout.lines().zip(expected.lines()).find(|(a, b)| a != b);
            assert!(found.stdout == expected, "{name}: {differs:?}");
            // It is resolved as far as it goes.
            assert_eq!(other.run(&format!("config {name}")).status(0).stdout, project.run(&format!("config {name}")).status(0).stdout, "{name}");
        }
    }
}

#[test]
fn each_value_has_its_place_or_its_reason() {
    let project = Project::shipped();
    let text = project.run("config staging --origins").status(0).quiet().stdout;
    let line = |start: &str| text.lines().find(|line| line.trim_start().starts_with(start)).unwrap_or_else(|| panic!("no {start} in {text}")).to_owned();
    let at = |file: &str, part: &str| {
        let number = 1 + project.read(file).lines().position(|line| line.contains(part)).expect(part);
        format!("# {file}:{number}")
    };
    assert!(line("replicas: 2").ends_with(&at("profiles/staging.yaml", "replicas: 2")), "{text}");
    assert!(line("eviction:").ends_with(&at("profiles/base.yaml", "eviction:")), "{text}");
    assert!(line("hsts:").contains("# default: "), "{text}");
    // Each line that has a value says where it is from.
    let silent: Vec<String> = text.lines().filter(|line| !line.ends_with(':') && !line.contains(" # ")).map(str::to_owned).collect();
    assert_none(&silent);
    assert!(!project.run("config staging").stdout.contains(" # "), "nobody asked");
}

#[test]
fn a_profile_with_mistakes_has_none() {
    let project = Project::shop();
    project.edit("profiles/shop.yaml", "port: 8080", "prot: 8080");
    let outcome = project.run("config shop").status(2).err("did you mean `port`?");
    assert_eq!(outcome.stdout, "");
    let outcome = project.run("explain services.web.port --profile shop").status(2).err("did you mean `port`?");
    assert!(outcome.stdout.contains("Port"), "what the key means is known all the same: {outcome}");
    project.run("config nothing").status(2).err("unknown-profile");
}

#[test]
fn a_key_is_explained() {
    let project = Project::shipped();
    project.run("explain services.api.replicas").status(0).quiet().out("Number of identical instances").out("a whole number from 1 to 100");
    project.run("explain services.api.replicas --profile production").status(0).out("In production: 3\n    profiles/production.yaml:9:15");
    project.run("explain services.api.stop_grace --profile production").status(0).out("In production: 40s\n    the default: ");
    project.run("explain edge.hsts --profile production").status(0).out("In production: 730d\n    the default: two years");
    project.run("explain services.api.publish.port --profile production").status(0).out("In production: not set");
    project.run("explain services.migrate.image.tag --profile production").status(0).out("In production: \"1.4.0\"").out(", as `services.api.image.tag`");
    project.run("explain services.prune.env.DATABASE_URL --profile production").status(0).out(", as `services.api.env.DATABASE_URL`");
    project.run("explain services.api.env.TZ --profile production").status(0).out(", as `env_groups.common.TZ`");
    // Of a profile that is named, the names count as well.
    project
        .run("explain services.apu.replicas --profile production")
        .status(2)
        .err("the profile `production` has no `services.apu`")
        .err("did you mean `services.api`?");
    project.run("explain secrets.NOTHING.generate --profile production").status(2).err("the profile `production` has no `secrets.NOTHING`").err("there are: ");
    project.run("explain services.api.env.NOTHING --profile production").status(0).out("In production: not set");
    project.run("explain").status(2);
    project.run("explain environment.kind").status(0).out("production   Serves users");
    project.run("explain backing_services.x.version").status(0).out("With kind: postgres:").out("With kind: redis:");
    project.run("explain edge.hosts.\"api.example.com\".routes.\"/\".service").status(0).out("The web service that answers.");
}

#[test]
fn a_rule_is_explained() {
    let project = Project::empty();
    project.run("explain single-replica").status(0).quiet().out("warning, in production").out("Why: ").out("Instead: ");
    project.run("explain weak-secret").status(0).quiet().out("error, in env files").out("Instead: ");
    for rule in infragen::rules::RULES {
        project.run(&format!("explain {}", rule.id)).status(0).quiet().out(rule.why).out(rule.instead);
    }
}

#[test]
fn each_code_of_a_message_is_explained() {
    let project = Project::empty();
    for code in infragen::diagnostics::codes::CODES {
        project.run(&format!("explain {}", code.id)).status(0).quiet().out(code.what).out(code.why).out(code.instead);
    }
    for state in infragen::plan::State::ALL {
        project.run(&format!("explain {}", state.as_str())).status(0).quiet().out(state.sentence()).out("Settled by: ");
    }
    project.run("explain hand_edit").status(2).err("did you mean `hand_edited`?");
}

#[test]
fn what_is_unknown_has_a_suggestion() {
    let project = Project::empty();
    project.run("explain services.api.replcas").status(2).err("`services.api` has no key `replcas`").err("did you mean `services.api.replicas`?");
    project.run("explain single-replca").status(2).err("did you mean `single-replica`?");
    project.run("explain services.api.port.x").status(2).err("holds a value and no keys");
    project.run("explain nothing.like.it").status(2).err("there are: ");
    project.run("explain a..b").status(2).err("empty key");
    // A key of its own is found wherever it may stand.
    project.run("explain replicas").status(2).err("did you mean `services.NAME.replicas`?");
    project.run("explain rate_limit").status(2).err("did you mean `edge.rate_limit` or `edge.hosts.NAME.routes.NAME.rate_limit`?");
}

#[test]
fn what_a_service_has_of_another_is_explained_with_its_place() {
    let project = Project::shipped();
    let explain = |key: &str| project.run(&format!("explain {key} --profile production")).status(0).stdout;
    let image = explain("services.prune.image.tag");
    assert!(image.contains(", as `services.api.image.tag`\n") && image.contains("profiles/base.yaml:"), "{image}");
    assert!(explain("services.prune.secrets.SECRET_KEY").contains("not set"), "it is left out");
    // A word that is a state and a section.
    let both = project.run("explain unmanaged").status(0).stdout;
    assert!(both.contains("in `infragen diff`") && both.contains("Files that"), "{both}");
}
