//! Profiles and templates as git's index has them: what a commit would be rendered from.

use super::git::{failed, place};
use super::{Content, index};
use crate::diagnostics::{Diagnostic, io_reason};
use crate::source::Files;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use tempfile::TempDir;

/// Copies of what the index holds, made where somebody asks for them.
#[derive(Clone)]
pub struct Staged(Rc<RefCell<Copies>>);

struct Copies {
    folder: TempDir,
    /// Each top of a work tree, and the folder with its copies.
    tops: BTreeMap<PathBuf, PathBuf>,
    /// Which folders of a work tree have their copies, with what is below them or without.
    done: BTreeSet<PathBuf>,
    /// Files of the work trees whose copies are different.
    differing: BTreeSet<PathBuf>,
    errors: Vec<Diagnostic>,
}

impl Staged {
    /// No copies yet.
    ///
    /// # Errors
    /// There is no place for temporary files.
    pub fn new() -> Result<Self, Diagnostic> {
        let folder = tempfile::tempdir().map_err(|error| failed(&format!("its files cannot be copied: {}", io_reason(&error))))?;
        let copies = Copies { folder, tops: BTreeMap::new(), done: BTreeSet::new(), differing: BTreeSet::new(), errors: Vec::new() };
        Ok(Self(Rc::new(RefCell::new(copies))))
    }

    /// The files of all work trees, as their indexes have them. Outside of work trees, files are what they are.
    pub fn files(&self) -> Files {
        let copies = Rc::clone(&self.0);
        Files::copied(move |path| copies.borrow_mut().of(path))
    }

    /// Files that were read, and are different in the work tree.
    pub fn differing(&self) -> Vec<PathBuf> {
        self.0.borrow().differing.iter().cloned().collect()
    }

    /// What git could not do.
    pub fn errors(&self) -> Vec<Diagnostic> {
        std::mem::take(&mut self.0.borrow_mut().errors)
    }
}

impl Copies {
    fn of(&mut self, path: &Path) -> PathBuf {
        let Some((top, below)) = place(path) else { return path.to_owned() };
        let count = self.tops.len();
        let copy = self.tops.entry(top.clone()).or_insert_with(|| self.folder.path().join(count.to_string())).clone();
        let folder = Path::new(&below).parent().unwrap_or(Path::new("")).to_string_lossy().into_owned();
        // A file with those beside it, which are often asked for, too; a folder with all that is in it.
        let beside = if folder.is_empty() { ":(top,glob)*".to_owned() } else { format!(":(top,glob){}/*", literal(&folder)) };
        let within = format!(":(top,literal){below}/");
        for (key, spec) in [(top.join(&folder).join("*"), beside), (top.join(&below), within)].into_iter().skip(usize::from(below.is_empty())) {
            if self.done.insert(key) {
                if let Err(error) = self.copy(&top, &copy, &spec) {
                    self.errors.push(error);
                }
            }
        }
        copy.join(below)
    }

    /// Copies what the index has, as a commit would have it: no filter of a checkout changes it.
    fn copy(&mut self, top: &Path, to: &Path, spec: &str) -> Result<(), Diagnostic> {
        for (path, content) in index::of(top, [spec])?.files() {
            let bytes = match content {
                Content::File { bytes, .. } => bytes.as_slice(),
                // Who reads through it asks for what it leads to; here, it is only there.
                Content::Other("a symbolic link") => &[],
                _ => continue,
            };
            let copy = to.join(path);
            let written = std::fs::create_dir_all(copy.parent().unwrap_or(to)).and_then(|()| std::fs::write(&copy, bytes));
            written.map_err(|error| failed(&format!("its files cannot be copied: {}", io_reason(&error))))?;
            let there = std::fs::read(top.join(path)).unwrap_or_default();
            // A checkout may have other line ends.
            let same_but_for_ends = |a: &[u8], b: &[u8]| a.iter().filter(|byte| **byte != b'\r').eq(b.iter().filter(|byte| **byte != b'\r'));
            if top.join(path).is_symlink() {
                continue;
            }
            if !top.join(path).is_file() || !same_but_for_ends(&there, bytes) {
                self.differing.insert(top.join(path));
            }
        }
        Ok(())
    }
}

/// A path in which no character stands for others.
fn literal(path: &str) -> String {
    path.chars().flat_map(|c| if "*?[\\".contains(c) { vec!['\\', c] } else { vec![c] }).collect()
}
