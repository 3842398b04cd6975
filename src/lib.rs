//! infragen renders everything that a deployment needs from one declarative environment profile.
//!
//! Data moves one way, and each step is a module:
//! profile text -> [`profile::Profile`] -> [`stack::Stack`] -> [`render::Artifact`]s ([`targets`]) -> [`render::Rendered`] files,
//! verified -> [`plan::Plan`] -> write, diff or golden ([`cli`]).

pub mod cli;
pub mod diagnostics;
pub mod dockerfile;
pub mod envfile;
pub mod golden;
pub mod interrupt;
pub mod key_path;
pub mod known_images;
pub mod package_files;
pub mod patch;
pub mod pipeline;
pub mod plan;
pub mod profile;
pub mod render;
pub mod report;
pub mod rules;
pub mod source;
pub mod stack;
pub mod target_words;
pub mod targets;
pub mod values;
pub mod yaml;
