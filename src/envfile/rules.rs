//! What can be wrong with an env file: one text for `infragen env check` and for `scripts/validate_config.sh`.

use super::ProblemKind;
use crate::diagnostics::Severity;

/// A named mistake.
#[derive(Debug, PartialEq, Eq)]
pub struct EnvRule {
    /// Its name: states the problem.
    pub id: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// The fact, without a full stop; `{0}` and `{1}` stand for what it is about. Never for a value.
    pub message: &'static str,
    /// What to do next.
    pub help: &'static str,
}

macro_rules! rules {
    ($($name:ident $id:literal $severity:ident: $message:literal, $help:literal;)*) => {
        $(#[doc = $message]
        pub static $name: EnvRule = EnvRule { id: $id, severity: Severity::$severity, message: $message, help: $help };)*

        /// All of them, by id.
        pub const ENV_RULES: &[&EnvRule] = &[$(&$name),*];
    };
}

rules! {
    AMBIGUOUS_LINE "ambiguous-line" Warning: "{0}: Docker Compose, shells and dotenv libraries may read this line differently",
        "write NAME='value', with the value in single quotes and without spaces around =";
    BINARY_FILE "binary-file" Error: "there are bytes here that are no text", "write it anew from its .example; an editor may have saved it in another encoding";
    CARRIAGE_RETURN "carriage-return" Warning: "the lines end in carriage returns (Windows): shells take them for a part of the value", "save the file with Unix line ends (LF)";
    DERIVED_MISMATCH "derived-mismatch" Error: "{0} does not match {1} and the other parts that it is made of",
        "empty it and run infragen env generate, or write it as the comment above it in the .example says, with the password percent-encoded";
    DEVELOPMENT_VALUE "development-value" Error: "{0} has a value that is meant for development and known to everybody", "make a strong one, as the comment above it in the .example says";
    DOLLAR_OUTSIDE_QUOTES "dollar-outside-quotes" Error: "{0} has a $ outside single quotes: Docker Compose and shells look for a variable there", "put the value into single quotes";
    DUPLICATE_VARIABLE "duplicate-variable" Error: "{0} is set again: line {1} is not read", "remove one of the two lines";
    EMPTY_VARIABLE "empty-variable" Error: "{0} is required and has no value", "write its value behind =; infragen env generate makes those that can be made";
    FILE_MODE "file-mode" Error: "the mode of the file is {0} and not 600: its owner alone reads and writes it", "chmod 600 the file";
    MALFORMED_VALUE "malformed-value" Error: "{0} has the wrong format: expected {1}", "correct the value";
    MISSING_VARIABLE "missing-variable" Error: "{0} is required and not in the file", "add a line for it, as in the .example; infragen env generate adds what is missing";
    NOT_SUPPLIED "not-supplied" Error: "{0} is supplied from outside and has no value yet", "ask whoever runs the other side for it, and write it behind its name";
    PLACEHOLDER_LEFT "placeholder-left" Error: "{0} still has a placeholder for a value", "replace it by a real value";
    REUSED_SECRET "reused-secret" Error: "{0} has the same value as {1}: who learns one knows both", "make another one, as the comment above it in the .example says";
    TO_BE_SUPPLIED "to-be-supplied" Info: "{0} is supplied from outside and has no value yet", "ask whoever runs the other side for it; without it the feature is off";
    TOO_LARGE "too-large" Error: "the file is larger than {0} KiB", "is this the right file?";
    TRACKED_FILE "tracked-file" Error: "git has the file: everybody who has the repository has its secrets",
        "git rm --cached the file, and replace all its secrets: they stay in the history";
    UNKNOWN_VARIABLE "unknown-variable" Warning: "{0} is not known to the profile: nothing reads it", "remove the line, or correct the name";
    UNREADABLE_LINE "unreadable-line" Error: "Docker Compose cannot read this line: {0}", "write NAME=value, or NAME='value' where the value has spaces or other signs";
    WEAK_SECRET "weak-secret" Error: "{0} is weak: {1}", "make a strong one, as the comment above it in the .example says";
}

/// Why a statement is not readable, for the rule `unreadable-line`.
pub fn reason(kind: ProblemKind) -> &'static str {
    match kind {
        ProblemKind::BadName => "the name holds a character that no name has",
        ProblemKind::SpaceInName => "there is a space in the name",
        ProblemKind::NoName => "there is no name before =",
        ProblemKind::NameAtEnd => "there is no = behind the name",
        ProblemKind::Unterminated => "a quote is not closed",
        ProblemKind::BadReference | ProblemKind::Required | ProblemKind::TooMuch => "a $ starts a reference that leads nowhere",
        ProblemKind::Nul => "the value holds a NUL character",
    }
}

/// One mistake in one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What is wrong.
    pub rule: &'static EnvRule,
    /// The line, from 1; `None` for the file as a whole and for what is not in it.
    pub line: Option<usize>,
    /// What it is about: names and reasons, never values.
    pub about: [String; 2],
}

impl Finding {
    /// The fact in one sentence.
    pub fn message(&self) -> String {
        self.rule.message.replace("{0}", &self.about[0]).replace("{1}", &self.about[1])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_and_in_one_style() {
        assert!(ENV_RULES.is_sorted_by_key(|rule| rule.id));
        for rule in ENV_RULES {
            assert!(!rule.message.ends_with('.') && !rule.help.ends_with('.') && !rule.message.contains("{2}"), "{}", rule.id);
        }
    }
}
