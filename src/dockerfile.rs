//! What a Dockerfile of the project says of its image: the folder with the code, and what is copied there.

/// The text of a Dockerfile.
pub struct Dockerfile {
    /// Instructions, each on one line, without comments: the word in capitals, and the rest.
    lines: Vec<(String, String)>,
}

impl Dockerfile {
    /// Takes its text apart.
    pub fn new(text: &str) -> Self {
        let whole = text.lines().filter(|line| !line.trim_start().starts_with('#')).collect::<Vec<_>>().join("\n").replace("\\\n", " ");
        let lines = whole.lines().filter_map(|line| line.trim().split_once(char::is_whitespace));
        Self { lines: lines.map(|(word, rest)| (word.to_ascii_uppercase(), rest.trim().to_owned())).collect() }
    }

    /// True if an instruction other than `FROM` has this name in it, so that a build may make it.
    pub fn speaks_of(&self, name: &str) -> bool {
        let is_sign = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        let said = |text: &str| text.split(|c: char| !is_sign(c)).any(|word| word == name);
        self.lines.iter().any(|(word, rest)| !matches!(word.as_str(), "FROM" | "CMD" | "ENTRYPOINT" | "HEALTHCHECK") && said(rest))
    }

    /// True if the whole folder of the build is copied to where commands start.
    pub fn copies_all(&self) -> bool {
        let mut folders: Vec<&str> = self.lines.iter().filter(|(word, _)| word == "WORKDIR").map(|(_, folder)| folder.trim_end_matches('/')).collect();
        folders.dedup();
        let is_there = |to: &str| matches!(to, "." | "./") || folders.first() == Some(&to.trim_end_matches('/'));
        folders.len() < 2 && self.copies().any(|(sources, to)| is_there(to) && sources.iter().any(|source| matches!(*source, "." | "./")))
    }

    /// The folder with the code of a stage, the last one unless named: where commands start, if something is copied there.
    pub fn code(&self, target: Option<&str>) -> Option<&str> {
        let stages: Vec<usize> = self.lines.iter().enumerate().filter(|(_, (word, _))| word == "FROM").map(|(at, _)| at).collect();
        let named = |name: &str| {
            stages.iter().position(|at| self.lines[*at].1.rsplit_once(char::is_whitespace).is_some_and(|(_, last)| last.eq_ignore_ascii_case(name)))
        };
        let mut stage = target.map_or_else(|| stages.len().checked_sub(1), named)?;
        // What a stage does not say, the one that it starts from does.
        let folder = loop {
            let range = stages[stage]..stages.get(stage + 1).copied().unwrap_or(self.lines.len());
            let workdir = self.lines[range.clone()].iter().rev().find(|(word, _)| word == "WORKDIR");
            if let Some((_, folder)) = workdir {
                break folder.trim_end_matches('/');
            }
            let from = self.lines[stages[stage]].1.split_whitespace().find(|word| !word.starts_with("--"))?;
            stage = named(from).filter(|earlier| *earlier < stage)?;
        };
        let is_there =
            |to: &str| to == "." || to == "./" || to.trim_end_matches('/') == folder || to.starts_with(&format!("{folder}/")) || !to.starts_with('/');
        (folder.starts_with('/') && !folder.contains('$') && self.copies().any(|(_, to)| is_there(to))).then_some(folder)
    }

    /// What is copied, and where to.
    fn copies(&self) -> impl Iterator<Item = (Vec<&str>, &str)> {
        self.lines.iter().filter(|(word, _)| word == "COPY" || word == "ADD").filter_map(|(_, rest)| {
            let words = rest.split(|c: char| c.is_whitespace() || "[],\"".contains(c)).filter(|word| !word.is_empty());
            let mut words: Vec<&str> = words.filter(|word| !word.starts_with("--")).collect();
            let to = words.pop()?;
            Some((words, to))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Dockerfile;

    #[test]
    fn the_folder_with_the_code() {
        let code = |text: &str, target| Dockerfile::new(text).code(target).map(str::to_owned);
        assert_eq!(code("FROM ruby:3.3\nWORKDIR /rails\nCOPY . .\n", None).as_deref(), Some("/rails"));
        let stages = "FROM ruby AS base\nWORKDIR /rails\nFROM base AS build\nCOPY . .\nFROM base\nCOPY --from=build /rails /rails\n";
        assert_eq!(code(stages, None).as_deref(), Some("/rails"));
        assert_eq!(code(stages, Some("build")).as_deref(), Some("/rails"));
        assert_eq!(code("FROM x\nWORKDIR /data\nCOPY a /usr/bin/a\n", None), None);
        assert_eq!(code("FROM x\nWORKDIR $HOME\nCOPY . .\n", None), None);
        assert_eq!(code("", None), None);
    }

    #[test]
    fn what_a_build_makes() {
        let file = Dockerfile::new("FROM go\n# bin/api\nRUN make \\\n  bin/server\nCMD [\"bin/web\"]\nWORKDIR /app/\nCOPY [\".\", \"/app\"]\n");
        assert_eq!(["api", "server", "web"].map(|name| file.speaks_of(name)), [false, true, false]);
        assert!(file.copies_all() && !Dockerfile::new("FROM x\nCOPY src .\n").copies_all());
    }
}
