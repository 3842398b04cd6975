//! Two profiles that would write into one folder.

use super::Output;
use crate::diagnostics::Diagnostic;
use std::collections::BTreeMap;

/// One error for each profile whose output folder another one before it has, with the positions of both in the list.
pub fn clashes(claims: &[(&str, &Output)]) -> Vec<(Diagnostic, [usize; 2])> {
    let mut owners = BTreeMap::new();
    let mut found = Vec::new();
    for (second, (name, output)) in claims.iter().enumerate() {
        let first = *owners.entry(output.real()).or_insert(second);
        if first != second {
            let message = format!("`{}` and `{name}` would both write into `{}`", claims[first].0, output.shown_folder());
            found.push((Diagnostic::error("output-clash", message).help("give one of them another `output.dir`"), [first, second]));
        }
    }
    found
}
