//! The scalar types of a profile: each is read once, here, into what it means.
//!
//! A type's [`Scalar::parse`] is the truth. Its pattern is for editors, which know regular expressions only; a test holds the
//! two together.

pub mod amount;
mod container;
mod cron;
mod format;
mod names;
mod network;
mod quantity;
mod time;

pub use container::{
    AnnotationName, FileText, GrpcService, HeaderName, HeaderValue, HostPath, LabelValue, LogOption, ObjectName, PortName, StageName, UlimitName, VolumeName,
};
pub use cron::Cron;
pub use format::{Expectation, ValueFormat};
pub use names::{
    AppPath, Arg, BuildArg, BuildArgName, BuildPath, DatabaseName, Digest, EntryName, EnvName, EnvText, ExtensionName, GeneratorVersion, ImageName,
    ImageReference, ImageTag, KeyPathText, LoginName, OutputFolder, PackageName, ParameterText, PatchTarget, ProfileFile, ProjectName, Reference, RelativePath,
    RuleName, SecretName, Sentence, ServiceName, SettingName, SettingText, UrlPath, UrlScheme, UserId, Version,
};
pub use network::{Cidr, ContainerPath, Email, HostName, HostPort, HttpPath, HttpsUrl, IpAddress, Port, RedirectTarget, RoutePath};
pub use quantity::{Cpu, Size, Workers};
pub use time::{Date, Duration, Rate};

use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer};
use std::borrow::Cow;
use std::hash::Hash;

/// A type that a profile writes as one scalar.
pub trait Scalar: Sized {
    /// Name of the type in the schema's `format`; unique.
    const FORMAT: &'static str;
    /// What is expected, for people: the end of the sentence "expected ...".
    const EXPECTS: &'static str;
    /// An ECMA-262 pattern that editors check.
    const PATTERN: &'static str;
    /// Valid values.
    const EXAMPLES: &'static [&'static str];
    /// What a bare number may be, where one is accepted, too.
    const NUMBER: Option<BareNumber> = None;

    /// Reads the text.
    ///
    /// # Errors
    /// Returns what is wrong with it, as a sentence that does not repeat [`Scalar::EXPECTS`].
    fn parse(text: &str) -> Result<Self, String>;

    /// The JSON Schema of the type.
    fn schema() -> Schema {
        let mut schema = json_schema!({
            "type": "string",
            "format": Self::FORMAT,
            "pattern": Self::PATTERN,
            "examples": Self::EXAMPLES,
            "errorMessage": format!("Expected {}", Self::EXPECTS),
        });
        if let Some(number) = Self::NUMBER {
            schema.insert("type".into(), serde_json::json!([if number.whole { "integer" } else { "number" }, "string"]));
            schema.insert("minimum".into(), number.least.into());
            schema.insert("maximum".into(), number.most.into());
        }
        schema
    }
}

/// What stands between typographic quotes; `None` for any other text.
pub fn without_typographic_quotes(text: &str) -> Option<&str> {
    let (open, close) = (text.chars().next()?, text.chars().next_back()?);
    let is_pair = "\u{201c}\u{201d}\u{201e}\u{ab}\u{2018}\u{201a}".contains(open) && "\u{201c}\u{201d}\u{bb}\u{2018}\u{2019}".contains(close);
    let inside = text.strip_prefix(open)?.strip_suffix(close)?;
    (is_pair && !inside.contains(open)).then_some(inside)
}

/// What a number without quotes may be.
#[derive(Clone, Copy, Debug)]
pub struct BareNumber {
    /// True if it has no fraction.
    pub whole: bool,
    /// The least.
    pub least: f64,
    /// The most.
    pub most: f64,
}

/// A reader of one format: the error is what [`Scalar::parse`] says.
pub type Check = fn(&str) -> Result<(), String>;

macro_rules! registry {
    ($($name:ident),* $(,)?) => {
        $(impl JsonSchema for $name {
            fn inline_schema() -> bool { true }
            fn schema_name() -> Cow<'static, str> { stringify!($name).into() }
            fn json_schema(_: &mut SchemaGenerator) -> Schema { <$name as Scalar>::schema() }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = TextOrNumber::deserialize(deserializer)?.0;
                <$name as Scalar>::parse(&text).map_err(serde::de::Error::custom)
            }
        })*

        /// Every scalar type: its format, what it expects, its pattern, its examples, and its reader.
        pub const FORMATS: &[(&str, &str, &str, &[&str], Check)] = &[
            $((<$name as Scalar>::FORMAT, <$name as Scalar>::EXPECTS, <$name as Scalar>::PATTERN, <$name as Scalar>::EXAMPLES,
               |text| <$name as Scalar>::parse(text).map(drop)),)*
        ];
    };
}

registry!(
    AnnotationName,
    AppPath,
    Arg,
    BuildArg,
    BuildArgName,
    BuildPath,
    Cidr,
    ContainerPath,
    Cpu,
    Cron,
    DatabaseName,
    Date,
    Digest,
    Duration,
    Email,
    EnvName,
    EnvText,
    ExtensionName,
    FileText,
    GeneratorVersion,
    GrpcService,
    HeaderName,
    HeaderValue,
    HostName,
    HostPath,
    HostPort,
    HttpPath,
    HttpsUrl,
    ImageName,
    ImageReference,
    ImageTag,
    KeyPathText,
    IpAddress,
    LabelValue,
    LogOption,
    LoginName,
    ObjectName,
    PackageName,
    ParameterText,
    PatchTarget,
    PortName,
    ProfileFile,
    ProjectName,
    Rate,
    RedirectTarget,
    Reference,
    OutputFolder,
    RelativePath,
    RoutePath,
    EntryName,
    RuleName,
    SecretName,
    Sentence,
    ServiceName,
    SettingName,
    SettingText,
    Size,
    StageName,
    UlimitName,
    UrlPath,
    UrlScheme,
    UserId,
    Version,
    VolumeName,
    Workers,
);

/// Writes a type as the text that its `Display` gives, for the digest of a Stack.
macro_rules! serialize_as_text {
    ($($name:ty),* $(,)?) => {
        $(impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        })*
    };
}
serialize_as_text!(Cidr, Cpu, Cron, Duration, IpAddress, Rate, Size, Workers);

/// A scalar that may have been written as a number, in the words of the profile.
struct TextOrNumber(String);

impl<'de> Deserialize<'de> for TextOrNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = TextOrNumber;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a scalar")
            }
            fn visit_str<E>(self, text: &str) -> Result<TextOrNumber, E> {
                Ok(TextOrNumber(text.to_owned()))
            }
            fn visit_bool<E>(self, truth: bool) -> Result<TextOrNumber, E> {
                Ok(TextOrNumber(truth.to_string()))
            }
            fn visit_i64<E>(self, number: i64) -> Result<TextOrNumber, E> {
                Ok(TextOrNumber(number.to_string()))
            }
            fn visit_u64<E>(self, number: u64) -> Result<TextOrNumber, E> {
                Ok(TextOrNumber(number.to_string()))
            }
            fn visit_f64<E>(self, number: f64) -> Result<TextOrNumber, E> {
                // Thousandths are the finest that any of the types knows.
                Ok(TextOrNumber(((number * 1000.0).round() / 1000.0).to_string()))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// A map by name, in the order of the profile.
#[derive(Clone, Debug)]
pub struct Named<K, V>(IndexMap<K, V>);

impl<'de, K: Deserialize<'de> + Eq + Hash, V: Deserialize<'de>> Deserialize<'de> for Named<K, V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IndexMap::deserialize(deserializer).map(Self)
    }
}

impl<K, V> Default for Named<K, V> {
    fn default() -> Self {
        Self(IndexMap::default())
    }
}

impl<K, V> std::ops::Deref for Named<K, V> {
    type Target = IndexMap<K, V>;
    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<K: Clone + Eq + Hash, V: Clone> Named<K, V> {
    /// This map with `above` on top: names in both keep their place and take the value from above.
    #[must_use]
    pub fn overlaid(&self, above: &Self) -> Self {
        let mut map = self.0.clone();
        map.extend(above.0.iter().map(|(name, value)| (name.clone(), value.clone())));
        Self(map)
    }

    /// Only what is wanted.
    #[must_use]
    pub fn of_values(&self, is_wanted: impl Fn(&V) -> bool) -> Self {
        Self(self.0.iter().filter(|(_, value)| is_wanted(value)).map(|(name, value)| (name.clone(), value.clone())).collect())
    }

    /// This map after a change of each value.
    #[must_use]
    pub fn with_each(mut self, change: impl Fn(&mut V)) -> Self {
        self.0.values_mut().for_each(change);
        self
    }

    /// Only the names that are wanted.
    #[must_use]
    pub fn filtered(&self, is_wanted: impl Fn(&K) -> bool) -> Self {
        Self(self.0.iter().filter(|(name, _)| is_wanted(name)).map(|(name, value)| (name.clone(), value.clone())).collect())
    }
}

impl<K: Scalar, V: JsonSchema> JsonSchema for Named<K, V> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        format!("{}_to_{}", K::FORMAT, V::schema_name()).into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "propertyNames": K::schema(),
            "additionalProperties": generator.subschema_for::<V>(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What editors accept and what infragen accepts is the same, for the examples and for near misses of them.
    #[test]
    fn patterns_agree_with_parsers() {
        for (format, _, pattern, examples, check) in FORMATS {
            let schema = serde_json::json!({ "type": "string", "pattern": pattern });
            let validator = jsonschema::validator_for(&schema).expect(format);
            assert!(!examples.is_empty(), "{format} has no example");
            let mut samples: Vec<String> = examples.iter().map(|e| (*e).to_owned()).collect();
            for example in *examples {
                assert_eq!(check(example), Ok(()), "{format}: {example}");
                for (at, c) in example.char_indices() {
                    samples.push(format!("{}{}", &example[..at], &example[at + c.len_utf8()..]));
                    for other in ["", " ", "\n", "x", "9", "-", "/", "..", "\u{e9}", "$", "\0", "\"", "'", ".", "_", "Z"] {
                        samples.push(format!("{}{other}{}", &example[..at], &example[at..]));
                    }
                }
                samples.extend([example.repeat(40), example.to_uppercase(), format!("{example}\n"), format!(" {example}"), format!("{example}/")]);
            }
            samples.push(String::new());
            for sample in samples {
                let editor = validator.is_valid(&serde_json::json!(sample));
                assert!(editor || check(&sample).is_err(), "{format}: editors refuse {sample:?}, infragen accepts it");
                // A pattern cannot count or compare; where the parser is stricter it says so itself.
                let stricter = ["cidr", "cpu", "cron", "duration", "rate", "size", "ip-address"].contains(format);
                assert!(!editor || stricter || check(&sample).is_ok(), "{format}: editors accept {sample:?}, infragen says {:?}", check(&sample));
            }
        }
    }
}
