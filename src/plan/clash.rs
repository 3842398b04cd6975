//! Two profiles that would write into one folder.

use super::Output;
use crate::diagnostics::Diagnostic;

/// One error for each pair of profiles that share an output folder, with the positions of both in the list.
pub fn clashes(claims: &[(&str, &Output)]) -> Vec<(Diagnostic, [usize; 2])> {
    let mut found = Vec::new();
    for (second, (name, output)) in claims.iter().enumerate() {
        if let Some(first) = claims[..second].iter().position(|(_, other)| other.is_same(output)) {
            let message = format!("`{}` and `{name}` would both write into `{}`", claims[first].0, output.shown("").trim_end_matches('/'));
            found.push((Diagnostic::error("output-clash", message).help("give one of them another `output.dir`"), [first, second]));
        }
    }
    found
}
