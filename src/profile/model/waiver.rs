//! The `waivers` section.

use crate::values::{Date, KeyPathText, RuleName, Sentence};
use schemars::JsonSchema;
use serde::Deserialize;

/// A finding that is known and accepted for a while.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Waiver {
    /// The rule whose findings are accepted, as `infragen lint` names it. Example: `single-replica`.
    pub rule: RuleName,
    /// Only findings at this key or below it. Left out: all findings of the rule. Example: `services.api`.
    pub path: Option<KeyPathText>,
    /// Why it is accepted, for whoever reads it when the time is over. Example: `One host until the move in spring`.
    #[schemars(extend("examples" = ["One host until the move in spring"]))]
    pub reason: Sentence,
    /// The last day on which it holds. Example: `2027-01-31`.
    pub until: Date,
}
