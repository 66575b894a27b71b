//! Where the App is installed: on which account, for which repositories, with which permissions.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::limits::Limits;
use super::{Delivery, GitHub, Refusal};

/// The permissions that an installation is given at first.
const PERMISSIONS: [(&str, &str); 7] = [
    ("metadata", "read"),
    ("contents", "read"),
    ("pull_requests", "write"),
    ("issues", "write"),
    ("deployments", "write"),
    ("checks", "write"),
    ("actions", "read"),
];

/// The App on one account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Installation {
    pub(super) account: String,
    pub(super) repositories: BTreeSet<u64>,
    pub(super) permissions: BTreeMap<String, String>,
    pub(super) limits: Limits,
}

impl Installation {
    pub(super) fn may(&self, permission: &str, write: bool) -> bool {
        match self.permissions.get(permission).map(String::as_str) {
            Some("write") => true,
            Some("read") => !write,
            _ => false,
        }
    }
}

impl GitHub {
    /// An owner installs the App for these repositories; returns the installation's id and what is delivered.
    ///
    /// # Errors
    /// 404 when a repository does not exist.
    pub fn install(
        &mut self,
        account: &str,
        repositories: &[u64],
        now: Timestamp,
    ) -> Result<(u64, Vec<Delivery>), Refusal> {
        let listed = self.listed(repositories)?;
        let id = self.next_id();
        let permissions = PERMISSIONS.map(|(name, level)| (name.to_owned(), level.to_owned())).into();
        let installation = Installation {
            account: account.to_owned(),
            repositories: repositories.iter().copied().collect(),
            permissions,
            limits: Limits::default(),
        };
        self.installations.insert(id, installation);
        let body = json!({ "action": "created", "repositories": listed });
        Ok((id, vec![self.app_delivery("installation", id, account, body, now)]))
    }

    /// An owner lets the App see more repositories.
    ///
    /// # Errors
    /// 404 when the installation or a repository does not exist.
    pub fn add_to_installation(
        &mut self,
        installation: u64,
        repositories: &[u64],
        now: Timestamp,
    ) -> Result<Vec<Delivery>, Refusal> {
        let listed = self.listed(repositories)?;
        let found = self.installations.get_mut(&installation).ok_or_else(Refusal::not_found)?;
        found.repositories.extend(repositories);
        let account = found.account.clone();
        let body = json!({ "action": "added", "repositories_added": listed, "repositories_removed": [] });
        Ok(vec![self.app_delivery("installation_repositories", installation, &account, body, now)])
    }

    /// An owner gives the App a permission (`read`, `write`) or takes it away.
    ///
    /// # Errors
    /// 404 when the installation does not exist.
    pub fn grant(&mut self, installation: u64, permission: &str, level: Option<&str>) -> Result<(), Refusal> {
        let permissions =
            &mut self.installations.get_mut(&installation).ok_or_else(Refusal::not_found)?.permissions;
        match level {
            Some(level) => permissions.insert(permission.to_owned(), level.to_owned()),
            None => permissions.remove(permission),
        };
        Ok(())
    }

    /// An owner removes the App; its tokens are good no more.
    ///
    /// # Errors
    /// 404 when the installation does not exist.
    pub fn uninstall(&mut self, installation: u64, now: Timestamp) -> Result<Vec<Delivery>, Refusal> {
        let account = self.installations.get(&installation).ok_or_else(Refusal::not_found)?.account.clone();
        let delivery =
            self.app_delivery("installation", installation, &account, json!({ "action": "deleted" }), now);
        self.installations.remove(&installation);
        Ok(vec![delivery])
    }

    /// The installation that sees a repository.
    pub fn installation_for(&self, repository: u64) -> Option<u64> {
        let sees = |installation: &Installation| installation.repositories.contains(&repository);
        self.installations.iter().find(|(_, installation)| sees(installation)).map(|(id, _)| *id)
    }

    pub(super) fn sees(&self, installation: u64, repository: u64) -> bool {
        self.installations.get(&installation).is_some_and(|found| found.repositories.contains(&repository))
    }

    fn listed(&self, repositories: &[u64]) -> Result<Vec<Value>, Refusal> {
        let listed = |&id: &u64| {
            let repository = self.repository(id)?;
            Ok(json!({
                "id": id, "node_id": format!("R_{id}"), "name": repository.name,
                "full_name": repository.full_name(), "private": repository.private,
            }))
        };
        repositories.iter().map(listed).collect()
    }
}
