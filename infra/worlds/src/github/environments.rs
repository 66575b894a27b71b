//! Environments: a deployment makes the one that it names.

use serde_json::{Value, json};

use super::GitHub;
use super::reply::{Outcome, Refusal, Reply};
use super::routes::Call;

pub(super) fn list(world: &GitHub, call: &Call<'_>) -> Outcome {
    let names = world.repository(call.repository)?.environments.keys();
    let all = names.map(|name| environment_json(world, call, name)).collect::<Result<Vec<_>, _>>()?;
    Ok(Reply::json(&json!({ "total_count": all.len(), "environments": all })))
}

pub(super) fn get(world: &GitHub, call: &Call<'_>, name: &str) -> Outcome {
    Ok(Reply::json(&environment_json(world, call, name)?))
}

pub(super) fn delete(world: &mut GitHub, call: &Call<'_>, name: &str) -> Outcome {
    let removed = world.repository_mut(call.repository)?.environments.remove(name);
    removed.map(|_| Reply::no_content()).ok_or_else(Refusal::not_found)
}

fn environment_json(world: &GitHub, call: &Call<'_>, name: &str) -> Result<Value, Refusal> {
    let repository = world.repository(call.repository)?;
    let created_at = repository.environments.get(name).ok_or_else(Refusal::not_found)?;
    let (api, full_name) = (&world.settings.api_url, repository.full_name());
    Ok(json!({
        "name": name,
        "url": format!("{api}/repos/{full_name}/environments/{name}"),
        "created_at": format!("{created_at:.0}"),
        "updated_at": format!("{created_at:.0}"),
        "protection_rules": [],
        "deployment_branch_policy": null,
    }))
}

impl GitHub {
    /// The names of a repository's environments.
    pub fn environments(&self, repository: u64) -> Vec<&str> {
        self.repositories
            .get(&repository)
            .into_iter()
            .flat_map(|it| it.environments.keys())
            .map(String::as_str)
            .collect()
    }
}
