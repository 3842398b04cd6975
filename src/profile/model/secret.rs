//! The `secrets` section, and parameters: what a server's env file decides.

use crate::values::{ParameterText, Sentence, ValueFormat};
use schemars::JsonSchema;
use serde::Deserialize;

/// A secret: its name is declared, its value is not here.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
pub struct Secret {
    /// What it is for, shown in the env file. Example: `Signs sessions`.
    #[schemars(extend("examples" = ["Signs sessions"]))]
    pub description: Option<Sentence>,
    /// Heading that it stands below in the env file. Default: `Security`.
    #[schemars(extend("examples" = ["Security"]))]
    pub section: Option<Sentence>,
    /// How a strong value is made. Not together with `source: external`.
    pub generate: Option<Generate>,
    /// What a value has to look like. Default: `text`.
    pub format: Option<ValueFormat>,
    /// Fewest characters that a value may have. Default: half of what is generated, at least 16; 1 for `source: external`. Example: `32`.
    #[schemars(range(min = 1, max = 4096))]
    pub min_length: Option<u32>,
    /// Whether the deployment needs a value. Default: `true`; in development `false` for one with `source: external`, which is empty then.
    pub required: Option<bool>,
    /// Where its value comes from. Default: `generated`.
    pub source: Option<SecretSource>,
    /// How services get it. Default: `file`.
    pub deliver: Option<Delivery>,
}

/// How a strong value is made.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
pub struct Generate {
    /// Which characters it has. Default: `hex`.
    pub kind: Option<GenerateKind>,
    /// Length in characters, 16 to 1024; `words` may make it a little longer, and `base64` wants a multiple of 4. Default: `32`.
    #[schemars(range(min = 16, max = 1024), example = 64)]
    pub length: Option<u32>,
    /// Exactly so many bytes, 16 to 512, in `hex` or `base64`, in place of `length`: a key for a cipher. A value of another size is refused. Example: `32`.
    #[schemars(range(min = 16, max = 512))]
    pub bytes: Option<u32>,
}

/// Which characters a generated value has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GenerateKind {
    /// Digits and the letters `a` to `f`: 4 bits a character, and safe everywhere.
    Hex,
    /// Bytes in base64: 6 bits a character. For programs that decode it.
    Base64,
    /// Letters, digits, `-` and `_`: 6 bits a character, and safe in URLs.
    Urlsafe,
    /// Short English words with `-` between them, at least eight: for people who type it.
    Words,
}

impl GenerateKind {
    /// The word in profiles.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hex => "hex",
            Self::Base64 => "base64",
            Self::Urlsafe => "urlsafe",
            Self::Words => "words",
        }
    }
}

/// Where a secret's value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SecretSource {
    /// Made at random for this deployment.
    Generated,
    /// Supplied by somebody else, such as an API key.
    External,
}

/// How a service gets a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// As the file `/run/secrets/NAME`; the variable `NAME_FILE` holds its path.
    File,
    /// As the environment variable `NAME`. Everything that can look at the process sees it.
    Env,
}

impl Delivery {
    /// The word in profiles.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Env => "env",
        }
    }
}

/// A variable whose value each server chooses in its env file. No secret.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
pub struct Parameter {
    /// What it is for, shown in the env file. Example: `How much is logged`.
    #[schemars(extend("examples" = ["How much is logged"]))]
    pub description: Option<Sentence>,
    /// Heading that it stands below in the env file. Default: `Application`.
    #[schemars(extend("examples" = ["Application"]))]
    pub section: Option<Sentence>,
    /// Value where the env file has none. Left out: empty.
    #[schemars(extend("type" = ["string", "integer", "boolean"]))]
    pub default: Option<ParameterText>,
    /// What a value has to look like. Default: `text`.
    pub format: Option<ValueFormat>,
    /// The values that it may have, such as `[DEBUG, INFO, WARNING]`. Default: none, and all of its `format` are accepted.
    #[serde(default)]
    #[schemars(transform = numbers_too)]
    pub one_of: Vec<ParameterText>,
    /// Least value, for `format: integer`. Default: none.
    #[schemars(range(min = -999_999_999_999_i64, max = 999_999_999_999_i64))]
    pub min: Option<i64>,
    /// Largest value, for `format: integer`. Default: none.
    #[schemars(range(min = -999_999_999_999_i64, max = 999_999_999_999_i64))]
    pub max: Option<i64>,
    /// Whether the deployment needs a value in the env file. Default: `false`.
    pub required: Option<bool>,
}

/// The items may be written as numbers, as the default may.
fn numbers_too(schema: &mut schemars::Schema) {
    if let Some(items) = schema.get_mut("items").and_then(serde_json::Value::as_object_mut) {
        items.insert("type".into(), serde_json::json!(["string", "integer", "boolean"]));
    }
}
