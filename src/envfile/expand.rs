//! What Compose does to a value after its quotes are gone: escapes, then `$`.

use super::parse::ProblemKind;
use std::collections::BTreeMap;

/// How deep references may stand in the defaults of others.
const DEPTH: usize = 64;
/// How many bytes the references of one file may bring in.
const BYTES: usize = 4 << 20;

/// Expands references against the values so far.
#[derive(Default)]
pub(super) struct Expander {
    values: BTreeMap<String, String>,
    brought_in: usize,
}

impl Expander {
    /// Gives a name its value for all that follows.
    pub(super) fn set(&mut self, name: &str, value: &str) {
        self.values.insert(name.to_owned(), value.to_owned());
    }

    /// The text with its references replaced, and whether there was one.
    pub(super) fn expand(&mut self, text: &str) -> Result<(String, bool), ProblemKind> {
        let mut out = String::new();
        let live = self.expand_into(text, &mut out, 0)?;
        Ok((out, live))
    }

    fn expand_into(&mut self, text: &str, out: &mut String, depth: usize) -> Result<bool, ProblemKind> {
        if depth > DEPTH {
            return Err(ProblemKind::TooMuch);
        }
        let mut live = false;
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('$') {
            out.push_str(before);
            let name = name_at(after);
            rest = if let Some(after) = after.strip_prefix('$') {
                out.push('$');
                after
            } else if let Some(inside) = after.strip_prefix('{') {
                live = true;
                self.braced(inside, out, depth)?
            } else if name.is_empty() {
                out.push('$');
                after
            } else {
                live = true;
                self.bring_in(name, out)?;
                &after[name.len()..]
            };
        }
        out.push_str(rest);
        Ok(live)
    }

    /// One reference behind its `${`; what follows it.
    fn braced<'a>(&mut self, inside: &'a str, out: &mut String, depth: usize) -> Result<&'a str, ProblemKind> {
        let name = name_at(inside);
        let after = &inside[name.len()..];
        if name.is_empty() {
            return Err(ProblemKind::BadReference);
        }
        if let Some(rest) = after.strip_prefix('}') {
            self.bring_in(name, out)?;
            return Ok(rest);
        }
        let (or_empty, operator) = after.strip_prefix(':').map_or((false, after), |operator| (true, operator));
        let Some(kind @ (b'-' | b'+' | b'?')) = operator.bytes().next() else {
            return Err(ProblemKind::BadReference);
        };
        let word = &operator[1..];
        // A reference ends on its line. Where the braces do not pair, all up to the line's last one is the word.
        let line = word.split('\n').next().unwrap_or_default();
        let last = line.rfind('}').ok_or(ProblemKind::BadReference)?;
        let length = pair_of_open_brace(&line[..=last]).unwrap_or(last);
        // Compose 2.26 expands the word even where it is not used, and reports what is wrong in it.
        let mut expanded = String::new();
        self.expand_into(&word[..length], &mut expanded, depth + 1)?;
        let is_there = self.values.get(name).is_some_and(|value| !or_empty || !value.is_empty());
        match (kind, is_there) {
            (b'?', false) => return Err(ProblemKind::Required),
            (b'-', false) | (b'+', true) => out.push_str(&expanded),
            // `+` without a value gives what there is: nothing, or an empty text.
            _ => self.bring_in(name, out)?,
        }
        Ok(&word[length + 1..])
    }

    fn bring_in(&mut self, name: &str, out: &mut String) -> Result<(), ProblemKind> {
        let value = self.values.get(name).map_or("", String::as_str);
        self.brought_in += value.len();
        if self.brought_in > BYTES {
            return Err(ProblemKind::TooMuch);
        }
        out.push_str(value);
        Ok(())
    }
}

/// The name that a text starts with; empty if there is none.
fn name_at(text: &str) -> &str {
    // Compose ignores case, and these two are an s and a k without case.
    let is_letter = |c: char| c == '_' || c.is_ascii_alphabetic() || c == '\u{17f}' || c == '\u{212a}';
    if !text.starts_with(is_letter) {
        return "";
    }
    text.split(|c: char| !is_letter(c) && !c.is_ascii_digit()).next().unwrap_or_default()
}

/// Where the brace closes that stands open before the text. What follows an opening brace directly is not looked at, as in Compose.
fn pair_of_open_brace(text: &str) -> Option<usize> {
    let mut open = 1;
    let mut bytes = text.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'}' if open == 1 => return Some(at),
            b'}' => open -= 1,
            b'{' => {
                open += 1;
                bytes.next();
            }
            _ => {}
        }
    }
    None
}

/// The escapes of double quotes. `\$` becomes `$$`, which the expansion turns into `$`. Others stay as they are.
pub(super) fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let simple = match after.bytes().next() {
            Some(b'a') => "\u{7}",
            Some(b'b') => "\u{8}",
            Some(b'f') => "\u{c}",
            Some(b'n') => "\n",
            Some(b'r') => "\r",
            Some(b't') => "\t",
            Some(b'v') => "\u{b}",
            Some(b'\\') => "\\",
            Some(b'"') => "\"",
            Some(b'$') => "$$",
            Some(b'0') => {
                let digits = after[1..].bytes().take(3).take_while(u8::is_ascii_digit).count();
                let number = &after[1..=digits];
                match u8::from_str_radix(number, 8) {
                    Ok(code) if digits == 3 => out.push(char::from(code)),
                    // Compose drops the zero even where no character comes of it.
                    _ => {
                        out.push('\\');
                        out.push_str(number);
                    }
                }
                rest = &after[1 + digits..];
                continue;
            }
            _ => {
                out.push('\\');
                rest = after;
                continue;
            }
        };
        out.push_str(simple);
        rest = &after[1..];
    }
    out.push_str(rest);
    out
}
