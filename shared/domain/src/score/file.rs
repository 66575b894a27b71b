//! A Score file as it is written (`score-v1b1.json` of the specification, in its map form).

use crate::platform::problem::Text;
use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, Visitor},
};
use std::{collections::BTreeMap, fmt};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct File {
    pub(super) api_version: Text,
    pub(super) metadata: FileMetadata,
    pub(super) service: Option<FileService>,
    pub(super) containers: BTreeMap<String, FileContainer>,
    #[serde(default)]
    pub(super) resources: BTreeMap<String, FileResource>,
}

/// `metadata` takes any key; texts are kept as they are written, whatever they look like.
#[derive(Default)]
pub(super) struct FileMetadata {
    pub(super) texts: BTreeMap<String, String>,
    pub(super) annotations: BTreeMap<String, String>,
}

impl<'de> Deserialize<'de> for FileMetadata {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MetadataVisitor)
    }
}

struct MetadataVisitor;

impl<'de> Visitor<'de> for MetadataVisitor {
    type Value = FileMetadata;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("texts by their names, and `annotations`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<FileMetadata, A::Error> {
        let mut metadata = FileMetadata::default();
        while let Some(key) = map.next_key::<String>()? {
            if key == "annotations" {
                metadata.annotations = map.next_value()?;
            } else {
                metadata.texts.insert(key, map.next_value()?);
            }
        }
        Ok(metadata)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileService {
    #[serde(default)]
    pub(super) ports: BTreeMap<String, FilePort>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct FilePort {
    pub(super) port: u16,
    pub(super) target_port: Option<u16>,
    pub(super) protocol: Option<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct FileContainer {
    pub(super) image: Text,
    #[serde(default)]
    pub(super) command: Vec<String>,
    #[serde(default)]
    pub(super) args: Vec<String>,
    #[serde(default)]
    pub(super) variables: BTreeMap<String, Text>,
    #[serde(default)]
    pub(super) volumes: BTreeMap<String, FileVolume>,
    #[serde(default)]
    pub(super) resources: FileAmounts,
    pub(super) liveness_probe: Option<FileProbe>,
    pub(super) readiness_probe: Option<FileProbe>,
    pub(super) files: Option<IgnoredAny>,
    pub(super) before: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct FileVolume {
    pub(super) source: Text,
    pub(super) path: Option<Text>,
    #[serde(default)]
    pub(super) read_only: bool,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileAmounts {
    #[serde(default)]
    pub(super) requests: FileAmount,
    #[serde(default)]
    pub(super) limits: FileAmount,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileAmount {
    pub(super) cpu: Option<Text>,
    pub(super) memory: Option<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct FileProbe {
    pub(super) http_get: Option<FileHttpGet>,
    pub(super) exec: Option<FileExec>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct FileHttpGet {
    pub(super) host: Option<IgnoredAny>,
    pub(super) scheme: Option<Text>,
    pub(super) path: Text,
    pub(super) port: u16,
    #[serde(default)]
    pub(super) http_headers: Vec<FileHeader>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileHeader {
    pub(super) name: Text,
    pub(super) value: Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileExec {
    pub(super) command: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileResource {
    #[serde(rename = "type")]
    pub(super) kind: Text,
    pub(super) class: Option<Text>,
    pub(super) id: Option<Text>,
    pub(super) metadata: Option<IgnoredAny>,
    #[serde(default)]
    pub(super) params: BTreeMap<String, Text>,
}
