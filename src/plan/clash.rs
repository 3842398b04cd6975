//! Two profiles that would write into one folder.

use super::Output;
use crate::diagnostics::Diagnostic;
use std::collections::BTreeMap;

/// One error for each profile whose output folder another one before it has, with the positions of both in the list.
pub fn clashes(claims: &[(&str, &Output)]) -> Vec<(Diagnostic, [usize; 2])> {
    let mut owners = BTreeMap::new();
    let mut found = Vec::new();
    for (second, (name, output)) in claims.iter().enumerate() {
        // Where case is no matter, as on the machines of many, both would be one folder.
        let folder = output.real().to_string_lossy().to_lowercase();
        let first = *owners.entry(folder).or_insert(second);
        if first != second {
            let message = format!("`{}` and `{name}` would both write into `{}`", claims[first].0, output.shown_folder());
            found.push((Diagnostic::error("output-clash", message).help("give one of them another `output.dir`"), [first, second]));
        }
    }
    found
}
