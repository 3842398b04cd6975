//! The scripts that run jobs and services on a host: what they say when something is missing, with programs of our own on the path.
#![cfg(unix)]

mod support;

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::process::{Command, Stdio};
use support::{Outcome, Project};

const PROFILE: &str = "\
version: 1
project: {name: shop}
environment: {kind: production}
services:
  api:
    kind: web
    image: {name: example/api, tag: '1'}
    build: {runtime: python, version: '3.12', context: app}
    run: {server: uvicorn, app: 'app:app'}
    port: 18473
    health: {ready: /ready}
    env: {DATABASE_URL: {from: database.url}, DB_HOST: {from: database.host}, DB_PORT: {from: database.port}, LEVEL: {param: {default: a b}}}
    secrets: {KEY: {}}
  show:
    kind: release
    like: api
    command: [show]
  nightly:
    kind: cron
    like: api
    command: [show]
    schedule: '0 3 1 * MON'
  other: {kind: cron, like: api, command: [show], schedule: '*/5 * * * *'}
backing_services: {database: {kind: postgres, version: '17', storage: 1Gi}}
secrets: {KEY: {}}
targets: {docker: {}, compose: {}, dotenv: {}, scripts: {}}
output: {dir: deploy}
";

const PASSWORD: &str = "p%40ss%2Fw:x";

/// A rendered project with an env file, and with a `compose.sh` that notes what it is asked.
fn rendered() -> Project {
    let project = Project::empty();
    project.write("profiles/prod.yaml", PROFILE);
    project.run("render prod").status(0);
    project.write("deploy/scripts/compose.sh", "#!/bin/sh\necho compose \"$@\" >> \"$LOG\"\nexit ${COMPOSE_STATUS:-0}\n");
    program(&project, "deploy/scripts/compose.sh");
    project.write("app/app.py", "");
    project.run("env generate prod").status(0);
    project
}

fn program(project: &Project, path: &str) {
    std::fs::set_permissions(project.path(path), PermissionsExt::from_mode(0o755)).expect("a mode");
}

/// A program in `bin` with this text.
fn put(project: &Project, name: &str, text: &str) {
    project.write(&format!("bin/{name}"), format!("#!/bin/bash\n{text}\n"));
    program(project, &format!("bin/{name}"));
}

/// A script with `bin` before the path, as somebody who is not root: then units are in a folder of the project.
fn run(project: &Project, arguments: &[&str], variables: &[(&str, &str)]) -> Outcome {
    let bin = project.path("bin");
    let is_root = std::fs::metadata(project.path("")).is_ok_and(|data| data.uid() == 0);
    let mut command = Command::new(if is_root { "setpriv" } else { "bash" });
    if is_root {
        assert!(Command::new("chown").args(["-R", "65534:65534"]).arg(project.path("")).status().is_ok_and(|status| status.success()));
        std::fs::set_permissions(project.path(""), PermissionsExt::from_mode(0o755)).expect("a mode");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups", "bash"]);
    }
    command.args(arguments).current_dir(project.path("deploy")).stdin(Stdio::null()).env_clear();
    command.env("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", bin.display())).env("LOG", project.path("log")).env("HOME", project.path(""));
    command.env("XDG_CONFIG_HOME", project.path("units")).envs(variables.iter().copied());
    let outcome = support::finish(&command.output().expect("it starts"));
    if is_root {
        assert!(Command::new("chown").args(["-R", "0:0"]).arg(project.path("")).status().is_ok_and(|status| status.success()));
    }
    outcome
}

/// A systemd that notes what it is asked, and believes what the test says.
const SYSTEMCTL: &str = "[[ $1 == --user ]] || exit 9\nshift\n[[ $1 == show || $1 == is-* ]] || echo \"$@\" >> \"$LOG\"\ncase $1 in is-*) exit ${ACTIVE:-1} ;; daemon-reload) exit ${RELOAD:-0} ;; esac\n";

#[test]
#[ignore = "needs bash"]
fn timers_come_and_go() {
    let project = rendered();
    put(&project, "systemctl", SYSTEMCTL);
    put(&project, "loginctl", "echo no");
    let dry = run(&project, &["scripts/timers.sh", "install", "--dry-run"], &[]).status(0);
    assert!(dry.stderr.contains("==> would make shop-production-nightly.timer") && !project.path("units").exists(), "{dry}");
    let first = run(&project, &["scripts/timers.sh", "install"], &[]).status(0);
    assert!(first.stderr.contains("==> make shop-production-nightly.timer") && first.stderr.contains("enable-linger"), "{first}");
    let timer = project.read("units/systemd/user/shop-production-nightly.timer");
    assert!(timer.contains("OnCalendar=*-*-01 03:00:00 UTC\nOnCalendar=Mon *-*-* 03:00:00 UTC\n") && timer.contains("Persistent=true"), "{timer}");
    assert!(
        project.read("log").ends_with("daemon-reload\nenable --quiet --now shop-production-nightly.timer\nenable --quiet --now shop-production-other.timer\n")
    );
    let second = run(&project, &["scripts/timers.sh", "install"], &[("ACTIVE", "0")]).status(0);
    assert!(second.stderr.contains("the 2 timers are there already: nothing was changed"), "{second}");
    // One that is gone, one that differs, one of somebody else.
    let units = "units/systemd/user/shop-production";
    project.write(&format!("{units}-gone.timer"), &timer).write(&format!("{units}-other.timer"), timer.replace("03:00", "04:00"));
    project.write(&format!("{units}-mine.timer"), "[Timer]\n");
    let third = run(&project, &["scripts/timers.sh", "install"], &[("ACTIVE", "0")]).status(0);
    assert!(third.stderr.contains("==> change shop-production-other.timer\n==> remove shop-production-gone\n"), "{third}");
    assert!(!project.path(&format!("{units}-gone.timer")).exists() && project.path(&format!("{units}-mine.timer")).exists());
    let reload = run(&project, &["scripts/timers.sh", "remove"], &[("RELOAD", "1")]).status(2);
    assert!(reload.stderr.contains("systemd did not take the units"), "{reload}");
    assert_eq!(project.tree("units").len(), 1, "the other one's is left");
    assert!(run(&project, &["scripts/timers.sh", "remove"], &[]).status(0).stderr.contains("there are none: nothing was changed"));
    project.write(&format!("{units}-nightly.service"), "[Service]\n");
    let taken = run(&project, &["scripts/timers.sh", "install"], &[]).status(2);
    assert!(taken.stderr.contains("nightly.service was not made by this script") && project.tree("units").len() == 2, "{taken}");
}

#[test]
#[ignore = "needs bash"]
fn a_host_without_systemd_gets_lines_for_its_crontab() {
    let project = rendered();
    put(&project, "systemctl", "exit 1");
    let outcome = run(&project, &["scripts/timers.sh", "install"], &[]).status(2);
    assert!(outcome.stderr.contains("systemd of this user does not answer here") && outcome.stderr.contains("\n0 3 1 * MON cd "), "{outcome}");
    assert!(outcome.stderr.contains(" && scripts/timers.sh run nightly\n"), "{outcome}");
    for (arguments, why) in [
        (vec!["run"], "run takes one of: nightly other"),
        (vec!["run", "api"], "run takes one of"),
        (vec![], "say install"),
        (vec!["install", "-x"], "-x is no option"),
    ] {
        let outcome = run(&project, &[vec!["scripts/timers.sh"], arguments].concat(), &[]).status(2);
        assert!(outcome.stderr.contains(why), "{outcome}");
    }
}

#[test]
#[ignore = "needs bash"]
fn a_job_runs_once_at_a_time() {
    let project = rendered();
    put(
        &project,
        "docker",
        "[[ $1 == ps ]] && echo -n \"${FOUND:-}\"; [[ $1 != ps || -z ${STALE:-} || $2 != --all ]] || echo x; echo docker \"$@\" >> \"$LOG\"",
    );
    run(&project, &["scripts/timers.sh", "run", "nightly"], &[]).status(0);
    assert!(project.read("log").ends_with("compose run --rm --no-deps --no-TTY --name shop-production-nightly nightly\n"), "{}", project.read("log"));
    assert!(run(&project, &["scripts/timers.sh", "run", "nightly"], &[("COMPOSE_STATUS", "7")]).status(7).stderr.contains("nightly ended with status 7"));
    assert!(run(&project, &["scripts/timers.sh", "run", "nightly"], &[("FOUND", "x")]).status(2).stderr.contains("running already, in the container"));
    run(&project, &["scripts/timers.sh", "run", "nightly"], &[("STALE", "1")]).status(0);
    assert!(project.read("log").contains("docker rm --force shop-production-nightly\n"));
    put(&project, "flock", "exit 1");
    assert!(run(&project, &["scripts/timers.sh", "run", "nightly"], &[]).status(2).stderr.contains("nightly is running already"));
}

/// A Python that says what it is told, and a program that shows what it got.
fn with_python(project: &Project) {
    put(project, "getent", "exit 2");
    project.write("venv/bin/python", "#!/bin/bash\ncase $* in *version_info*) echo ${FOUND:-3.12} ;; *find_spec*) echo ${LACKS:-} ;; *ask_stores*) tr '\\0' ' ' > \"$LOG\"; exit ${ASKED:-0} ;; *) exec python3 \"$@\" ;; esac\n");
    project.write("venv/bin/show", "#!/bin/bash\nenv\ncat \"$DATABASE_URL_FILE\" \"$KEY_FILE\"; echo; stat -c %a \"$KEY_FILE\"\n");
    program(project, "venv/bin/python");
    program(project, "venv/bin/show");
}

#[test]
#[ignore = "needs bash"]
fn what_is_missing_is_said_before_anything_starts() {
    let project = rendered();
    with_python(&project);
    let venv = project.path("venv").display().to_string();
    let here = ["--venv", &venv, "--host", "database=127.0.0.1:1"];
    for (arguments, variables, why) in [
        (vec!["nothing"], vec![], "say which service: api show nightly other"),
        (vec!["api"], vec![], "there is no Python environment ../app/.venv: --venv names another one; this makes it"),
        (
            vec!["api", "--venv", &venv],
            vec![],
            "database is a name within Compose, which this host does not know. Say where it is: --host database=127.0.0.1:5432",
        ),
        (vec!["api", "--host", "cache=x:1"], vec![], "--host takes NAME=ADDRESS:PORT, with one of: database"),
        (vec!["api", "--host", "database=$(id):1"], vec![], "--host takes NAME=ADDRESS:PORT"),
        ([&["api"], &here[..]].concat(), vec![("LACKS", "uvicorn")], "has no uvicorn: install it there"),
        ([&["api"], &here[..]].concat(), vec![("ASKED", "1")], "the application would not work"),
        ([&["api"], &here[..]].concat(), vec![], "Nobody is there to ask: --yes says yes"),
        (vec!["api", "--env-file", "other.env"], vec![], "there is no "),
        (vec!["api", "--context", "nowhere"], vec![], "there is no folder"),
        (vec!["api", "--venv"], vec![], "--venv needs a value"),
        (vec!["--nonsense"], vec![], "--nonsense is no option"),
    ] {
        let outcome = run(&project, &[vec!["scripts/start_prod.sh"], arguments.clone()].concat(), &variables);
        assert!(outcome.status == 2 && outcome.stderr.contains(why), "{arguments:?}: {why}: {outcome}");
    }
    let warned = run(&project, &[&["scripts/start_prod.sh", "api", "--check"], &here[..]].concat(), &[("FOUND", "3.9")]).status(0);
    assert!(warned.stderr.contains("warning: this is Python 3.9, and the image has 3.12") && warned.stderr.ends_with("==> api can be started\n"), "{warned}");
    // Weak, or open to others.
    project.edit("deploy/.env.production", "\nKEY=", "\nKEY=short\n# KEY=");
    let weak = run(&project, &[&["scripts/start_prod.sh", "api", "--check"], &here[..]].concat(), &[]).status(2);
    assert!(weak.stderr.contains("error[weak-secret]") && weak.stderr.contains(".env.production has to be mended first"), "{weak}");
}

#[test]
#[ignore = "needs bash"]
fn a_service_gets_what_its_container_gets() {
    let project = rendered();
    with_python(&project);
    let text: String = project
        .read("deploy/.env.production")
        .lines()
        .map(|line| match line.split_once('=') {
            Some(("DATABASE_PASSWORD", _)) => "DATABASE_PASSWORD='p@ss/w:x-and-some-More-9'\n".to_owned(),
            Some(("DATABASE_URL", _)) => format!("DATABASE_URL=postgresql://shop:{PASSWORD}-and-some-More-9@database:5432/shop\n").replace(":x-", "%3Ax-"),
            Some(("KEY", _)) => "KEY='it $costs 5 %; \"or so\", 0123456789abcdef'\n".to_owned(),
            _ => format!("{line}\n"),
        })
        .collect();
    project.write("deploy/.env.production", text);
    std::fs::set_permissions(project.path("deploy/.env.production"), PermissionsExt::from_mode(0o600)).expect("a mode");
    let venv = project.path("venv").display().to_string();
    let outcome =
        run(&project, &["scripts/start_prod.sh", "show", "--yes", "--venv", &venv, "--host", "database=[::1]:15432"], &[("STRAY", "x"), ("TMPDIR", "/tmp")])
            .status(0);
    for line in [
        "DB_HOST=::1",
        "DB_PORT=15432",
        "LEVEL=a b",
        "postgresql://shop:p%40ss%2Fw%3Ax-and-some-More-9@[::1]:15432/shopit $costs 5 %; \"or so\", 0123456789abcdef",
        "400",
    ] {
        assert!(outcome.stdout.lines().any(|found| found == line), "{line}: {outcome}");
    }
    assert!(!outcome.stdout.contains("STRAY") && !outcome.stdout.contains("DATABASE_PASSWORD"), "{outcome}");
    assert!(!outcome.stderr.contains("costs") && !outcome.stderr.contains("More-9"), "{outcome}");
    assert_eq!(project.read("log"), "database postgres ::1 15432 no shop shop p@ss/w:x-and-some-More-9 ", "what the check is told");
    let folder = outcome.stdout.lines().find_map(|line| line.strip_prefix("KEY_FILE=")).and_then(|path| path.strip_suffix("/KEY")).expect("a folder");
    // The pipe that holds it ends with the application: soon, but not at once.
    let gone = (0..50).any(|_| {
        !std::path::Path::new(folder).exists() || {
            std::thread::sleep(std::time::Duration::from_millis(100));
            false
        }
    });
    assert!(gone, "{folder} is left");
}

/// A file of the checkout that a container mounts is a label of it, which changes with the file and with nothing else.
#[test]
fn a_changed_file_is_another_label() {
    const SERVICES: &str = "api:
    kind: web
    image: {name: example/api, tag: '1'}
    port: 80
    files: {/etc/a.conf: {source: config/a-file.conf}, /etc/b.conf: {source: config/b.conf}}";
    let project = Project::empty();
    let stores = "{database: {kind: postgres, version: '17', files: {/docker-entrypoint-initdb.d/1.sql: {source: db/1.sql}}}}";
    let head = "version: 1\nproject: {name: shop}\nenvironment: {kind: production}";
    project.write(
        "profiles/prod.yaml",
        format!("{head}\nservices:\n  {SERVICES}\nbacking_services: {stores}\ntargets: {{compose: {{}}, scripts: {{}}}}\noutput: {{dir: deploy}}\n"),
    );
    project.run("render prod").status(0);
    project.write("config/a-file.conf", "one");
    project.write("config/b.conf", "two");
    std::fs::create_dir_all(project.path("deploy/.deploy")).expect("a folder");
    let script = "set -euo pipefail; STATE=.deploy ENV_FILE=none; . scripts/lib.sh; . scripts/deploy/docker.sh; note_sources; cat .deploy/sources.env";
    let label = || {
        let output = Command::new("bash").args(["-c", script]).current_dir(project.path("deploy")).output().expect("bash starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    };
    let first = label();
    // What only an empty volume reads is no reason to stop a server.
    assert!(first.starts_with("DEPLOY_API_SOURCES=") && first.lines().count() == 1 && first.trim_end().len() == 35, "{first}");
    assert_eq!(label(), first);
    project.write("config/a-file.conf", "other");
    assert_ne!(label(), first);
    let compose = std::fs::read_to_string(project.path("deploy/docker-compose.prod.yml")).expect("a file");
    assert!(compose.lines().any(|line| line.contains("infragen.sources:") && line.contains("${DEPLOY_API_SOURCES:-}")), "{compose}");
}
