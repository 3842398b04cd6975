//! How profiles build on each other: what is merged, replaced, removed, ignored.

mod support;

use infragen::profile::{Loader, locate};
use infragen::source::Sources;
use serde_json::{Value, json};
use support::Project;

const BASE: &str = "\
version: 1
abstract: true
project: {name: shop}
environment: {kind: production}
services:
  web:
    kind: web
    image: {name: example/web, tag: '1'}
    port: 8080
    command: [serve, --fast]
    env: {A: base, B: base}
targets: {compose: {}}
";

/// The merged profile `top`, of profiles by name; the codes of the errors if there is none.
fn merged(profiles: &[(&str, &str)]) -> Result<Value, Vec<String>> {
    let project = Project::empty();
    for (name, text) in profiles {
        project.write(&format!("profiles/{name}.yaml"), text);
    }
    let root = project.path("");
    let located = locate("top", &root, &infragen::source::Files::default()).expect("it is there");
    let loaded = Loader::new(&root).load(&located, &mut Sources::default());
    loaded.map(|loaded| loaded.tree.to_json()).map_err(|errors| errors.errors.iter().map(|error| format!("{} {}", error.code, error.message)).collect())
}

/// `top` extends `base` and says what follows.
fn on_base(text: &str) -> Value {
    merged(&[("base", BASE), ("top", &format!("version: 1\nextends: [base.yaml]\n{text}"))]).unwrap_or_else(|errors| panic!("{errors:?}"))
}

#[test]
fn maps_merge_and_everything_else_is_replaced() {
    let top = on_base("services: {web: {command: [work], env: {B: top, C: top}, image: {tag: '2'}}}\n");
    let web = &top["services"]["web"];
    assert_eq!(web["env"], json!({"A": "base", "B": "top", "C": "top"}));
    assert_eq!(web["env"].as_object().expect("a map").keys().collect::<Vec<_>>(), ["A", "B", "C"], "what comes first stays first");
    assert_eq!((&web["command"], &web["image"]), (&json!(["work"]), &json!({"name": "example/web", "tag": "2"})));
    assert_eq!(web["port"], 8080);
}

#[test]
fn a_map_whose_kind_changes_is_replaced() {
    let base = BASE.replace("targets:", "backing_services: {store: {kind: postgres, version: '17', database: shop}}\ntargets:");
    let top = |text: &str| {
        merged(&[("base", &base), ("top", &format!("version: 1\nextends: [base.yaml]\nbacking_services: {{store: {text}}}\n"))]).expect("a profile")
    };
    assert_eq!(top("{kind: redis, version: '7'}")["backing_services"]["store"], json!({"kind": "redis", "version": "7"}));
    assert_eq!(top("{kind: postgres, version: '18'}")["backing_services"]["store"], json!({"kind": "postgres", "version": "18", "database": "shop"}));
    assert_eq!(top("{version: '18'}")["backing_services"]["store"]["database"], "shop");
}

#[test]
fn another_server_keeps_nothing_of_the_one_before() {
    let run = |text: &str| on_base(&format!("services: {{web: {{run: {text}}}}}\n"))["services"]["web"]["run"].clone();
    let child = |text: &str| format!("version: 1\nextends: [base.yaml]\nservices: {{web: {{run: {text}}}}}\n");
    let chain = |above: &str| {
        let files = [("base", BASE), ("one", &child("{server: gunicorn, app: 'a:a', workers: 2}")), ("top", above)];
        merged(&files).expect("a profile")["services"]["web"]["run"].clone()
    };
    assert_eq!(run("{server: uvicorn, app: 'b:b'}"), json!({"server": "uvicorn", "app": "b:b"}));
    let top = |text: &str| chain(&format!("version: 1\nextends: [one.yaml]\nservices: {{web: {{run: {text}}}}}\n"));
    assert_eq!(top("{server: uvicorn, app: 'b:b'}"), json!({"server": "uvicorn", "app": "b:b"}));
    assert_eq!(top("{workers: 3}"), json!({"server": "gunicorn", "app": "a:a", "workers": 3}));
}

#[test]
fn the_last_one_wins() {
    let part = |value: &str| format!("version: 1\nservices: {{web: {{env: {{A: {value}}}}}}}\n");
    let top = |text: &str| {
        merged(&[("base", BASE), ("one", &part("one")), ("two", &part("two")), ("top", text)]).expect("a profile")["services"]["web"]["env"]["A"].clone()
    };
    assert_eq!(top("version: 1\nextends: [base.yaml, one.yaml, two.yaml]\n"), "two");
    assert_eq!(top("version: 1\nextends: [base.yaml, two.yaml, one.yaml]\n"), "one");
    assert_eq!(top(&format!("{}extends: [base.yaml, two.yaml]\n", part("top"))), "top");
}

#[test]
fn a_parent_may_be_met_twice_but_not_in_a_circle() {
    let part = "version: 1\nextends: [base.yaml]\n";
    let top = merged(&[("base", BASE), ("one", part), ("two", part), ("top", "version: 1\nextends: [one.yaml, two.yaml, base.yaml]\n")]).expect("a profile");
    assert_eq!(top["services"]["web"]["env"]["A"], "base");
}

#[test]
fn paths_are_relative_to_the_file_that_names_them() {
    let project = Project::empty();
    project
        .write("shared/deep/base.yaml", BASE)
        .write("shared/part.yml", "version: 1\nextends: [deep/base.yaml]\n")
        .write("profiles/top.yaml", "version: 1\nextends: [../shared/part.yml]\n");
    project.run("render top").status(0);
    project.edit("shared/deep/base.yaml", "port: 8080", "prt: 8080");
    project.run("render top").status(2).err(" shared/deep/base.yaml:9:5");
}

#[test]
fn the_mark_of_a_part_is_not_inherited() {
    let project = Project::empty();
    project
        .write("profiles/base.yaml", BASE)
        .write("profiles/top.yaml", "version: 1\nextends: [base.yaml]\n")
        .write("profiles/next.yaml", "version: 1\nextends: [top.yaml]\nabstract: false\n");
    project.run("render top next").status(0);
    project.run("render base").status(2).err("error[abstract-profile]");
}

#[test]
fn what_has_a_wrong_name_in_a_parent_is_there_to_be_removed() {
    let base = BASE.replace("env: {A: base, B: base}", "enviroment: {A: base, B: }");
    let top = "version: 1\nextends: [base.yaml]\nremove: [services.web.env.A, services.web.enviroment.B, services.web.nothing]\n";
    let errors = merged(&[("base", &base), ("top", top)]).expect_err("a key is wrong");
    let codes: Vec<&str> = errors.iter().map(|error| error.split(' ').next().unwrap_or_default()).collect();
    assert_eq!(codes, ["remove-missing", "unknown-key", "null-value"], "{errors:?}");
    assert!(errors[0].contains("services.web.nothing"), "{errors:?}");
}

#[test]
fn what_is_removed_is_gone() {
    let top = on_base("remove: [services.web.env.A, services.web.command]\nservices: {web: {env: {C: top}}}\n");
    assert_eq!(top["services"]["web"]["env"], json!({"B": "base", "C": "top"}));
    assert_eq!(top["services"]["web"].get("command"), None);
    // What the file says itself comes after that: it replaces what it removed.
    assert_eq!(on_base("remove: [services.web.env]\nservices: {web: {env: {C: top}}}\n")["services"]["web"]["env"], json!({"C": "top"}));
    let base = format!(
        "{BASE}edge: {{hosts: {{shop.example.com: {{routes: {{/: {{service: web}}}}}}, www.example.com: {{routes: {{/: {{service: web}}}}}}}}, tls: {{kind: none}}}}\n"
    );
    let top = merged(&[("base", &base), ("top", "version: 1\nextends: [base.yaml]\nremove: ['edge.hosts.\"www.example.com\"']\n")]).expect("a profile");
    assert_eq!(top["edge"]["hosts"].as_object().expect("a map").keys().collect::<Vec<_>>(), ["shop.example.com"]);
}

#[test]
fn a_parents_removal_is_its_own() {
    let middle = "version: 1\nextends: [base.yaml]\nremove: [services.web.env.A]\n";
    let top = merged(&[("base", BASE), ("middle", middle), ("top", "version: 1\nextends: [middle.yaml, base.yaml]\n")]).expect("a profile");
    assert_eq!(top["services"]["web"]["env"]["A"], "base", "base comes last, and nobody removes from it");
}

/// Where names are the user's own (services, variables, secrets), a name may start with `x-`, too.
#[test]
fn keys_of_ones_own_are_ignored_among_known_keys() {
    let own = "x-note: {anything: [1, &port 8081]}\nproject: {x-owner: team}\nenvironment: {x-since: 2026}\ntargets: {x-a: 1, compose: {x-b: 1}}\n\
               services: {web: {x-note: why, image: {x-c: 1}, port: *port, env: {B: top}}}\noutput: {x-d: []}\n";
    let project = Project::empty();
    project.write("profiles/base.yaml", BASE).write("profiles/top.yaml", "version: 1\nextends: [base.yaml]\nservices: {web: {port: 8081, env: {B: top}}}\n");
    project.run("render top --out plain").status(0);
    project.write("profiles/top.yaml", format!("version: 1\nextends: [base.yaml]\n{own}"));
    project.run("render top --out noted").status(0);
    assert_eq!(project.tree("plain"), project.tree("noted"));
}

#[test]
fn the_mistakes_of_all_parents_are_shown_together() {
    let errors = merged(&[
        ("one", "version: 1\nx: [\n"),
        ("two", "version: 1\na: ~\n"),
        ("top", "version: 1\nextends: [one.yaml, two.yaml, three.yaml]\nservcies: {}\n"),
    ])
    .expect_err("four mistakes");
    let codes: Vec<&str> = errors.iter().filter_map(|error| error.split(' ').next()).collect();
    assert_eq!(codes, ["missing-parent", "unknown-key", "yaml-syntax", "null-value"], "{errors:?}");
}

#[test]
fn a_message_about_a_parent_says_how_it_comes_to_be_read() {
    let project = Project::empty();
    project.write("profiles/base.yaml", BASE.replace("port: 8080", "port: 80800"));
    project.write("profiles/middle.yaml", "version: 1\nabstract: true\nextends: [base.yaml]\n");
    project.write("profiles/top.yaml", "version: 1\n\nextends: [middle.yaml]\n");
    let chain = "= note: this file is extended: profiles/top.yaml:3 -> profiles/middle.yaml:3 -> profiles/base.yaml\n";
    project.run("render top").status(2).err("--> profiles/base.yaml:9:11").err(chain);
    // Of two profiles that extend it, the second one is named.
    project.write("profiles/other.yaml", "version: 1\nextends: [base.yaml]\n");
    let both = project.run("lint top other").status(2).err("1 error above is here, too: profiles/other.yaml:2 -> profiles/base.yaml\n");
    assert_eq!(both.stderr.matches("error[").count(), 1, "{both}");
    // What a rule finds there has it, too, and what stands in the profile itself has none.
    project.write("profiles/base.yaml", BASE.replace("tag: '1'", "tag: latest"));
    project.run("lint top").status(1).out(chain);
    project.write("profiles/top.yaml", "version: 1\nextends: [middle.yaml]\nreplicas: 2\n");
    let outcome = project.run("render top").status(2).err("unknown-key");
    assert!(!outcome.stderr.contains("note:"), "{outcome}");
}

#[test]
fn what_does_not_fit_together_is_shown_on_both_sides() {
    let project = Project::empty();
    project.write("profiles/base.yaml", BASE.replace("port: 8080", "port: 8080\n    replicas: 2"));
    project.write("profiles/middle.yaml", "version: 1\nabstract: true\nextends: [base.yaml]\n");
    let chain = "= note: this file is extended: profiles/top.yaml:2 -> profiles/middle.yaml:3 -> profiles/base.yaml\n";
    let both = |text: &str, child: &str, parent: &str, help: &str| {
        project.write("profiles/top.yaml", format!("version: 1\nextends: [middle.yaml]\n{text}\n"));
        project
            .run("render top")
            .status(2)
            .err(&format!("--> profiles/top.yaml:3:{child}\n"))
            .err(&format!("::: profiles/base.yaml:{parent}\n"))
            .err(chain)
            .err(help);
    };
    both("services: {web: {env: [A=b]}}", "18", "12:5", "write a map: `env: {A: b}`");
    both("services: {web: {replicas: {}}}", "18", "10:5", "write a whole number");
    both("services: {web: {autoscale: {min: 2, max: 4}}}", "18", "10:5", "what is inherited goes by `remove: [services.web.replicas]`");
    both("remove: [services.web.enw]", "10", "12:5", "did you mean `services.web.env`?");
    both("remove: [services.web.stop_grace]", "10", "6:3", "remove this line, or correct the path");
    both("remove: [services.web.port.x]", "10", "9:5", "write `services.web.port`");
    // The other way round, the child has what the parent's key has no room for.
    project.write("profiles/base.yaml", BASE.replace("port: 8080", "port: 8080\n    autoscale: {min: 2, max: 4}"));
    project.write("profiles/top.yaml", "version: 1\nextends: [middle.yaml]\nservices: {web: {replicas: 3}}\n");
    project.run("render top").status(2).err("--> profiles/base.yaml:10:5\n").err("::: profiles/top.yaml:3:18\n").err("by `remove: [services.web.autoscale]`");
}

#[test]
fn remove_says_what_is_there_already_or_no_more() {
    let project = Project::empty();
    project.write("profiles/base.yaml", BASE);
    let said = |text: &str, words: &[&str]| {
        project.write("profiles/top.yaml", format!("version: 1\n{text}\n"));
        let outcome = project.run("render top").status(2);
        for words in words {
            assert!(outcome.stderr.contains(words), "{outcome}");
        }
    };
    said("extends: [base.yaml]\nremove: [services.jobs]\nservices: {jobs: {like: web, kind: worker}}", &["which this file says itself", "written here"]);
    said("extends: [base.yaml]\nremove: [services.web.env, services.web.env.A]", &["has taken out already", "taken out here"]);
    said("remove: [services.web]", &["this profile extends nothing"]);
}
