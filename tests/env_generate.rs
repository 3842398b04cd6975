//! `infragen env generate`: what is missing is made, and everything that is there stays.

mod support;

use infragen::envfile::{Draft, parse, quote};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use support::{Project, outcome, text_of};

const FILE: &str = "out/.env.production";
const BACKUP: &str = "out/.env.production.backup";

fn project() -> Project {
    let project = Project::empty();
    project.write("profiles/shop.yaml", text_of("tests/support/env_profile.yaml"));
    project.run("render shop").status(0);
    project
}

fn value(project: &Project, name: &str) -> String {
    parse(&project.read(FILE)).values().get(name).unwrap_or_else(|| panic!("{name} is not set")).to_string()
}

fn mode(project: &Project, path: &str) -> u32 {
    std::fs::metadata(project.path(path)).expect(path).permissions().mode() & 0o777
}

#[test]
fn from_nothing() {
    let project = project();
    let printed = project.run("env generate shop").status(0);
    let words: Vec<(&str, &str)> = printed.stdout.lines().filter_map(|line| line.trim().rsplit_once("  ")).collect();
    let made = [
        ("generated", "DATABASE_PASSWORD"),
        ("composed", "DATABASE_URL"),
        ("to supply", "LICENCE"),
        ("generated", "SECRET_KEY"),
        ("to supply", "SENTRY_DSN"),
        ("generated", "SESSION_KEY"),
    ];
    assert_eq!(words, made, "{printed}");
    assert_eq!(mode(&project, FILE), 0o600);
    assert!(!project.path(BACKUP).exists(), "there was nothing to keep");
    assert_eq!(value(&project, "SECRET_KEY").len(), 64);
    assert!(value(&project, "SESSION_KEY").split('-').count() >= 8);
    assert_eq!(value(&project, "DATABASE_URL"), format!("postgresql://shop:{}@database:5432/shop", value(&project, "DATABASE_PASSWORD")));
    // The example with values: nothing else is another.
    let example = project.read("out/.env.production.example");
    let same = example.lines().zip(project.read(FILE).lines().map(str::to_owned)).filter(|(a, b)| a == b).count();
    assert_eq!(same, example.lines().count() - 4);
    project.run("env check shop").status(1).out("LICENCE is required and has no value").out("SITE_URL is required and has no value");
}

#[test]
fn twice_changes_nothing() {
    let project = project();
    project.run("env generate shop").status(0);
    let (before, stamp) = (project.read(FILE), std::fs::metadata(project.path(FILE)).expect("it is there").ino());
    project.run("env generate shop").status(0).out("out/.env.production: nothing is missing that can be made\n");
    assert_eq!((project.read(FILE), std::fs::metadata(project.path(FILE)).expect("it is there").ino()), (before, stamp));
    assert!(!project.path(BACKUP).exists());
}

#[test]
fn everything_that_is_there_stays() {
    let project = project();
    let odd = "p@ss/w:ord$1'\"# %\\ žluť";
    let written = format!(
        "# mine\r\n\r\nexport SECRET_KEY=\"weak but mine\"   # keep\r\nDATABASE_PASSWORD={}\r\n  DATABASE_URL= \r\nSESSION_KEY=<words>\r\nOLD=1\r\nLICENCE=A\r\nLICENCE=B",
        quote(odd)
    );
    project.write(FILE, &written);
    std::fs::set_permissions(project.path(FILE), PermissionsExt::from_mode(0o644)).expect("a mode");
    project.run("env generate shop").status(0);
    let text = project.read(FILE);
    assert_eq!((mode(&project, FILE), mode(&project, BACKUP)), (0o600, 0o600));
    assert_eq!(project.read(BACKUP), written);
    assert_eq!(value(&project, "DATABASE_URL"), "postgresql://shop:p%40ss%2Fw%3Aord%241%27%22%23%20%25%5C%20%C5%BElu%C5%A5@database:5432/shop");
    // Each line that was there is there still, in its order, but for the two values that were missing.
    let mut lines = text.split("\r\n");
    for line in written.split("\r\n") {
        let found = match line {
            "  DATABASE_URL= " => lines.find(|other| other.starts_with("  DATABASE_URL=postgresql://") && other.ends_with("/shop ")),
            "SESSION_KEY=<words>" => lines.find(|other| other.starts_with("SESSION_KEY=") && other.split('-').count() >= 8),
            line => lines.find(|other| *other == line),
        };
        assert!(found.is_some(), "`{line}` is lost or moved:\n{text}");
    }
    assert!(!text.replace("\r\n", "").contains('\n'), "the lines end as they did");
}

#[test]
fn what_a_changed_profile_adds_lands_beside_its_neighbours() {
    let project = project();
    project.run("env generate shop").status(0);
    let before = project.read(FILE);
    project.edit("profiles/shop.yaml", "SECRET_KEY: {}, ", "SECRET_KEY: {}, SEED: {}, ").edit(
        "profiles/shop.yaml",
        "  SENTRY_DSN: {source",
        "  SEED: {description: Of the dice.}\n  SENTRY_DSN: {source",
    );
    project.edit("profiles/shop.yaml", "      REPORT_TO:", "      COLOUR: {param: {default: red}}\n      REPORT_TO:");
    let printed = project.run("env generate shop").status(0).stdout;
    assert!(printed.contains(" generated  SEED\n") && printed.contains("     added  COLOUR\n"), "{printed}");
    let text = project.read(FILE);
    let place = |part: &str| text.find(part).unwrap_or_else(|| panic!("{part} is not in\n{text}"));
    assert!(place("\nSECRET_KEY=") < place("# Of the dice.") && place("\nSEED=") < place("SENTRY_DSN="), "{text}");
    assert!(place("# WAIT_FOR=") < place("# COLOUR=red") && place("# COLOUR=red") < place("# REPORT_TO="), "{text}");
    // Taking the new lines out leaves the file as it was.
    let mut rest = text.clone();
    for (name, first) in [("\nSEED=", "# Of the dice."), ("\n# COLOUR=red", "# Optional; read by web.\n# COLOUR")] {
        let (start, line) = (rest.find(first).expect(first), rest.find(name).expect(name) + 1);
        let end = line + rest[line..].find('\n').expect("a line") + 1;
        rest.replace_range(start - 1..end, "");
    }
    assert_eq!(rest, before);
    // A variable that is gone from the profile is its owner's to remove.
    project.edit("profiles/shop.yaml", "SESSION_KEY: {}, ", "");
    project.run("env generate shop").status(0);
    assert_eq!(project.read(FILE), text);
}

#[test]
fn lines_that_decide_elsewhere_are_left_to_people() {
    let project = project();
    for line in ["SECRET_KEY=$OTHER\n", "SECRET_KEY\n", "SECRET_KEY=\nSECRET_KEY=\n", "SECRET_KEY='\n"] {
        project.write(FILE, line);
        project.run("env generate shop").status(0);
        let text = project.read(FILE);
        assert!(text.contains(line) && text.matches("SECRET_KEY").count() == line.matches("SECRET_KEY").count(), "{line}: {text}");
    }
    // Nothing is composed of a password that is not known.
    project.write(FILE, "DATABASE_PASSWORD=$OTHER\nDATABASE_URL=\n");
    project.run("env generate shop").status(0);
    assert_eq!(value(&project, "DATABASE_URL"), "");
}

#[test]
fn kinds_and_lengths() {
    let project = project();
    for (kind, length, is_right) in [
        ("hex", 33, (|text: &str| text.len() == 33 && text.bytes().all(|b| b.is_ascii_hexdigit())) as fn(&str) -> bool),
        ("urlsafe", 40, |text| text.len() == 40 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)) && !text.starts_with('-')),
        ("base64", 44, |text| text.len() == 44 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/".contains(&b))),
        ("words", 80, |text| text.len() >= 80 && text.len() < 92 && text.split('-').all(|word| word.len() > 2)),
    ] {
        let profile = text_of("tests/support/env_profile.yaml").replace("generate: {length: 64}", &format!("generate: {{kind: {kind}, length: {length}}}"));
        project.write("profiles/shop.yaml", profile);
        let mut seen = Vec::new();
        for _ in 0..3 {
            let _ = std::fs::remove_file(project.path(FILE));
            project.run("env generate shop").status(0);
            let value = value(&project, "SECRET_KEY");
            assert!(is_right(&value) && !seen.contains(&value), "{kind}: {value}");
            seen.push(value);
        }
    }
}

#[test]
fn another_file() {
    let project = project();
    project.run("env generate shop --out values").status(0).out("values: ");
    assert_eq!((mode(&project, "values"), project.path(FILE).exists()), (0o600, false));
    project.run("env generate shop --out nowhere/values").status(2).err("cannot use the folder of `nowhere/values`");
}

#[test]
fn nothing_is_lost() {
    let project = project();
    // A link, a folder, and what is no text.
    project.write("real", "SECRET_KEY=\n");
    std::os::unix::fs::symlink(project.path("real"), project.path(FILE)).expect("a link");
    project.run("env generate shop").status(2).err("is a symbolic link").err("--out");
    assert_eq!(project.read("real"), "SECRET_KEY=\n");
    std::fs::remove_file(project.path(FILE)).expect("a link");
    for content in [b"SECRET_KEY=\0".as_slice(), b"\xff\xfe"] {
        project.write(FILE, content);
        project.run("env generate shop").status(2).err("holds bytes that are no text");
        assert_eq!(std::fs::read(project.path(FILE)).expect("it is there"), content);
    }
    project.write(FILE, "A=1\n".repeat(1 << 20));
    project.run("env generate shop").status(2).err("is larger than 256 KiB");
    // A disk that is full in the middle of a write.
    project.write(FILE, "SECRET_KEY=\n");
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", "trap '' XFSZ; ulimit -f 1; exec \"$0\" env generate shop", support::PROGRAM]).current_dir(project.path("")).env_clear();
    outcome(&mut shell).status(2).err("error[io-error]: cannot write `out/.env.production`");
    assert_eq!(project.read(FILE), "SECRET_KEY=\n");
    // Somebody saves the file meanwhile.
    let draft = Draft::open(&project.path(FILE), FILE).expect("it is read");
    project.write(FILE, "SECRET_KEY=theirs\n");
    let error = draft.replace("SECRET_KEY=ours\n").expect_err("it was changed");
    assert_eq!((error.code, project.read(FILE).as_str()), ("changed-meanwhile", "SECRET_KEY=theirs\n"));
    let left: Vec<String> = project.tree("out").into_keys().filter(|name| name.contains(".infragen-")).collect();
    assert!(left.is_empty() && !project.path(BACKUP).exists(), "{left:?}");
}

#[test]
fn two_at_once_leave_one_complete_file() {
    let project = project();
    let mut running: Vec<_> = (0..4)
        .map(|_| project.command("env generate shop").stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn().expect("it starts"))
        .collect();
    assert!(running.iter_mut().all(|one| one.wait().expect("it ends").success()));
    assert_eq!(value(&project, "DATABASE_URL"), format!("postgresql://shop:{}@database:5432/shop", value(&project, "DATABASE_PASSWORD")));
    assert!(!project.path(BACKUP).exists(), "who came later found everything made");
}

/// What infragen makes, infragen is content with.
#[test]
fn every_shipped_profile_is_clean() {
    let project = Project::shipped();
    let names: Vec<String> =
        project.tree("profiles").into_keys().filter_map(|file| file.strip_suffix(".yaml").filter(|name| *name != "base").map(str::to_owned)).collect();
    assert!(names.len() >= 4);
    for name in &names {
        project.run(&format!("render {name}")).status(0);
        project.run(&format!("env generate {name}")).status(0);
        project.run(&format!("env check {name}")).status(0).quiet();
    }
    // The template of development works as it is copied.
    std::fs::copy(project.path("deploy/development/.env.development.example"), project.path("deploy/development/.env.development")).expect("a copy");
    std::fs::set_permissions(project.path("deploy/development/.env.development"), PermissionsExt::from_mode(0o600)).expect("a mode");
    assert_eq!(project.run("env check development").status(0).quiet().stdout, "deploy/development/.env.development: complete\n");
    // And rendering never touches what is filled in.
    let before = project.read("deploy/production/.env.production");
    project.run("render production --force --prune").status(0);
    assert_eq!(project.read("deploy/production/.env.production"), before);
}
