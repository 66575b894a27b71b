//! The comment of a pull request: one for all its applications, updated in place.

use super::Announce;
use crate::{
    context::{Context, Handled},
    nouns::CallError,
    rows,
};
use roadstead_domain::{
    announcement::Announcement,
    environment::Environment,
    name::{EnvironmentId, EnvironmentName},
    platform::Platform,
    refusal::Refusal,
    repository::Repository,
    sentence,
};
use std::collections::BTreeSet;

impl Announce {
    /// Writes the comment as things are now. To create is to look for our marker first, and to keep only one.
    pub(super) async fn show_comment(
        &self,
        context: &Context,
        announcement: &mut Announcement,
        repository: &Repository,
        number: u64,
    ) -> Handled {
        let platform = context.platforms.in_force().await?;
        let environments = environments(context, &platform, announcement, (repository, number)).await?;
        if environments.is_empty() && announcement.notice.is_none() && announcement.notices.is_empty() {
            return Ok(());
        }
        let marker = sentence::comment_marker(&platform.installation);
        let body = sentence::comment(&marker, &environments, announcement, context.now());
        if let Some(comment) = announcement.comment {
            match self.host.update_comment(repository, comment, &body).await {
                Err(CallError::Missing { .. }) => announcement.comment = None,
                result => return Ok(result?),
            }
        }
        let found = self.host.comments(repository, number, &marker).await?;
        let Some((oldest, others)) = found.split_first() else {
            announcement.comment = Some(self.host.create_comment(repository, number, &body).await?);
            return Ok(());
        };
        announcement.comment = Some(oldest.id);
        for other in others {
            self.host.delete_comment(repository, other.id).await?;
        }
        Ok(self.host.update_comment(repository, oldest.id, &body).await?)
    }
}

/// The environments of a pull request: of the applications that the platform file has, and of those that were told of before it
/// left them out. They are remembered in the announcement.
async fn environments(
    context: &Context,
    platform: &Platform,
    announcement: &mut Announcement,
    (repository, number): (&Repository, u64),
) -> Result<Vec<Environment>, Refusal> {
    let name = EnvironmentName::of_pull_request(number);
    let known = platform.applications_of(repository);
    let known = known.map(|(application, _)| EnvironmentId::new(application.clone(), name.clone()));
    let ids: BTreeSet<EnvironmentId> = known.chain(announcement.told_of.clone()).collect();
    let mut environments = vec![];
    for id in &ids {
        let found = read(context, id).await?;
        environments.extend(found.filter(|found| found.repository.key() == repository.key()));
    }
    announcement.told_of = environments.iter().map(|environment| environment.id.clone()).collect();
    Ok(environments)
}

/// An environment as it is now.
pub(super) async fn read(context: &Context, id: &EnvironmentId) -> Result<Option<Environment>, Refusal> {
    rows::load(context.state.as_ref(), &rows::environment(id)).await
}
