//! What a service finds in its file system besides its image.

use crate::values::{ContainerPath, FileText, HostPath, RelativePath, Size, VolumeName};
use schemars::JsonSchema;
use serde::Deserialize;

/// How a service uses a volume: one of its own, a folder of the host, or one that is there already.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct VolumeUse {
    /// Folder in the container. Example: `/srv/uploads`.
    pub path: ContainerPath,
    /// Size of the volume, which Docker does not enforce; one of those that share it says it. Default: `1Gi`.
    pub size: Option<Size>,
    /// Folder of the host in place of a volume, absolute or below the project's root: for what people put files into. It has to be there and to belong to the service's user. Example: `./consume`.
    pub host: Option<HostPath>,
    /// Name of a volume (on Kubernetes: of a claim) that somebody else made, in place of one of this deployment's own. Example: `shop_uploads`.
    pub external: Option<VolumeName>,
    /// Whether the service may only read it. Default: `false`.
    pub read_only: Option<bool>,
}

/// A file that is mounted read-only: one of the repository (`source`), or one whose text stands here (`text`).
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct FileUse {
    /// File of the repository, below the project's root. It has the mode that it has there. Example: `config/logging.yaml`.
    pub source: Option<RelativePath>,
    /// Its text, without secrets: it is rendered, and so committed. It ends with one newline, whatever stands here.
    pub text: Option<FileText>,
    /// Mode of a `text`, in quotes. Default: `"0644"`.
    pub mode: Option<FileMode>,
}

/// Mode of a mounted file: git keeps no other, and nobody may write to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema, serde::Serialize)]
pub enum FileMode {
    /// Everybody may read it.
    #[serde(rename = "0644")]
    Plain,
    /// Everybody may read and execute it: a script.
    #[serde(rename = "0755")]
    Executable,
}

impl std::fmt::Display for FileMode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Plain => "0644",
            Self::Executable => "0755",
        })
    }
}

/// Where files are mounted.
pub type Files = crate::values::Named<ContainerPath, FileUse>;
