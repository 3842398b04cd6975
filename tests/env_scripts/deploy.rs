//! `scripts/deploy_prod.sh docker` without an engine: what it refuses, and that it then changes nothing. `tests/e2e/deploy.py` asks the rest.

use crate::support::{Outcome, Project, finish, text_of};
use crate::{cleared, put, rendered};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

const PROFILE: &str = "\
version: 1
project: {name: shop}
environment: {kind: production}
services:
  web:
    kind: web
    image: {name: example/web, tag: '1.0'}
    build: {runtime: python, version: '3.12', package_manager: pip, context: app, secrets: [INDEX_TOKEN]}
    run: {server: uvicorn, app: 'app:app'}
    port: 8080
    health: {ready: /ready}
    resources: {limits: {cpu: 2, memory: 512Mi}}
    env: {DATABASE_URL: {from: database.url}}
  worker: {kind: worker, image: {name: example/worker, tag: '7'}, command: [work], health: {command: [check]}}
backing_services:
  database: {kind: postgres, version: '17', database: shop, user: shop}
edge:
  hosts: {shop.example.com: {routes: {/: {service: web}}}}
  tls: {kind: files}
secrets: {INDEX_TOKEN: {source: external}}
targets: {docker: {}, compose: {}, nginx: {}, dotenv: {}, scripts: {}}
";

/// Answers as an engine on which nothing runs, and notes what it was asked to change. Files in `fake/` make it fail.
const DOCKER: &str = r#"#!/bin/bash
here=$(dirname "$0")
words=" $* "
case $words in
    ' info '*) [[ ! -e $here/no-engine ]] && cat "$here/info" ;;
    ' compose version '*) [[ ! -e $here/no-compose ]] && echo 2.26.1 ;;
    ' compose create --help '*) [[ -e $here/old-compose ]] || echo '  --scale scale' ;;
    ' compose config --help '*) echo '  --hash string' ;;
    *' config ') echo 'name: shop' ;;
    ' ps '*) ;;
    ' buildx version '*) echo v0.12 ;;
    ' image inspect '*) [[ -e $here/has-images ]] && echo sha256:1 ;;
    *) echo "$*" >> "$here/changes"; [[ $* == *" ps" ]] || exit 1 ;;
esac
"#;

/// What is said, and how the host is spoiled.
type Case<'a> = (&'a str, &'a dyn Fn(&Host));

/// A host on which everything is right.
struct Host {
    project: Project,
    ports: [u16; 2],
}

impl Host {
    fn new() -> Self {
        let project = rendered(PROFILE);
        project.write("app/requirements.txt", "").write("fake/docker", DOCKER).write("fake/info", "4 8589934592 /nowhere\n");
        std::fs::set_permissions(project.path("fake/docker"), PermissionsExt::from_mode(0o755)).expect("a mode");
        project.run("env generate prod").status(0);
        // Ports that nobody listens on.
        let free = || TcpListener::bind("127.0.0.1:0").expect("a port");
        let (one, two) = (free(), free());
        let ports = [&one, &two].map(|listener| listener.local_addr().expect("an address").port());
        let host = Self { project, ports };
        let text = host.project.read("deploy/.env.production").replace("INDEX_TOKEN=", "INDEX_TOKEN=tok-5f2c9a7e")
            + &format!("HTTP_PORT={}\nHTTPS_PORT={}\n", ports[0], ports[1]);
        put(&host.project, ".env.production", text);
        host.certificate("shop.example.com", "tls.key", 90);
        host
    }

    /// A key in `secrets/KEY`, and its certificate in `secrets/tls.crt`.
    fn certificate(&self, name: &str, key: &str, days: u32) {
        std::fs::create_dir_all(self.project.path("deploy/secrets")).expect("a folder");
        let line = format!(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days {days} -subj /CN={name} -addext subjectAltName=DNS:{name} -keyout {key} -out tls.crt"
        );
        let output = Command::new("openssl").args(line.split(' ')).current_dir(self.project.path("deploy/secrets")).output().expect("openssl");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    fn command(&self, arguments: &str) -> Command {
        let mut command = cleared("bash", &self.project.path("deploy"), &["scripts/deploy_prod.sh"]);
        command.args(arguments.split_whitespace());
        let path = std::env::var("PATH").unwrap_or_default();
        command.env("PATH", format!("{}:{path}", self.project.path("fake").display()));
        command
    }

    fn run(&self, arguments: &str) -> Outcome {
        finish(&self.command(arguments).output().expect("it starts"))
    }

    /// What the engine was asked to change.
    fn changes(&self) -> String {
        std::fs::read_to_string(self.project.path("fake/changes")).unwrap_or_default()
    }

    fn fake(&self, name: &str) -> &Self {
        self.project.write(&format!("fake/{name}"), "");
        self
    }

    #[track_caller]
    fn refuses(&self, arguments: &str, why: &str) {
        let outcome = self.run(arguments);
        assert!(outcome.status == 2 && outcome.stderr.contains(why), "`{why}`: {outcome}");
        assert_eq!(outcome.stdout, "", "nothing but messages");
        assert_eq!(self.changes(), "", "{why}: nothing was changed");
    }
}

#[test]
#[ignore = "needs bash"]
fn arguments_that_are_none() {
    let host = Host::new();
    for (arguments, why) in [
        ("", "Exit status: 0 done"),
        ("kubernetes", "kubernetes is no mode here: docker"),
        ("docker --rollback", "--rollback is no option of this mode; see --help"),
        ("docker later", "later is no option of this mode"),
        ("docker --tag", "--tag takes the tag of an image"),
        ("docker --tag a:b", "--tag takes the tag of an image"),
        ("docker --tag $(id)", "--tag takes the tag of an image"),
        ("docker rollback", "there is no release before this one"),
    ] {
        host.refuses(arguments, why);
    }
    for help in ["--help", "docker --help", "docker rollback -h"] {
        let outcome = host.run(help);
        assert!(outcome.status == 0 && outcome.stdout.contains("scripts/deploy_prod.sh docker") && outcome.stderr.is_empty(), "{outcome}");
    }
}

#[test]
#[ignore = "needs bash"]
fn a_host_on_which_something_is_wrong() {
    let cases: &[Case] = &[
        ("the engine does not answer", &|host| {
            host.fake("no-engine");
        }),
        ("Compose v2 is needed", &|host| {
            host.fake("no-compose");
        }),
        ("Compose 2.26.1 is too old", &|host| {
            host.fake("old-compose");
        }),
        ("web may use 2 CPUs, and this host has 1", &|host| {
            host.project.write("fake/info", "1 8589934592 /nowhere\n");
        }),
        ("this host has 512\nerror: Go on all the same? Nobody is there to ask", &|host| {
            host.project.write("fake/info", "4 536870912 /nowhere\n");
        }),
        ("has 7 MiB left, and 1024 are needed for images", &|host| {
            host.project.write("fake/info", format!("4 8589934592 {}\n", host.project.path("fake").display()));
            host.project.write("fake/df", "#!/bin/sh\necho head\necho '/dev/x 1 1 7500 99% /'\n");
            std::fs::set_permissions(host.project.path("fake/df"), PermissionsExt::from_mode(0o755)).expect("a mode");
        }),
        (".env.production is not right", &|host| std::fs::remove_file(host.project.path("deploy/.env.production")).expect("it was there")),
        (".env.production is not right", &|host| put(&host.project, ".env.production", "A=\n")),
        ("WEB_TAG in .env.production is no tag of an image", &|host| {
            put(&host.project, ".env.production", host.project.read("deploy/.env.production") + "WEB_TAG='a b'\n");
        }),
        ("secrets/tls.key is missing", &|host| std::fs::remove_file(host.project.path("deploy/secrets/tls.key")).expect("it was there")),
        ("secrets/tls.crt is no certificate", &|host| {
            host.project.write("deploy/secrets/tls.crt", "x");
        }),
        ("secrets/tls.key is no private key", &|host| {
            host.project.write("deploy/secrets/tls.key", "x");
        }),
        ("secrets/tls.key is not the key of secrets/tls.crt", &|host| host.certificate("shop.example.com", "other.key", 90)),
        ("secrets/tls.crt is not for shop.example.com", &|host| host.certificate("other.example.com", "tls.key", 90)),
        ("expires within 14 days: renew it\nerror: Go on all the same? Nobody is there to ask", &|host| host.certificate("shop.example.com", "tls.key", 13)),
    ];
    for (why, spoil) in cases {
        let host = Host::new();
        spoil(&host);
        host.refuses("docker", why);
    }
    let host = Host::new();
    let _taken = TcpListener::bind(("127.0.0.1", host.ports[1])).expect("it was free");
    host.refuses("docker", &format!("port {} is taken by another program", host.ports[1]));
    std::fs::remove_dir_all(host.project.path("app")).expect("it was there");
    host.refuses("docker --build", "its source, ../app, is not here");
    // All at once.
    host.fake("no-engine").project.write("deploy/secrets/tls.crt", "x");
    let outcome = host.run("docker");
    assert!(outcome.stderr.contains("the engine does not answer") && outcome.stderr.contains("is no certificate"), "{outcome}");
    assert!(outcome.stderr.ends_with("nothing was changed; 2 to be put right first\n"), "{outcome}");
}

#[test]
#[ignore = "needs bash"]
fn docker_is_not_there() {
    let host = Host::new();
    std::fs::remove_file(host.project.path("fake/docker")).expect("it was there");
    for folder in ["/usr/bin", "/bin"] {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let name = entry.file_name();
            if !name.to_string_lossy().starts_with("docker") {
                let _there_already = std::os::unix::fs::symlink(entry.path(), host.project.path("fake").join(name));
            }
        }
    }
    for arguments in ["docker", "docker status"] {
        let outcome = finish(&host.command(arguments).env("PATH", host.project.path("fake")).output().expect("it starts"));
        assert!(outcome.status == 2 && outcome.stderr.contains("docker is needed: install Docker Engine"), "{outcome}");
    }
}

#[test]
#[ignore = "needs bash"]
fn nothing_is_changed_before_images_are_there() {
    let host = Host::new();
    host.project.write("deploy/hooks/before_deploy", "#!/bin/sh\nexit 3\n");
    std::fs::set_permissions(host.project.path("deploy/hooks/before_deploy"), PermissionsExt::from_mode(0o755)).expect("a mode");
    host.refuses("docker", "hooks/before_deploy failed: nothing was changed");
    std::fs::remove_file(host.project.path("deploy/hooks/before_deploy")).expect("it was there");
    let before = host.project.tree("deploy/secrets");
    for (arguments, why, asked) in [
        ("docker", "example/worker:7 cannot be pulled", "pull --quiet example/worker:7\n"),
        // The images that the profile builds, and no other.
        ("docker --pull --tag 2.0", "example/web:2.0 cannot be pulled", "pull --quiet example/web:2.0\n"),
    ] {
        let outcome = host.run(arguments);
        assert!(outcome.status == 2 && outcome.stderr.contains(why), "{outcome}");
        assert_eq!(host.changes(), asked);
        std::fs::remove_file(host.project.path("fake/changes")).expect("it was there");
    }
    let outcome = host.fake("has-images").run("docker --tag 2.0");
    assert!(outcome.status == 2 && outcome.stderr.contains("web: 2.0") && outcome.stderr.contains("the image cannot be built"), "{outcome}");
    assert!(host.changes().ends_with("build --quiet web\n"), "{}", host.changes());
    assert_eq!(host.project.tree("deploy/secrets"), before);
}

/// Where images are pulled, nobody has to know it.
#[test]
#[ignore = "needs bash"]
fn what_only_a_build_reads_is_asked_for_where_one_is_built() {
    let host = Host::new();
    put(&host.project, ".env.production", host.project.read("deploy/.env.production").replace("INDEX_TOKEN=tok-5f2c9a7e", "INDEX_TOKEN="));
    host.refuses("docker", "the build of example/web:1.0 needs INDEX_TOKEN, which has no value in .env.production");
    let outcome = host.run("docker --pull");
    assert!(outcome.status == 2 && outcome.stderr.contains("example/web:1.0 cannot be pulled") && !outcome.stderr.contains("INDEX_TOKEN"), "{outcome}");
    assert_eq!(host.changes(), "pull --quiet example/web:1.0\n");
    let checked = host.project.run("env check prod");
    assert!(checked.status == 0 && checked.stdout.contains("info[to-be-supplied]: INDEX_TOKEN"), "{checked}");
}

#[test]
#[ignore = "needs bash"]
fn one_at_a_time() {
    let host = Host::new();
    host.project.write("deploy/.deploy/lock", "");
    let mut holder = Command::new("flock").arg(host.project.path("deploy/.deploy/lock")).args(["sleep", "30"]).spawn().expect("flock");
    let locked = || !Command::new("flock").arg("--nonblock").arg(host.project.path("deploy/.deploy/lock")).arg("true").status().expect("flock").success();
    assert!((0..100).any(|_| locked() || {
        std::thread::sleep(std::time::Duration::from_millis(20));
        false
    }));
    host.refuses("docker", "another deployment is running in this folder");
    host.refuses("docker rollback", "another deployment is running in this folder");
    // To look is always allowed.
    host.run("docker status").status(0).err("nothing of shop runs here");
    holder.kill().expect("it runs");
    holder.wait().expect("it ends");
}

#[test]
#[ignore = "needs bash"]
fn compose_knows_the_release() {
    let host = Host::new();
    let run = |variable: &str| {
        let mut command = cleared("bash", &host.project.path("deploy"), &["scripts/compose.sh", "run", "--rm", "a b"]);
        let path = std::env::var("PATH").unwrap_or_default();
        finish(&command.env("PATH", format!("{}:{path}", host.project.path("fake").display())).env("WEB_TAG", variable).output().expect("it starts"))
    };
    host.project.write("fake/docker", "#!/bin/sh\nprintf '<%s>' \"$@\" \"$WEB_TAG\"\n");
    let plain = "<compose><--env-file><.env.production><--file><docker-compose.prod.yml><run><--rm><a b><mine>";
    assert_eq!(run("mine").stdout, plain, "before the first deployment");
    host.project.write("deploy/.deploy/secrets.env", "").write("deploy/.deploy/release.env", "WEB_TAG=2\n");
    let noted = "<compose><--env-file><.env.production><--env-file><.deploy/secrets.env><--env-file><.deploy/release.env><--file><docker-compose.prod.yml>\
                 <run><--rm><a b><>";
    assert_eq!(run("mine").stdout, noted, "what the shell has would win over the files");
}

/// A label of a container may be looked at by anybody who may ask the engine: it must not be a test for guesses.
#[test]
#[ignore = "needs bash"]
fn labels_follow_secrets_and_give_nothing_away() {
    let project = rendered(&text_of("tests/support/env.yaml"));
    let install = || {
        let outcome = finish(&cleared("bash", &project.path("deploy"), &["scripts/install_secrets.sh", "--quiet"]).output().expect("it starts"));
        (outcome.status == 0).then(|| project.read("deploy/.deploy/secrets.env"))
    };
    let text: String = crate::good();
    put(&project, ".env.production", &text);
    let Some(first) = install() else {
        println!("skip  labels of secrets  (not root)");
        return;
    };
    assert_eq!(install().as_deref(), Some(first.as_str()), "nothing has changed");
    let key = project.read("deploy/.deploy/key");
    assert_eq!(key.len(), 64, "32 bytes");
    let mode = std::fs::metadata(project.path("deploy/.deploy/key")).expect("it is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let changed: Vec<String> = text.lines().map(|line| if line.starts_with("SALT=") { format!("{line}x\n") } else { format!("{line}\n") }).collect();
    put(&project, ".env.production", changed.concat());
    let second = install().expect("as before");
    let other: Vec<&str> = first.lines().zip(second.lines()).filter(|(a, b)| a != b).map(|(a, _)| a.split('=').next().unwrap_or_default()).collect();
    assert_eq!(other, ["DEPLOY_API_SECRETS"], "its reader, and nobody else");
    project.write("deploy/.deploy/key", "another");
    let third = install().expect("as before");
    assert!(second.lines().zip(third.lines()).all(|(a, b)| a != b), "without the key nobody can try a guess");
}
