//! The deployments that the Git host shows for an environment: one for each generation that was bound to a commit.

use super::{Announce, comment::read};
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
    intent::Source,
    name::EnvironmentId,
    refusal::{Class, Refusal},
    sentence,
};

impl Announce {
    /// Gives the carrying generation its state, and ends all others.
    pub(super) async fn show_deployments(
        &self,
        context: &Context,
        announcement: &mut Announcement,
        id: &EnvironmentId,
    ) -> Handled {
        let Some(environment) = read(context, id).await? else { return Ok(()) };
        let current = environment.carrying.to_string();
        if let Some(status) = status(&environment) {
            self.show_current(announcement, &environment, &current, status).await?;
        }
        let ended = environment.revisions.is_some() && environment.phase == Phase::Ready;
        let tearing = matches!(environment.phase, Phase::Closing { .. } | Phase::Settling | Phase::Gone);
        if ended || tearing {
            self.end_others(announcement, &environment, if tearing { "" } else { &current }).await?;
        }
        if environment.phase == Phase::Gone {
            self.remove(announcement, &environment).await?;
        }
        Ok(())
    }

    async fn show_current(
        &self,
        announcement: &mut Announcement,
        environment: &Environment,
        current: &str,
        status: DeploymentStatus,
    ) -> Handled {
        let Some(revisions) = &environment.revisions else { return Ok(()) };
        let repository = &environment.repository;
        let name = environment.id.to_string();
        let id = match announcement.deployments.get(current) {
            Some(shown) if shown.state == status.state.name() => return Ok(()),
            Some(shown) => shown.id,
            None => {
                let payload = format!("{}#{}", environment.mark, environment.carrying);
                match self.host.find_deployment(repository, &name, &payload).await? {
                    Some(id) => id,
                    None => {
                        let transient = matches!(environment.source, Source::PullRequest { .. });
                        self.host
                            .create_deployment(repository, &name, &revisions.commit, &payload, transient)
                            .await?
                    }
                }
            }
        };
        announcement.deployments.insert(current.to_owned(), ShownDeployment { id, state: String::new() });
        self.host.set_deployment_status(repository, id, &name, &status).await?;
        announcement
            .deployments
            .insert(current.to_owned(), ShownDeployment { id, state: status.state.name().to_owned() });
        Ok(())
    }

    async fn end_others(
        &self,
        announcement: &mut Announcement,
        environment: &Environment,
        current: &str,
    ) -> Handled {
        let others: Vec<_> = announcement.deployments.keys().filter(|key| *key != current).cloned().collect();
        for key in others {
            let Some(shown) = announcement.deployments.get(&key) else { continue };
            let status = DeploymentStatus {
                state: DeploymentState::Inactive,
                description: sentence::inactive(),
                url: None,
            };
            let name = environment.id.to_string();
            match self.host.set_deployment_status(&environment.repository, shown.id, &name, &status).await {
                Ok(()) | Err(CallError::Missing { .. }) => drop(announcement.deployments.remove(&key)),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Removes the environment at the host, where the App may.
    async fn remove(
        &self,
        announcement: &mut Announcement,
        environment: &Environment,
    ) -> Result<(), Refusal> {
        announcement.deployments.clear();
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

/// What the carrying generation's deployment is to say; none before it is bound, and none once it is being taken down.
fn status(environment: &Environment) -> Option<DeploymentStatus> {
    let state = match &environment.phase {
        Phase::Resolving | Phase::AwaitingImages { .. } => DeploymentState::Queued,
        Phase::Deploying => DeploymentState::InProgress,
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
