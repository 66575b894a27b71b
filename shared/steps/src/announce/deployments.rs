//! The deployments that the Git host shows for an environment: one for each generation that was bound to a commit.

use super::{Announce, record};
use crate::{
    context::{Context, Handled},
    nouns::{
        CallError,
        git_host::{DeploymentState, DeploymentStatus},
    },
};
use roadstead_domain::{
    announcement::{Announcement, ShownDeployment},
    environment::{Environment, Phase},
    plan::mark::shown_mark,
    refusal::{Class, Refusal},
    sentence,
};

impl Announce {
    /// Gives the carrying generation its state, and ends all others but the one that still runs.
    pub(super) async fn show_deployments(
        &self,
        context: &Context,
        announcement: &mut Announcement,
        environment: &Environment,
    ) -> Handled {
        if let Some(status) = status(environment) {
            self.show_current(context, announcement, environment, status).await?;
        }
        let tearing = matches!(environment.phase, Phase::Closing { .. } | Phase::Settling | Phase::Gone);
        let ready = environment.ready.as_ref().map(|ready| ready.generation);
        let stay: Vec<u64> = match environment.phase {
            _ if tearing => vec![],
            Phase::Ready => vec![environment.carrying],
            _ => ready.into_iter().chain([environment.carrying]).collect(),
        };
        self.end_others(announcement, environment, &stay).await?;
        // Any other may have been there before us, with a team's secrets and rules.
        let is_ours = environment.source.number().is_some();
        if environment.phase == Phase::Gone && is_ours {
            self.remove(environment).await?;
        }
        Ok(())
    }

    async fn show_current(
        &self,
        context: &Context,
        announcement: &mut Announcement,
        environment: &Environment,
        status: DeploymentStatus,
    ) -> Handled {
        let Some(revisions) = &environment.revisions else { return Ok(()) };
        let current = environment.carrying;
        let shown = announcement.deployments.get(&current).cloned();
        if shown.as_ref().is_some_and(|shown| shown.state == told(environment, &status)) {
            return Ok(());
        }
        if shown.is_none() {
            announcement.deployments.insert(current, ShownDeployment::default());
            record(context, announcement).await?;
        }
        let (repository, name) = (&environment.repository, environment.id.to_string());
        let id = match self.known(announcement, environment, current).await? {
            Some(id) => id,
            None => {
                let transient = environment.source.number().is_some();
                let payload = shown_mark(&environment.mark, current);
                self.host.create_deployment(repository, &name, &revisions.commit, &payload, transient).await?
            }
        };
        self.host.set_deployment_status(repository, id, &name, &status).await?;
        let shown = ShownDeployment { id: Some(id), state: told(environment, &status) };
        announcement.deployments.insert(current, shown);
        Ok(())
    }

    /// The host's id of a deployment that we created, or may have created.
    async fn known(
        &self,
        announcement: &Announcement,
        environment: &Environment,
        generation: u64,
    ) -> Result<Option<u64>, Refusal> {
        if let Some(id) = announcement.deployments.get(&generation).and_then(|shown| shown.id) {
            return Ok(Some(id));
        }
        let (name, payload) = (environment.id.to_string(), shown_mark(&environment.mark, generation));
        Ok(self.host.find_deployment(&environment.repository, &name, &payload).await?)
    }

    async fn end_others(
        &self,
        announcement: &mut Announcement,
        environment: &Environment,
        stay: &[u64],
    ) -> Handled {
        let others: Vec<_> =
            announcement.deployments.keys().filter(|key| !stay.contains(key)).copied().collect();
        let status = DeploymentStatus {
            state: DeploymentState::Inactive,
            description: sentence::inactive(),
            url: None,
        };
        for key in others {
            if let Some(id) = self.known(announcement, environment, key).await? {
                let name = environment.id.to_string();
                match self.host.set_deployment_status(&environment.repository, id, &name, &status).await {
                    Ok(()) | Err(CallError::Missing { .. }) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            announcement.deployments.remove(&key);
        }
        Ok(())
    }

    /// Removes the environment at the host, where the App may.
    async fn remove(&self, environment: &Environment) -> Handled {
        match self.host.remove_environment(&environment.repository, &environment.id.to_string()).await {
            Ok(()) | Err(CallError::Missing { .. }) => Ok(()),
            Err(CallError::Forbidden { reason }) => {
                tracing::info!(%reason, "the App may not remove environments; it stays without active deployments");
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// What is remembered of a state that was shown. What holds a deployment up is shown beside the same state.
fn told(environment: &Environment, status: &DeploymentStatus) -> String {
    match &environment.phase {
        Phase::Waiting { .. } => format!("{}, {}", status.state.name(), status.description),
        _ => status.state.name().to_owned(),
    }
}

/// What the carrying generation's deployment is to say; none before it is bound, and none once it is being taken down.
fn status(environment: &Environment) -> Option<DeploymentStatus> {
    let state = match &environment.phase {
        Phase::Resolving | Phase::AwaitingImages { .. } => DeploymentState::Queued,
        Phase::Deploying | Phase::Waiting { .. } => DeploymentState::InProgress,
        Phase::Ready => DeploymentState::Success,
        Phase::Failed { refusal } | Phase::NeedsAttention { refusal } => match refusal.class {
            Class::Rejected | Class::Unavailable => DeploymentState::Failure,
            Class::Broken => DeploymentState::Error,
        },
        Phase::Closing { .. } | Phase::Settling | Phase::Gone => return None,
    };
    let url = environment.url.clone().filter(|_| state == DeploymentState::Success);
    Some(DeploymentStatus { state, description: sentence::one_line(&environment.phase), url })
}
