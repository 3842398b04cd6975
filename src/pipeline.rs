//! The flow for one profile, with what all profiles of a run share: schema, templates, sources.

use crate::diagnostics::{self, Diagnostic};
use crate::key_path::KeyPath;
use crate::patch;
use crate::profile::{Loader, Located, Mistakes, Remainder};
use crate::render::{Artifact, Draft, Engine, OwnTemplates, Rendered};
use crate::source::Sources;
use crate::stack::{self, Stack};
use crate::targets::{TARGETS, dotenv};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Which artifacts of a Stack are wanted.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Targets by id; empty for all.
    pub targets: Vec<String>,
    /// Paths or patterns with `*`; empty for all.
    pub only: Vec<String>,
}

impl Selection {
    /// True if nothing is left out.
    pub fn is_everything(&self) -> bool {
        self.targets.is_empty() && self.only.is_empty()
    }

    fn takes_target(&self, id: &str) -> bool {
        self.targets.is_empty() || self.targets.iter().any(|target| target == id)
    }

    fn takes_path(&self, path: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|pattern| matches(pattern, path))
    }
}

/// `*` stands for any characters, `/` included.
fn matches(pattern: &str, path: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == path,
        Some((start, rest)) => {
            path.strip_prefix(start).is_some_and(|tail| (0..=tail.len()).filter(|at| tail.is_char_boundary(*at)).any(|at| matches(rest, &tail[at..])))
        }
    }
}

/// Sections about rendered files: a mistake in them leaves all files as they would be.
const CHANGES: [&str; 4] = ["patches", "snippets", "unmanaged", "waivers"];

/// Takes profiles to rendered files.
pub struct Pipeline {
    loader: Loader,
    engine: Engine,
    /// Engines with templates of a user's own, by their folder.
    own_engines: BTreeMap<PathBuf, Engine>,
    cwd: PathBuf,
    /// The texts that were read, for messages.
    pub sources: Sources,
}

impl Pipeline {
    /// A pipeline whose messages show paths relative to `cwd`.
    pub fn new(cwd: &Path) -> Self {
        Self { loader: Loader::new(cwd), engine: Engine::default(), own_engines: BTreeMap::new(), cwd: cwd.to_owned(), sources: Sources::default() }
    }

    /// The Stack of a profile.
    ///
    /// # Errors
    /// Everything that leaves no Stack.
    pub fn stack(&mut self, located: &Located) -> Result<Stack, Vec<Diagnostic>> {
        let Mistakes { mut errors, rest, inherited } = match self.loader.load(located, &mut self.sources) {
            Ok(loaded) => {
                let stack = stack::resolve(loaded, &located.name).map(|stack| Stack { root: located.root.clone(), file: located.file.clone(), ..stack });
                return stack.map_err(|mut errors| {
                    stack::at_originals(&mut errors);
                    errors
                });
            }
            Err(mistakes) => mistakes,
        };
        // Structure first, then meaning: but all mistakes are shown in one run.
        if let Some(Remainder { loaded, taken }) = rest {
            let more = match stack::resolve(loaded, &located.name) {
                // Which files there are does not depend on what is done to them.
                Ok(stack) if stack.has_changes() && taken.is_of(&CHANGES) => {
                    self.drafts(&Stack { root: located.root.clone(), file: located.file.clone(), ..stack }, &Selection::default()).err().unwrap_or_default()
                }
                Ok(_) => Vec::new(),
                Err(errors) => errors,
            };
            errors.extend(more.into_iter().filter(|error| !taken.explain(error)));
        }
        errors = inherited.explain(errors, &|_| None);
        stack::at_originals(&mut errors);
        diagnostics::sort(&mut errors);
        Err(errors)
    }

    /// The rendered and verified files of a Stack, sorted by path.
    ///
    /// # Errors
    /// Only mistakes of infragen itself.
    pub fn render(&mut self, stack: &Stack, selection: &Selection) -> Result<Vec<Rendered>, Vec<Diagnostic>> {
        let drafts = self.drafts(stack, selection)?;
        collect(drafts.into_iter().map(|draft| draft.accept(None)))
    }

    /// The files of a Stack, sorted by path, for somebody who verifies what is new in them.
    ///
    /// # Errors
    /// Only mistakes of infragen itself.
    pub fn drafts(&mut self, stack: &Stack, selection: &Selection) -> Result<Vec<Draft>, Vec<Diagnostic>> {
        // What changes files has to be tried on all of them: one that matches nothing is a mistake, whatever is wanted.
        let has_changes = stack.has_changes();
        let is_taken = |id: &str, path: &str| selection.takes_target(id) && selection.takes_path(path);
        let targets = TARGETS.iter().filter(|target| has_changes || selection.takes_target(target.id));
        let artifacts = targets.flat_map(|target| (target.artifacts)(stack).into_iter().map(|artifact| (target.id, artifact)));
        let artifacts: Vec<(&str, Artifact)> = artifacts.filter(|(id, artifact)| has_changes || is_taken(id, &artifact.path)).collect();
        let paths: Vec<&str> = artifacts.iter().map(|(_, artifact)| artifact.path.as_str()).collect();
        let mut unmatched = patch::unknown_files(stack, &paths);
        let is_managed = |path: &str| !stack.unmanaged.iter().any(|unmanaged| unmanaged.path == path);
        let engine = self.engine(stack)?;
        let artifacts = artifacts.into_iter().filter(|(_, artifact)| is_managed(&artifact.path));
        let mut drafts = collect(artifacts.map(|(id, artifact)| engine.render(artifact).map(|draft| (id, draft))))?;
        unmatched.extend(patch::apply(stack, &mut drafts, &unmatched));
        if !unmatched.is_empty() {
            diagnostics::sort(&mut unmatched);
            return Err(unmatched);
        }
        let mut drafts: Vec<Draft> = drafts.into_iter().filter(|(id, draft)| is_taken(id, draft.path())).map(|(_, draft)| draft).collect();
        drafts.sort_by(|a, b| a.path().cmp(b.path()));
        Ok(drafts)
    }

    /// The paths of all artifacts of a Stack, those that somebody keeps by hand among them.
    pub fn paths(stack: &Stack) -> Vec<String> {
        TARGETS.iter().flat_map(|target| (target.artifacts)(stack)).map(|artifact| artifact.path).collect()
    }

    /// The engine with infragen's templates, or with those of the Stack's own in their place.
    fn engine(&mut self, stack: &Stack) -> Result<&mut Engine, Vec<Diagnostic>> {
        let Some(folder) = &stack.templates else { return Ok(&mut self.engine) };
        let folder = stack.root.join(folder.as_str());
        if !self.own_engines.contains_key(&folder) {
            let own = OwnTemplates::read(&folder, (&self.cwd, &self.sources.files), TARGETS.iter().flat_map(|target| target.templates).copied()).map_err(
                |mut errors| {
                    for error in &mut errors {
                        let at = KeyPath::of(&["templates"]);
                        *error = error.clone().label(stack.origins.place(&at), "named here").at(at);
                    }
                    errors
                },
            )?;
            self.own_engines.insert(folder.clone(), Engine::with(own));
        }
        Ok(self.own_engines.entry(folder).or_default())
    }

    /// The template of the env file, whether or not the profile asks for it.
    ///
    /// # Errors
    /// Only mistakes of infragen itself.
    pub fn env_example(&mut self, stack: &Stack) -> Result<String, Vec<Diagnostic>> {
        self.engine(stack)?.render(dotenv::example(stack)).and_then(|draft| draft.accept(None)).map(|file| file.text).map_err(|error| vec![error])
    }

    /// True if the file marks itself as a part of other profiles.
    pub fn is_abstract(&self, located: &Located) -> bool {
        self.loader.is_abstract(located, &self.sources.files)
    }
}

/// All results, or all errors.
fn collect<T>(results: impl Iterator<Item = Result<T, Diagnostic>>) -> Result<Vec<T>, Vec<Diagnostic>> {
    let (mut list, mut errors) = (Vec::new(), Vec::new());
    for result in results {
        match result {
            Ok(one) => list.push(one),
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() { Ok(list) } else { Err(errors) }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns() {
        assert!(matches("k8s/*", "k8s/api.yaml") && matches("*.yaml", "k8s/api.yaml") && matches("*", "a") && matches("a*c*e", "abcde") && matches("a", "a"));
        assert!(!matches("k8s", "k8s/api.yaml") && !matches("*.yml", "a.yaml") && !matches("a*c", "abd"));
    }
}
