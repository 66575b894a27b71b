//! The platform file as it is written. Texts are kept with their lines; what they mean is checked afterwards.

use super::{EntranceNames, OnFailure, Otherwise, Supersede, problem::Text};
use crate::{actor::Verb, repository::Host};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) installation: Text,
    #[serde(default)]
    pub(super) registries: Vec<FileRegistry>,
    pub(super) clusters: BTreeMap<String, FileCluster>,
    pub(super) types: BTreeMap<String, FileType>,
    pub(super) applications: BTreeMap<String, FileApplication>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileRegistry {
    pub(super) host: Text,
    pub(super) account: Text,
    pub(super) region: Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileCluster {
    pub(super) entrance: FileEntrance,
    #[serde(default)]
    pub(super) platforms: Vec<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileEntrance {
    pub(super) zone: Text,
    pub(super) domain: Text,
    pub(super) target: FileTarget,
    pub(super) ingress_class: Text,
    pub(super) certificate: Option<Text>,
    pub(super) names: EntranceNames,
    pub(super) namespace: Option<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileTarget {
    pub(super) name: Text,
    pub(super) zone: Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileType {
    pub(super) clusters: Vec<Text>,
    pub(super) images: FileImages,
    pub(super) lifetime: Option<Text>,
    pub(super) deadline: Text,
    pub(super) on_failure: OnFailure,
    pub(super) supersede: Supersede,
    pub(super) limit: u32,
    pub(super) quota: FileQuota,
    #[serde(default)]
    pub(super) may_recreate: bool,
    #[serde(default)]
    pub(super) protected: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileImages {
    pub(super) wait: Text,
    pub(super) otherwise: Otherwise,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileQuota {
    pub(super) cpu: Text,
    pub(super) memory: Text,
    pub(super) pods: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileApplication {
    pub(super) repository: FileRepository,
    pub(super) previews: Option<FilePreviews>,
    #[serde(default)]
    pub(super) environments: BTreeMap<String, FileEnvironment>,
    pub(super) workloads: BTreeMap<String, FileWorkload>,
    pub(super) channel: Option<Text>,
    #[serde(default)]
    pub(super) rights: Vec<FileRight>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileRepository {
    pub(super) host: Host,
    pub(super) id: u64,
    pub(super) name: Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FilePreviews {
    #[serde(rename = "type")]
    pub(super) kind: Text,
    pub(super) base: Option<Text>,
    #[serde(default)]
    pub(super) drafts: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileEnvironment {
    #[serde(rename = "type")]
    pub(super) kind: Text,
    pub(super) branch: Option<Text>,
    pub(super) tags: Option<FileTags>,
    pub(super) namespace: Option<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileTags {
    pub(super) exact: Option<Text>,
    pub(super) pattern: Option<Text>,
    pub(super) semver: Option<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileWorkload {
    pub(super) score: Text,
    pub(super) image: Text,
    #[serde(default)]
    pub(super) tags: Vec<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileRight {
    pub(super) who: Vec<FileWho>,
    pub(super) verbs: Vec<Verb>,
    pub(super) types: Vec<Text>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum FileWho {
    GithubUser(u64),
    AnyGithubUser,
    Pipeline(Text),
    Registry(Text),
    SlackUser(Text),
    SlackWorkspace(Text),
    PersonAtThisMachine,
}
