//! The outside of this stack: the modelled worlds with what they were begun with, kept on disk.

mod begin;
mod by_hand;
pub(in crate::stack) mod chat;
mod cluster;
mod fronts;
pub mod people;
mod recorded;
mod sample;
pub(in crate::stack) mod seed;

pub use chat::CHANNEL;
pub use fronts::{Addresses, Places};
pub use recorded::{BUILT, COMMAND, MadeTrue, PUSHED, Recorded};
pub use sample::{APPLICATION, REGISTRY};

use super::{secrets::Secrets, store::Kept};
use crate::problem::Problem;
use jiff::Timestamp;
use roadstead_domain::name::ClusterName;
use roadstead_worlds::{cluster::Cluster, ecr::Ecr, github::GitHub, route53::Route53, slack::Slack};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::Arc,
};

/// Everything outside.
#[derive(Clone)]
pub struct Worlds {
    /// Where names are.
    pub names: Arc<Kept<Names>>,
    /// Where images are.
    pub registry: Arc<Kept<Registry>>,
    /// Where code is.
    pub code: Arc<Kept<Code>>,
    /// Where teams talk.
    pub chat: Arc<Kept<Slack>>,
    /// A sandbox for each cluster of the platform file; none where a real one is used.
    pub clusters: BTreeMap<ClusterName, Arc<Kept<Cluster>>>,
}

/// Route 53 with the zones of the sample's platform file.
#[derive(Serialize, Deserialize)]
pub struct Names {
    /// The world.
    pub route53: Route53,
}

/// ECR, and what can be pulled from it.
#[derive(Serialize, Deserialize)]
pub struct Registry {
    /// The world.
    pub ecr: Ecr,
    /// Every image, as `repository@digest`.
    pub references: BTreeSet<String>,
}

/// GitHub with the sample's repository.
#[derive(Serialize, Deserialize)]
pub struct Code {
    /// The world.
    pub github: GitHub,
    /// The numeric id of the sample's repository.
    pub repository: u64,
    /// The numeric id of the App's installation.
    pub installation: u64,
    /// Which commit stands here for one that a recorded event speaks of.
    #[serde(default)]
    pub stand_ins: BTreeMap<String, String>,
}

impl Worlds {
    /// Opens the worlds of a data directory, or begins them.
    ///
    /// # Errors
    /// When they cannot be read, or the sample does not fit them.
    pub fn open(data_dir: &Path, secrets: &Secrets, sandbox: bool, now: Timestamp) -> Result<Self, Problem> {
        let path = |name: &str| data_dir.join(format!("world-{name}.json"));
        let names = if sandbox { seed::cluster_names()? } else { vec![] };
        let cluster = |(number, name): (u64, ClusterName)| {
            let kept = Kept::open(path(&format!("cluster-{name}")), || begin::cluster(secrets, number, now));
            kept.map(|kept| (name, Arc::new(kept)))
        };
        let worlds = Self {
            names: Arc::new(Kept::open(path("names"), || begin::names(now))?),
            registry: Arc::new(Kept::open(path("registry"), || begin::registry(now))?),
            code: Arc::new(Kept::open(path("code"), || begin::code(now))?),
            chat: Arc::new(Kept::open(path("chat"), || Ok(chat::begin(secrets)))?),
            clusters: (1..).zip(names).map(cluster).collect::<Result<_, _>>()?,
        };
        worlds.let_pull();
        worlds.save()?;
        Ok(worlds)
    }

    /// The sample's platform file. Where all names lead to one real cluster, no type has several.
    pub fn platform_file(&self) -> String {
        if self.clusters.is_empty() { sample::in_one_cluster() } else { sample::PLATFORM.to_owned() }
    }

    /// Lets the clusters pull what the registry has, and nothing else.
    pub fn let_pull(&self) {
        let references = self.registry.read(|registry| registry.references.clone());
        for cluster in self.clusters.values() {
            cluster.change(|cluster| cluster.set_images(Some(references.clone())));
        }
    }

    /// Writes everything to disk.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn save(&self) -> Result<(), Problem> {
        self.names.save()?;
        self.registry.save()?;
        self.code.save()?;
        self.chat.save()?;
        self.clusters.values().try_for_each(|cluster| cluster.save())
    }
}
