//! Any text in any place of a profile, keys included, renders files that are right, or is refused with the name of the place.

#[path = "support/in_process.rs"]
mod in_process;
mod support;
#[path = "support/texts.rs"]
mod texts;

use in_process::{Renderer, document, yaml_of};
use infragen::diagnostics::Diagnostic;
use infragen::key_path::{KeyPath, Segment};
use proptest::prelude::*;
use serde_json::Value;
use std::cell::RefCell;
use texts::{PIECES, Text, runner, text};

/// A text in a profile: a value, or the last key of the path.
#[derive(Clone, Debug)]
struct Spot {
    path: Vec<Segment>,
    is_key: bool,
    text: String,
}

/// Every text of a profile, and every key that a user chooses.
fn spots(value: &Value, path: &[Segment], found: &mut Vec<Spot>) {
    let below = |segment: Segment| [path, &[segment]].concat();
    match value {
        Value::String(text) => found.push(Spot { path: path.to_vec(), is_key: false, text: text.clone() }),
        Value::Array(items) => items.iter().enumerate().for_each(|(at, item)| spots(item, &below(Segment::Index(at)), found)),
        Value::Object(map) => {
            for (key, child) in map {
                let path = below(Segment::Key(key.clone()));
                found.push(Spot { path: path.clone(), is_key: true, text: key.clone() });
                spots(child, &path, found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The value at a path without its last segment.
fn above<'a>(profile: &'a mut Value, path: &[Segment]) -> &'a mut Value {
    path[..path.len() - 1].iter().fold(profile, |value, segment| match segment {
        Segment::Key(key) => &mut value[key.as_str()],
        Segment::Index(at) => &mut value[*at],
    })
}

/// The profile with another text in one spot; keys keep their order.
fn changed(profile: &Value, spot: &Spot, text: &str) -> Value {
    let mut profile = profile.clone();
    let parent = above(&mut profile, &spot.path);
    match spot.path.last().expect("a path") {
        Segment::Index(at) => parent[*at] = text.into(),
        Segment::Key(key) if !spot.is_key => parent[key.as_str()] = text.into(),
        Segment::Key(key) => {
            let map = parent.as_object_mut().expect("a map");
            *map = std::mem::take(map).into_iter().map(|(name, value)| if name == *key { (text.to_owned(), value) } else { (name, value) }).collect();
        }
    }
    profile
}

/// True if a diagnostic is about the spot, or about the key that is missing when it has another name.
fn is_about(error: &Diagnostic, spot: &Spot, text: &str) -> bool {
    let path = KeyPath(spot.path.clone());
    if !spot.is_key {
        return error.path == Some(path);
    }
    // These two are known before there are paths.
    let is_yaml = (error.code == "merge-key" && text == "<<") || error.code == "duplicate-key";
    is_yaml || error.path == Some(path.parent().key(text)) || (error.path == Some(path.parent()) && error.code == "missing-key")
}

/// A text with one of the pieces somewhere in it, or another text.
fn mutation() -> impl Strategy<Value = (proptest::sample::Index, proptest::sample::Index, Option<&'static str>, Text)> {
    let piece = prop_oneof![3 => proptest::sample::select(PIECES).prop_map(Some), 1 => Just(None)];
    (any::<proptest::sample::Index>(), any::<proptest::sample::Index>(), piece, text())
}

#[test]
fn any_text_anywhere_is_right_or_refused_by_name() {
    let profile = document(&support::text_of("tests/support/everything.yaml"));
    let mut all = Vec::new();
    spots(&profile, &[], &mut all);
    assert!(all.len() > 250, "{}", all.len());
    let renderer = RefCell::new(Renderer::new());
    let result = runner(300).run(&mutation(), |(which, at, piece, other)| {
        let spot = which.get(&all);
        let mut text = piece.map_or(other.0, |piece| {
            let places: Vec<usize> = spot.text.char_indices().map(|(at, _)| at).chain([spot.text.len()]).collect();
            let at = *at.get(&places);
            format!("{}{piece}{}", &spot.text[..at], &spot.text[at..])
        });
        if spot.is_key {
            // YAML itself ends at keys of more than 1024 characters, and escapes count.
            text = text.chars().take(100).collect();
        }
        let result = renderer.borrow_mut().render(&yaml_of(&changed(&profile, spot, &text)));
        // The YAML of rendered files was parsed on the way, their names are looked at here.
        if let Ok(files) = &result {
            for path in files.keys() {
                prop_assert!(path.chars().all(|c| c.is_ascii_alphanumeric() || "._-/+@".contains(c)) && !path.contains(".."), "{path:?}");
            }
        }
        if let Err(errors) = &result {
            prop_assert!(!errors.iter().any(|error| error.code == "internal-error"), "{spot:?} {:?}: {errors:?}", Text(text));
            // A name that could be meant is refused where it leads to nothing; anything else is refused in its own place.
            let could_be_meant = text.chars().all(|c| c.is_ascii_alphanumeric() || "._-/:@+=~%, ".contains(c));
            prop_assert!(could_be_meant || errors.iter().any(|error| is_about(error, spot, &text)), "{spot:?} {:?}: {errors:?}", Text(text));
        }
        Ok(())
    });
    if let Err(failure) = result {
        panic!("{failure}");
    }
}

/// Whatever bytes a file holds: it is read or refused, and nothing panics.
#[test]
fn any_file_is_read_or_refused() {
    let everything = support::text_of("tests/support/everything.yaml");
    let renderer = RefCell::new(Renderer::new());
    let piece = prop_oneof![proptest::sample::select(PIECES).prop_map(str::to_owned), any::<String>()];
    let edits = proptest::collection::vec((any::<proptest::sample::Index>(), 0..30_usize, piece), 1..4);
    let result = runner(300).run(&edits, |edits| {
        let mut text = everything.clone();
        for (at, length, piece) in edits {
            let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
            let first = at.index(places.len());
            let last = (first + length).min(places.len() - 1);
            text.replace_range(places[first]..places[last], &piece);
        }
        if let Err(errors) = renderer.borrow_mut().render(&text) {
            prop_assert!(!errors.is_empty() && !errors.iter().any(|error| error.code == "internal-error"), "{text}\n{errors:?}");
        }
        Ok(())
    });
    if let Err(failure) = result {
        panic!("{failure}");
    }
}
