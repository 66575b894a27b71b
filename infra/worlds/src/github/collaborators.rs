//! What a person may do in a repository.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::reply::{Outcome, Refusal, Reply};
use super::repositories::Repository;
use super::routes::Call;
use super::{GitHub, Refusal as Refused};

/// A role, strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Everything.
    Admin,
    /// Everything but what destroys.
    Maintain,
    /// Pushing.
    Write,
    /// Sorting issues and pull requests.
    Triage,
    /// Looking.
    Read,
}

impl Role {
    /// The role, and the older permission that it amounts to.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Admin => ("admin", "admin"),
            Self::Maintain => ("maintain", "write"),
            Self::Write => ("write", "write"),
            Self::Triage => ("triage", "read"),
            Self::Read => ("read", "read"),
        }
    }
}

pub(super) fn permission(world: &GitHub, call: &Call<'_>, login: &str) -> Outcome {
    let repository = world.repository(call.repository)?;
    if world.account(login).is_none() {
        return Err(Refusal::new(404, format!("{login} is not a user")));
    }
    let (role, permission) = role_of(repository, login).map_or(("none", "none"), Role::words);
    let role = if role == "none" { "" } else { role };
    let user = world.user_json(login);
    Ok(Reply::json(&json!({ "permission": permission, "role_name": role, "user": user })))
}

/// The owner is an administrator; everybody reads what is public.
fn role_of(repository: &Repository, login: &str) -> Option<Role> {
    let login = login.to_lowercase();
    if repository.owner.to_lowercase() == login {
        return Some(Role::Admin);
    }
    repository.roles.get(&login).copied().or((!repository.private).then_some(Role::Read))
}

impl GitHub {
    /// An administrator gives a person a role, or takes it away.
    ///
    /// # Errors
    /// 404 when the repository does not exist.
    pub fn set_role(&mut self, repository: u64, login: &str, role: Option<Role>) -> Result<(), Refused> {
        self.create_user(login);
        let roles = &mut self.repository_mut(repository)?.roles;
        match role {
            Some(role) => roles.insert(login.to_lowercase(), role),
            None => roles.remove(&login.to_lowercase()),
        };
        Ok(())
    }
}
