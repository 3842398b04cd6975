//! Parameters: what variables of the env file may be, as the variables of services declare it.

use super::environment::Book;
use super::resolve::Resolver;
use super::{EnvValue, Parameter, defaults};
use crate::key_path::KeyPath;
use crate::profile::model;
use crate::values::{Expectation, ServiceName, ValueFormat};

impl Resolver<'_> {
    /// A parameter that a variable declares: its name in the env file is the variable's.
    pub(super) fn parameter(&mut self, service: &ServiceName, written: &model::Parameter, path: &KeyPath, book: &mut Book) -> EnvValue {
        let name = match path.0.last() {
            Some(crate::key_path::Segment::Key(name)) => name.clone(),
            _ => String::new(),
        };
        if !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            let message = format!("`{name}` cannot be a parameter: it is no name for a variable of the env file");
            self.error("invalid-name", path, message, "this name", "letters, digits and `_` only, such as `LOG_LEVEL`");
        }
        self.dockers_own(&name, path);
        let at = |key| path.key("param").key(key);
        let section = written.section.as_ref().map(ToString::to_string);
        let section = self.or_as(&at("section"), section, defaults::APPLICATION_SECTION.into(), defaults::APPLICATION_SECTION, "it is the application's own");
        let mut parameter = Parameter {
            name: name.clone(),
            description: written.description.as_ref().map(ToString::to_string).unwrap_or_default(),
            section,
            default: written.default.as_ref().map(ToString::to_string).unwrap_or_default(),
            expected: self.expectation(&name, written, path),
            required: self.or_as(&at("required"), written.required, false, "false", "the profile has a default"),
            readers: Vec::new(),
        };
        if parameter.required && written.default.is_some() {
            let message = format!("`{name}` is required, so that its default is never taken");
            self.error("contradiction", &at("default"), message, "not used", "remove it, or `required: true`");
            self.against(&["required"]);
        }
        if !parameter.default.is_empty() && !parameter.expected.accepts(&parameter.default) {
            let message = format!("the default of `{name}` is not what its values have to be: expected {}", parameter.expected.expects());
            self.error("invalid-value", &at("default"), message, "refused by the keys beside it", "correct it, or `format`, `one_of`, `min` or `max`");
        }
        let known = book.parameters.iter_mut().find(|(known, _)| known.name == name);
        let Some((known, first)) = known else {
            parameter.readers.push(service.to_string());
            book.parameters.push((parameter, path.clone()));
            return EnvValue::Parameter(name);
        };
        parameter.readers.clone_from(&known.readers);
        let (is_same, first) = (*known == parameter, first.clone());
        if !known.readers.contains(&service.to_string()) {
            known.readers.push(service.to_string());
            known.readers.sort();
        }
        if !is_same {
            let message = format!("`{name}` is declared in another way at `{first}`");
            self.error("name-clash", path, message, "one variable of the env file", "declare it once, in `env_groups`, and share it by `env_from`");
        }
        EnvValue::Parameter(name)
    }

    /// What the values of a parameter are held to.
    fn expectation(&mut self, name: &str, written: &model::Parameter, path: &KeyPath) -> Expectation {
        let at = |key| path.key("param").key(key);
        let format = self.or_as(&at("format"), written.format, ValueFormat::Text, ValueFormat::Text.as_str(), "any text will do");
        let one_of: Vec<String> = written.one_of.iter().map(ToString::to_string).collect();
        let expected = Expectation { format, one_of: Vec::new(), min: written.min, max: written.max };
        for (key, bound) in [("min", written.min), ("max", written.max)] {
            if bound.is_some() && format != ValueFormat::Integer {
                let message = format!("`{name}` is no whole number: it has no `{key}`");
                self.error("misplaced-key", &at(key), message, "not used", "remove it, or write `format: integer`");
                return format.into();
            }
        }
        if let Some((min, max)) = written.min.zip(written.max).filter(|(min, max)| min > max) {
            let message = format!("no value of `{name}` is {min} or more and {max} or less");
            self.error("contradiction", &at("max"), message, "less than `min`", "exchange the two, or remove one");
            self.against(&["min"]);
        }
        for (index, choice) in one_of.iter().enumerate() {
            if !expected.accepts(choice) {
                let message = format!("`{name}` may be what its `format` refuses: expected {}", expected.expects());
                self.error("invalid-value", &at("one_of").index(index), message, "never accepted", "remove it, or choose another `format`");
            }
        }
        Expectation { one_of, ..expected }
    }
}
