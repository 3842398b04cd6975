//! What the files say by which package managers know a project: its dependencies, and the scripts of Node.js.

use serde_json::Value;

/// Reads a file of the project by its path from the root.
pub type Text<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Files of Python, whose lines name packages in one form or another.
pub const PYTHON: [&str; 3] = ["requirements.txt", "pyproject.toml", "Pipfile"];

/// Files of other languages, one of which the root of a project has.
pub const OF_OTHERS: [&str; 9] = ["package.json", "composer.json", "Gemfile", "go.mod", "Cargo.toml", "pom.xml", "build.gradle", "build.gradle.kts", "mix.exs"];

/// What a file is called by which an image is built.
pub const DOCKERFILES: [&str; 2] = ["Dockerfile", "Containerfile"];

/// The first of these packages that the files in a folder name as a dependency, and the file's path.
///
/// What stands behind a name in brackets is an extra of Python: `celery[redis]` is that package with that extra.
pub fn depends_on<'n>(text: Text, folder: &str, names: &[&'n str]) -> Option<(&'n str, String)> {
    let path = |file: &str| if folder == "." { file.to_owned() } else { format!("{folder}/{file}") };
    let files = ["package.json", "composer.json", "Gemfile"].into_iter().chain(PYTHON);
    files.map(path).find_map(|path| {
        let content = text(&path)?;
        let name = path.rsplit('/').next().unwrap_or_default();
        let is_there = |wanted: &str| match name {
            "package.json" => has_key(&content, "dependencies", wanted),
            "composer.json" => has_key(&content, "require", wanted),
            "Gemfile" => content.lines().any(|line| line.trim().strip_prefix("gem ").is_some_and(|rest| quoted(rest) == Some(wanted))),
            _ => content.lines().any(|line| line.split(['"', '\'']).any(|piece| is_python(piece, wanted))),
        };
        names.iter().find(|wanted| is_there(wanted)).map(|wanted| (*wanted, path))
    })
}

/// The names of the scripts in a folder's `package.json`; `None` where there is none that can be read.
pub fn scripts(text: Text, folder: &str) -> Option<Vec<String>> {
    let whole: Value = serde_json::from_str(&text(&if folder == "." { "package.json".to_owned() } else { format!("{folder}/package.json") })?).ok()?;
    let scripts = whole.as_object()?.get("scripts").and_then(Value::as_object);
    Some(scripts.into_iter().flatten().map(|(name, _)| name.clone()).collect())
}

fn has_key(content: &str, section: &str, name: &str) -> bool {
    serde_json::from_str::<Value>(content).is_ok_and(|whole| whole.get(section).and_then(|section| section.get(name)).is_some())
}

/// What stands in the first quotes.
fn quoted(text: &str) -> Option<&str> {
    text.split(['"', '\'']).nth(1)
}

/// True for `NAME`, `NAME[EXTRA]>=1` and `NAME = "^1"`.
fn is_python(piece: &str, wanted: &str) -> bool {
    let piece = piece.trim();
    let end = piece.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c))).unwrap_or(piece.len());
    let (name, rest) = piece.split_at(end);
    let (wanted, extra) = wanted.split_once('[').map_or((wanted, None), |(wanted, extra)| (wanted, Some(extra.trim_end_matches(']'))));
    let extras = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')).map(|(extras, _)| extras).unwrap_or_default();
    name.eq_ignore_ascii_case(wanted) && extra.is_none_or(|extra| extras.split(',').any(|known| known.trim() == extra))
}

#[cfg(test)]
mod tests {
    use super::{depends_on, scripts};

    #[test]
    fn dependencies_by_file() {
        let found = |file: &'static str, content: &'static str, names: &[&'static str]| {
            let text = |path: &str| (path == file).then(|| content.to_owned());
            depends_on(&text, "api", names).map(|(name, path)| format!("{name} in {path}"))
        };
        assert_eq!(found("api/package.json", r#"{"dependencies": {"bullmq": "^5"}}"#, &["bull", "bullmq"]).as_deref(), Some("bullmq in api/package.json"));
        assert_eq!(found("api/package.json", r#"{"devDependencies": {"bullmq": "^5"}}"#, &["bullmq"]), None);
        assert!(found("api/composer.json", r#"{"require": {"laravel/horizon": "^5"}}"#, &["laravel/horizon"]).is_some());
        assert!(found("api/Gemfile", "source 'x'\ngem 'sidekiq', '~> 7'\n", &["sidekiq"]).is_some());
        assert!(found("api/Gemfile", "# gem 'sidekiq'\ngem 'sidekiq-cron'\n", &["sidekiq"]).is_none());
        assert!(found("api/requirements.txt", "celery[msgpack, redis]==5\n", &["celery[redis]"]).is_some());
        assert!(found("api/requirements.txt", "celery==5\nrq-dashboard\n# rq\n", &["celery[redis]", "rq"]).is_none());
        assert!(found("api/pyproject.toml", "dependencies = [\"arq>=0.25\", 'x']\n", &["arq"]).is_some());
        assert!(found("api/Pipfile", "rq = \"*\"\n", &["rq"]).is_some());
    }

    #[test]
    fn scripts_of_node() {
        let text = |path: &str| (path == "package.json").then(|| r#"{"scripts": {"start": "node ."}}"#.to_owned());
        assert_eq!(scripts(&text, "."), Some(vec!["start".to_owned()]));
        assert_eq!(scripts(&text, "api"), None);
        assert_eq!(scripts(&|_| Some("{".into()), "."), None);
    }
}
