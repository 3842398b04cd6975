//! What one run of a command shares: the pipeline, the folder it runs in, what it prints.

use super::{Status, terminal};
use crate::diagnostics::text::{self, Looks};
use crate::diagnostics::{self, Diagnostic};
use crate::pipeline::Pipeline;
use crate::plan::{Lock, Output};
use crate::profile::{self, Located};
use std::io::Write;
use std::path::{Path, PathBuf};

/// A profile that a command is about.
pub struct Chosen {
    /// Where it is.
    pub located: Located,
    /// The word that named it, or would name it here: commands that are shown name it so, too.
    word: String,
}

impl Chosen {
    /// A profile that is not there any more: named by its name where it was in `profiles/`.
    pub fn gone(lock: &Lock, file: PathBuf, root: &Path, cwd: &Path) -> Self {
        let word = if lock.from.is_some() { file.strip_prefix(cwd).unwrap_or(&file).display().to_string() } else { lock.profile.clone() };
        Self { located: Located { name: lock.profile.clone(), file, root: root.to_owned() }, word }
    }

    /// True if a word of the command line means this profile.
    pub fn is(&self, word: &str) -> bool {
        self.word == word
    }

    /// The profile as a word of a shell's command line.
    pub fn word(&self) -> String {
        shell_word(&self.word)
    }
}

/// A text as a word of a shell's command line, and never as an option.
pub fn shell_word(text: &str) -> String {
    let text = if text.starts_with('-') { format!("./{text}") } else { text.to_owned() };
    // No path and no argument holds what a shell cannot: a NUL.
    crate::render::escape::shell::word(&text).map(std::borrow::Cow::into_owned).unwrap_or_default()
}

/// One run.
pub struct Run {
    /// The flow from profiles to files.
    pub pipeline: Pipeline,
    /// The folder that the command was started in.
    pub cwd: PathBuf,
    /// What stdout shows.
    pub looks: Looks,
    /// What failed so far: formats for programs have it, too.
    pub failures: Vec<Diagnostic>,
    stdout_failed: Option<std::io::Error>,
    worst: Status,
}

impl Run {
    pub fn new() -> Result<Self, Diagnostic> {
        let cwd = std::env::current_dir()
            .map_err(|error| Diagnostic::error("io-error", format!("the current folder cannot be used: {}", diagnostics::io_reason(&error))))?;
        let mut pipeline = Pipeline::new(&cwd);
        pipeline.sources.hidden_from = Some(crate::report::hidden_from);
        if let Some((top, below)) = crate::plan::place(&cwd) {
            (pipeline.sources.top, pipeline.sources.below_top) = (top, below);
        }
        Ok(Self { pipeline, looks: terminal::stdout(), cwd, failures: Vec::new(), stdout_failed: None, worst: Status::Clean })
    }

    /// Prints data.
    pub fn out(&mut self, text: &str) {
        if self.stdout_failed.is_none() {
            self.stdout_failed = std::io::stdout().lock().write_all(text.as_bytes()).err();
        }
    }

    /// Prints diagnostics; the command fails. Those of a file that several profiles extend are printed once.
    pub fn fail(&mut self, errors: &[Diagnostic]) {
        self.worst = Status::Failed;
        let (known, new): (Vec<&Diagnostic>, Vec<&Diagnostic>) = errors.iter().partition(|error| self.failures.iter().any(|known| self.is_same(known, error)));
        let looks = terminal::stderr();
        for error in &new {
            note(&format!("{}\n", text::render(error, &self.pipeline.sources, looks)));
        }
        if new.len() > 1 {
            note(&format!("{} errors\n", new.len()));
        }
        if let Some(source) = known.first().and_then(|error| Some(error.primary.as_ref()?.span.source)) {
            let sources = &self.pipeline.sources;
            let way = sources.chain(source).unwrap_or_else(|| sources.get(source).shown.clone());
            let (count, verb) = if known.len() == 1 { ("1 error".to_owned(), "is") } else { (format!("{} errors", known.len()), "are") };
            note(&format!("{count} above {verb} here, too: {way}\n"));
        }
        let new: Vec<Diagnostic> = new.into_iter().cloned().collect();
        self.failures.extend(new);
    }

    /// True for one mistake that two profiles have: each reads its parents anew, so that equal places have other source ids.
    pub fn is_same(&self, a: &Diagnostic, b: &Diagnostic) -> bool {
        let place = |d: &Diagnostic| d.primary.as_ref().map(|label| (self.pipeline.sources.get(label.span.source).path.as_path(), label.span.start));
        a.code == b.code && a.message == b.message && place(a) == place(b) && a.primary.is_some()
    }

    /// True once something failed.
    pub fn has_failed(&self) -> bool {
        self.worst == Status::Failed
    }

    /// The profiles that are meant: those named, or all that are not parts of others.
    pub fn profiles(&mut self, named: &[String]) -> Vec<Chosen> {
        let mut list: Vec<Chosen> = Vec::new();
        let files = self.pipeline.sources.files.clone();
        if named.is_empty() {
            let Some(root) = profile::root_above(&self.cwd) else {
                let error = Diagnostic::error("unknown-profile", "there is no folder `profiles` here or above")
                    .help("run infragen inside a project that has one, or name a profile's file");
                self.fail(&[error]);
                return list;
            };
            for word in profile::known(&root, &files) {
                match profile::locate(&word, &root, &files) {
                    Ok(located) if !self.pipeline.is_abstract(&located) => list.push(Chosen { located, word }),
                    Ok(_) => {}
                    Err(error) => self.fail(&[error]),
                }
            }
            return list;
        }
        let mut errors = Vec::new();
        for word in named {
            match profile::locate(word, &self.cwd, &files) {
                Ok(located) if list.iter().any(|chosen| chosen.located.is_same(&located)) => {}
                Ok(located) => list.push(Chosen { located, word: word.clone() }),
                Err(error) => errors.push(error),
            }
        }
        diagnostics::sort(&mut errors);
        if !errors.is_empty() {
            self.fail(&errors);
        }
        list
    }

    /// A path as messages show it.
    pub fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.cwd).unwrap_or(path).display().to_string()
    }

    /// Where the files of a profile go: into its `own` folder, or into the one that was named.
    pub fn output(&self, chosen: &Chosen, own: &str, named: Option<&Path>) -> Output {
        match named {
            Some(folder) => Output::named(folder, &self.cwd),
            None => Output::in_project(&chosen.located.root, own, &self.cwd),
        }
    }

    /// The status of the whole run: the worst that was met.
    pub fn finish(&mut self, status: Status) -> Status {
        if self.stdout_failed.is_none() {
            self.stdout_failed = std::io::stdout().lock().flush().err();
        }
        match &self.stdout_failed {
            // Whoever read the output has seen enough.
            Some(error) if error.kind() == std::io::ErrorKind::BrokenPipe => {}
            Some(error) => {
                note(&format!("error: cannot write the output: {}\n", diagnostics::io_reason(error)));
                self.worst = Status::Failed;
            }
            None => {}
        }
        self.worst.max(status)
    }
}

/// Prints something that is no data.
pub fn note(text: &str) {
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

/// Prints an error that has no place in a profile.
pub fn complain(error: &Diagnostic) {
    note(&text::render(error, &crate::source::Sources::default(), Looks::default()));
}
