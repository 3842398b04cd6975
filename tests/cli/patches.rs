//! What a profile changes in rendered files: patches, snippets, templates of its own.

use crate::support::{Project, SHOP};

const WEB: &str = "deploy/shop/k8s/web.yaml";
const COMPOSE: &str = "deploy/shop/docker-compose.prod.yml";

fn with(more: &str) -> Project {
    let project = Project::empty();
    project.write("profiles/shop.yaml", format!("{SHOP}{more}"));
    project
}

const PATCHES: &str = "\
patches:
  priority:
    target: kubernetes:Deployment/web
    merge: {spec: {revisionHistoryLimit: 2, template: {spec: {priorityClassName: high, containers: [{name: web, tty: true}]}}}}
    remove: [spec.progressDeadlineSeconds]
    reason: it goes first
  quiet:
    target: compose:services/web
    merge: {labels: {com.example.team: shop}, stdin_open: true}
    reason: \"the team's name: for the bill\"
";

#[test]
fn a_patch_changes_an_object_and_keeps_the_rest() {
    let plain = Project::shop();
    plain.run("render shop").status(0);
    let project = with(PATCHES);
    project.run("render shop").status(0);
    let (before, after) = (plain.read(WEB), project.read(WEB));
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let removed: Vec<String> = lines(&before).into_iter().filter(|line| !after.contains(line.as_str())).collect();
    let added: Vec<String> = lines(&after).into_iter().filter(|line| !before.contains(line.as_str())).collect();
    assert_eq!(removed, ["  revisionHistoryLimit: 5", "  progressDeadlineSeconds: 300"], "{after}");
    assert_eq!(added[0], "# Changed by patches.priority: it goes first");
    let trimmed: Vec<&str> = added.iter().skip(1).map(|line| line.trim()).collect();
    assert!(trimmed.contains(&"revisionHistoryLimit: 2") && trimmed.contains(&"priorityClassName: high") && trimmed.contains(&"tty: true"), "{added:?}");
    assert!(before.lines().filter(|line| line.trim().starts_with('#')).all(|line| after.contains(line)), "comments stay: {after}");
    let compose = project.read(COMPOSE);
    assert!(compose.lines().nth(1) == Some("# Changed by patches.quiet: the team's name: for the bill") && compose.contains("stdin_open: true"), "{compose}");
    // It is a part of what is rendered.
    project.run("diff").status(0);
    project.run("golden update").status(0);
    project.edit("profiles/shop.yaml", "priorityClassName: high", "priorityClassName: low");
    project.run("diff").status(1).out("profile_changed").out("+      priorityClassName: low");
    // Whatever is asked for: the same bytes.
    project.edit("profiles/shop.yaml", "priorityClassName: low", "priorityClassName: high");
    assert_eq!(project.run("render shop --stdout --only k8s/web.yaml").status(0).stdout, after);
    let explained = project.run("explain patches --profile shop").status(0).stdout;
    assert!(explained.contains("patches.priority: kubernetes:Deployment/web\n      changes k8s/web.yaml\n      because: it goes first"), "{explained}");
    project.run("explain patches.quiet --profile shop").status(0).out("changes docker-compose.prod.yml");
    project.run("lint").status(0).out("info[escape-used]").out("`kubernetes:Deployment/web` is changed in the words of its target");
}

#[test]
fn one_that_matches_nothing_is_an_error() {
    let patch = |target: &str, change: &str| format!("patches: {{p: {{target: '{target}', {change}, reason: r}}}}\n");
    for (target, change, code, message) in [
        ("kubernetes:Deployment/wbe", "merge: {spec: {replicas: 2}}", "unmatched-patch", "did you mean `kubernetes:Deployment/web`?"),
        ("kubernetes:StatefulSet/web", "merge: {spec: {replicas: 2}}", "unmatched-patch", "matches nothing"),
        ("compose:services/api", "merge: {tty: true}", "unmatched-patch", "compose:services/web"),
        ("kubernetes:Deployment/web", "remove: [spec.nothing]", "unmatched-patch", "there is no `spec.nothing`"),
        ("kubernetes:Deployment/web", "merge: {spec: {revisionHistoryLimit: 5}}", "unmatched-patch", "it has all that is merged already"),
        ("kubernetes:Deployment/web", "merge: {metadata: {name: other}}", "unmatched-patch", "it would have another name"),
        ("kubernetes:Deployment/web", "merge: {}", "missing-key", "changes nothing"),
        ("deployment/web", "merge: {spec: {replicas: 2}}", "invalid-value", "kubernetes:KIND/NAME"),
        ("compose:services/web", "merge: {privileged: true}", "rights-over-the-host", "privileged"),
        ("compose:services/web", "merge: {volumes: ['/:/host']}", "rights-over-the-host", "volumes"),
        ("compose:services/web", "remove: [read_only]", "rights-over-the-host", "read_only"),
        ("compose:volumes/x", "merge: {driver_opts: {type: none, o: bind, device: /}}", "rights-over-the-host", "device"),
        ("kubernetes:Deployment/web", "merge: {spec: {template: {spec: {volumes: [{name: x, hostPath: {path: /}}]}}}}", "rights-over-the-host", "hostPath"),
        ("kubernetes:Deployment/web", "merge: {spec: {template: {spec: {securityContext: {runAsUser: 0}}}}}", "rights-over-the-host", "securityContext"),
    ] {
        let project = with(&patch(target, change));
        let outcome = project.run("render shop").status(2).err(&format!("error[{code}]")).err(message);
        assert!(!project.path("deploy").exists(), "{outcome}");
        project.run("diff").status(2);
    }
    // The target is none of this profile's.
    let project = with("");
    project.write("profiles/shop.yaml", SHOP.replace(", kubernetes: {quotas: false}", "") + &patch("kubernetes:Deployment/web", "merge: {a: 1}"));
    project.run("diff").status(2).err("the target `kubernetes` renders nothing here");
}

#[test]
fn a_snippet_follows_its_line() {
    let snippet = |file: &str, after: &str, text: &str| {
        format!("snippets:\n  mine:\n    file: {file}\n    after: '{after}'\n    reason: for the audit\n    text: |\n      {text}\n")
    };
    let project = with(&snippet("k8s/config.yaml", "data:", "  MORE: more"));
    project.run("render shop").status(0);
    let text = project.read("deploy/shop/k8s/config.yaml");
    assert!(text.contains("\ndata:\n  MORE: more\n  LOG_LEVEL: INFO\n") && text.lines().nth(1) == Some("# Changed by snippets.mine: for the audit"), "{text}");
    project.run("explain snippets.mine --profile shop").status(0).out("changes k8s/config.yaml").out("because: for the audit");
    for (file, after, text, code, message) in [
        ("k8s/config.yml", "data:", "  A: b", "unmatched-patch", "did you mean `k8s/config.yaml`?"),
        ("k8s/config.yaml", "dta:", "  A: b", "unmatched-patch", "did you mean `data:`?"),
        ("k8s/web.yaml", "---", "# x", "unmatched-patch", "has the line `---` "),
        ("k8s/config.yaml", "data:", "  A: [", "broken-artifact", "with the snippet `mine`, `k8s/config.yaml` is no longer right: line "),
        ("k8s/config.yaml", "data:", "  A: b ", "broken-artifact", "white space at the end"),
        ("k8s/config.yaml", "data:", "  LOG_LEVEL: INFO", "broken-artifact", "the key `LOG_LEVEL` stands twice"),
    ] {
        let project = with(&snippet(file, after, text));
        project.run("render shop").status(2).err(&format!("error[{code}]")).err(message);
        assert!(!project.path("deploy").exists());
    }
}

#[test]
fn a_template_of_ones_own_takes_the_place_of_one() {
    let project = with("templates: ops/templates\n");
    let template = "# Ours\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: {{ namespace }}\n  labels: {team: shop}\n";
    project.write("ops/templates/kubernetes/namespace.yaml", template).write("ops/templates/README.md", "why\n");
    project.run("render shop").status(0);
    assert_eq!(
        project.read("deploy/shop/k8s/namespace.yaml"),
        "# Ours\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop-shop\n  labels: {team: shop}\n"
    );
    assert!(project.read(WEB).starts_with("# Made by infragen."), "all others are infragen's");
    project.run("golden update --golden-dir ops/golden").status(0);
    project.run("golden check --golden-dir ops/golden").status(0);
    project.edit("ops/templates/kubernetes/namespace.yaml", "team: shop", "team: other");
    project.run("golden check --golden-dir ops/golden").status(1).out("ops/golden/shop/k8s/namespace.yaml differs");
    project.run("diff").status(1).out("+  labels: {team: other}");
    for (file, text, code, messages) in [
        ("kubernetes/namespace.yaml", "a: {{ namespace }}\nb: {% if %}\n", "broken-template", ["ops/templates/kubernetes/namespace.yaml", ":2:"]),
        ("kubernetes/namespace.yaml", "a: {{ namespace }}\nb: {{ nothing }}\n", "broken-template", ["cannot print `k8s/namespace.yaml`", ":2:"]),
        ("kubernetes/namespace.yaml", "a: {{ namespace }}\na: 1\n", "broken-artifact", ["the template `ops/templates/kubernetes/namespace.yaml`", "line 2"]),
        ("kubernetes/namespaces.yaml", "", "unknown-reference", ["takes the place of no template", "did you mean `kubernetes/namespace.yaml`?"]),
    ] {
        let project = with("templates: ops/templates\n");
        project.write(&format!("ops/templates/{file}"), text);
        let outcome = project.run("render shop").status(2);
        assert!(outcome.stderr.contains(code) && messages.iter().all(|part| outcome.stderr.contains(part)), "{messages:?}: {outcome}");
        assert!(!project.path("deploy").exists());
    }
    with("templates: nowhere\n").run("diff").status(2).err("cannot read `nowhere`").err("profiles/shop.yaml");
}
