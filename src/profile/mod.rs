//! Profile text to [`Profile`]: read, merge, check against the schema, and only then into types.

mod load;
mod locate;
mod merge;
mod mistakes;
pub mod model;
mod quick;
mod read;
pub mod schema;
mod violations;

pub use load::{Loaded, Loader};
pub use locate::{Located, known, locate, root_above};
pub use model::Profile;
