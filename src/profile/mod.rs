//! Profile text to [`Profile`]: read, merge, check against the schema, and only then into types.

mod command_line;
mod depth;
mod foreign;
mod hints;
mod inherited;
pub mod keys;
mod load;
mod locate;
mod merge;
mod mistakes;
pub mod model;
mod quick;
mod read;
mod remainder;
pub mod schema;
mod shapes;
pub mod variants;
mod violations;

pub use inherited::{PARAM_AND_REFERENCE, SWITCHED_OFF, take_out};
pub use load::{Loaded, Loader, Mistakes};
pub use locate::{Located, known, locate, root_above};
pub use model::Profile;
pub use remainder::Remainder;
