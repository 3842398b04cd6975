//! A rendered deployment, a cluster of files, and programs that stand in for others.

use crate::support::{Project, repository, text_of};
use infragen::envfile::quote;
use serde_json::Value;
use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// What people and programs take for passwords.
const ODD: &[&str] = &[
    "p@ss/w:ord$1'\"# %\\ žluťoučký",
    " Spaces outside ",
    "line one\nline two\n\n",
    "$(id)`id`${HOME}$$",
    "ends in a backslash\\",
    "\ttab\u{1}\u{7f}\u{1b}[0m",
    "🦀中\u{a0}\u{2028}",
    "-n",
    "%s%d\\n\\x41",
    "{\"a\": [1, '&']}",
    "a\r\nb",
];

/// A deployment of `tests/deploy_k8s/shop.yaml`.
pub struct Stage {
    project: Project,
    values: BTreeMap<String, String>,
    kustomize: PathBuf,
}

/// How the script ended; without a status it was killed.
pub struct Outcome {
    pub status: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "status {:?}\n--- stdout\n{}--- stderr\n{}", self.status, self.stdout, self.stderr)
    }
}

/// A program of the folder for tools, or of the path.
fn tool(name: &str) -> Option<PathBuf> {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")));
    let folders = cache.map(|cache| cache.join("infragen/tools/bin")).into_iter();
    let path = std::env::var_os("PATH").unwrap_or_default();
    folders.chain(std::env::split_paths(&path)).map(|folder| folder.join(name)).find(|file| file.is_file())
}

impl Stage {
    /// Everything in place and nothing deployed; `None` without kustomize, which builds what is applied.
    pub fn new() -> Option<Self> {
        Self::of(&[], |text| text)
    }

    /// The same of another profile, with values of more secrets.
    pub fn of(more: &[(&str, &str)], change: fn(String) -> String) -> Option<Self> {
        let Some(kustomize) = tool("kustomize") else {
            println!("skip  deploy k8s  (kustomize is not installed)");
            return None;
        };
        let project = Project::empty();
        let odd = (0..ODD.len()).map(|at| format!("  ODD_{at}: {{source: external, min_length: 1}}\n")).collect::<Vec<_>>().concat();
        let read = (0..ODD.len()).map(|at| format!(", ODD_{at}: {{}}")).collect::<Vec<_>>().concat();
        let profile = text_of("tests/deploy_k8s/shop.yaml").replace("  # ODD\n", &odd).replace("NOTE: {}", &format!("NOTE: {{}}{read}"));
        project.write("profiles/shop.yaml", change(profile));
        project.run("render shop").status(0);
        std::fs::rename(project.path("deploy/shop"), project.path("deploy it")).expect("a folder");
        let mut values: BTreeMap<String, String> = ODD.iter().enumerate().map(|(at, text)| (format!("ODD_{at}"), (*text).to_owned())).collect();
        let url = "redis://:Kw3-vZr8_nQ5xTb1@cache:6379/0";
        for (name, value) in [("KEY", "Wq7-xTz9_pL2kVb4Wn6-dRf8_hJ3mXc5"), ("CACHE_PASSWORD", "Kw3-vZr8_nQ5xTb1"), ("CACHE_URL", url)] {
            values.insert(name.into(), value.into());
        }
        values.extend(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let stage = Self { project, values, kustomize };
        stage.put_env("GREETING=\"good & \\\"ill\\\"\\ttab\"\n");
        stage.project.write("deploy it/secrets/tls.crt", "certificate\n").write("deploy it/secrets/tls.key", "the key of tls\n");
        for hook in ["before_deploy", "backup", "test", "notify"] {
            stage.hook(hook, "true");
        }
        // Nothing is worth waiting for.
        stage.program("sleep", "PATH=/bin:/usr/bin exec sleep 0.1");
        // The program itself and not what chooses one, which takes longer than the rest.
        let python = Command::new("python3").args(["-c", "import sys; print(sys.executable)"]).output().expect("Python starts");
        let python = String::from_utf8_lossy(&python.stdout).trim().to_owned();
        stage.program("kubectl", &format!("exec {python} -IS '{}' \"$@\"", repository("tests/deploy_k8s/kubectl").display()));
        stage.project.write("cluster/calls", "");
        Some(stage)
    }

    /// The env file with other lines.
    pub fn put_env(&self, lines: &str) {
        let text = self.values.iter().map(|(name, value)| format!("{name}={}\n", quote(value))).collect::<Vec<_>>().concat();
        self.executable("deploy it/.env.production", &(text + lines), 0o600);
    }

    /// A hook that notes that it ran, and then does something.
    pub fn hook(&self, name: &str, does: &str) {
        let text = format!("#!/bin/sh\necho \"hook {name} $*\" >> \"$FAKE/calls\"\n{does}\n");
        self.executable(&format!("deploy it/hooks/{name}"), &text, 0o755);
    }

    fn program(&self, name: &str, does: &str) {
        self.executable(&format!("programs/{name}"), &format!("#!/bin/sh\n{does}\n"), 0o755);
    }

    fn executable(&self, path: &str, text: &str, mode: u32) {
        self.project.write(path, text);
        std::fs::set_permissions(self.project.path(path), PermissionsExt::from_mode(mode)).expect("a mode");
    }

    /// Lets the cluster misbehave, or be as it should with an empty text.
    pub fn set(&self, name: &str, text: &str) -> &Self {
        self.project.write(&format!("cluster/{name}"), text);
        self
    }

    /// Runs `scripts/deploy_prod.sh k8s`. Whatever happens, no value of a secret is in an output or in a list of arguments.
    #[track_caller]
    pub fn run(&self, arguments: &str) -> Outcome {
        self.project.write("cluster/calls", "").write("cluster/input", "");
        let mut command = Command::new("bash");
        command.arg("scripts/deploy_prod.sh").arg("k8s").args(arguments.split_whitespace()).current_dir(self.project.path("deploy it"));
        command.stdin(Stdio::null()).env_clear().env("FAKE", self.project.path("cluster")).env("KUSTOMIZE", &self.kustomize);
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::iter::once(self.project.path("programs")).chain(std::env::split_paths(&path));
        command.env("PATH", std::env::join_paths(folders).expect("a path")).process_group(0);
        let output = command.output().expect("bash starts");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let outcome = Outcome { status: output.status.code(), stdout: text(&output.stdout), stderr: text(&output.stderr) };
        let calls = self.calls().join("\n");
        assert!(!calls.contains("unknown call") && !outcome.stderr.contains("unknown call"), "{outcome}");
        for value in self.values.values().filter(|value| value.len() > 4) {
            let seen = [&outcome.stdout, &outcome.stderr, &calls].iter().any(|text| text.contains(value.as_str()) || text.contains(&base64(value.as_bytes())));
            assert!(!seen, "a secret can be seen: {value}\n{outcome}\n{calls}");
        }
        outcome
    }

    /// What the script called, in order: arguments as JSON, or `hook NAME ...`.
    pub fn calls(&self) -> Vec<String> {
        self.project.read("cluster/calls").lines().map(str::to_owned).collect()
    }

    /// All that came on a standard input.
    pub fn input(&self) -> String {
        self.project.read("cluster/input")
    }

    /// The kinds of what came on a standard input, for each call.
    pub fn applied(&self) -> Vec<String> {
        let kinds = |text: &str| {
            let of_json = serde_json::from_str::<Value>(text).ok().and_then(|object| object["kind"].as_str().map(str::to_owned));
            of_json.unwrap_or_else(|| text.lines().filter_map(|line| line.strip_prefix("kind: ")).collect::<Vec<_>>().join(" "))
        };
        self.input().split('\u{1e}').filter(|text| !text.trim().is_empty()).map(kinds).collect()
    }

    /// A path in the project.
    pub fn path(&self, path: &str) -> PathBuf {
        self.project.path(path)
    }

    /// An object of the cluster; null if there is none.
    pub fn object(&self, kind: &str, name: &str) -> Value {
        let text = std::fs::read_to_string(self.project.path(&format!("cluster/objects/{kind}/{name}"))).unwrap_or_else(|_| "null".into());
        serde_json::from_str(&text).expect("JSON")
    }

    /// Puts an object there, as somebody else might.
    pub fn put_object(&self, kind: &str, name: &str, text: &str) {
        self.project.write(&format!("cluster/objects/{kind}/{name}"), text);
    }

    /// Takes an object away.
    pub fn remove(&self, kind: &str, name: &str) {
        std::fs::remove_file(self.project.path(&format!("cluster/objects/{kind}/{name}"))).expect("it was there");
    }

    /// The lock in somebody's hands, as text.
    pub fn lease(holder: &str) -> String {
        let spec = serde_json::json!({"holderIdentity": holder, "acquireTime": "2026-01-02T03:04:05.000000Z"});
        serde_json::json!({"kind": "Lease", "metadata": {"name": "shop-deploy", "resourceVersion": "70"}, "spec": spec}).to_string()
    }

    /// Gives the lock to somebody.
    pub fn lock(&self, holder: &str) {
        self.put_object("Lease", "shop-deploy", &Self::lease(holder));
    }

    /// The tag that the web service runs with; empty if it is not there.
    pub fn tag(&self) -> String {
        self.object("Deployment", "web")["image"].as_str().unwrap_or_default().rsplit(':').next().unwrap_or_default().to_owned()
    }

    /// Everything in the cluster but the lock.
    pub fn objects(&self) -> BTreeMap<String, Vec<u8>> {
        let mut objects = self.project.tree("cluster/objects");
        objects.retain(|path, _| !path.starts_with("Lease/"));
        objects
    }

    /// Who has the lock.
    pub fn holder(&self) -> Value {
        self.object("Lease", "shop-deploy")["spec"]["holderIdentity"].clone()
    }

    /// The files that the repository has.
    pub fn committed(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = self.project.tree("deploy it");
        files.retain(|path, _| !path.starts_with(".deploy/"));
        files
    }

    /// The value of a secret.
    pub fn values(&self) -> &BTreeMap<String, String> {
        &self.values
    }

    /// Changes a rendered file.
    pub fn edit(&self, path: &str, from: &str, to: &str) {
        self.project.edit(&format!("deploy it/{path}"), from, to);
    }

    /// Another machine: this folder has no memory.
    pub fn forget(&self) {
        let _ = std::fs::remove_dir_all(self.project.path("deploy it/.deploy"));
    }

    /// Keeps the cluster and what is noted beside the files under a name, or brings them back.
    pub fn keep(&self, name: &str) {
        self.copy(&[("cluster", &format!("kept/{name}/cluster")), ("deploy it/.deploy", &format!("kept/{name}/notes"))]);
    }

    /// See [`Self::keep`].
    pub fn restore(&self, name: &str) {
        self.copy(&[(&format!("kept/{name}/cluster"), "cluster"), (&format!("kept/{name}/notes"), "deploy it/.deploy")]);
    }

    fn copy(&self, pairs: &[(&str, &str)]) {
        for (from, to) in pairs {
            let to = self.project.path(to);
            let _ = std::fs::remove_dir_all(&to);
            std::fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
            crate::support::copy(&self.project.path(from), &to);
        }
    }
}

/// In base64, as a Secret has it.
pub fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for part in bytes.chunks(3) {
        let number = part.iter().fold(0_usize, |number, byte| (number << 8) | usize::from(*byte)) << (8 * (3 - part.len()));
        for at in 0..4 {
            text.push(if at > part.len() { '=' } else { char::from(LETTERS[(number >> (18 - 6 * at)) & 63]) });
        }
    }
    text
}
