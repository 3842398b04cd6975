//! The `backups` section.

use crate::values::{Cron, Size, VolumeName};
use schemars::JsonSchema;
use serde::Deserialize;

/// When the databases of a PostgreSQL server are backed up, and what becomes of the backups. Each is read back to its end before it counts.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct BackupPlan {
    /// When: minute, hour, day of the month, month and day of the week, in UTC. Example: `"0 3 * * *"`.
    pub schedule: Cron,
    /// Backups of each database that are kept, 1 to 1000: the oldest goes when a new one is complete. Default: `14`.
    #[schemars(range(min = 1, max = 1000))]
    pub keep: Option<u32>,
    /// Where they go. Default: a volume of its own for each server.
    #[serde(default)]
    pub destination: BackupDestination,
}

/// Where backups go: a volume of this deployment's own, or one that is there already.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
pub struct BackupDestination {
    /// Size of the volume, which Docker does not enforce. Default: that of the server's own.
    pub size: Option<Size>,
    /// Name of a volume (on Kubernetes: of a claim) that somebody else made, in place of one of this deployment's own: on another machine, so that backups survive the loss of this one. Example: `shop_backups`.
    pub external: Option<VolumeName>,
}
