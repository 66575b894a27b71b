//! What the Git host shows of one environment: deployments, and check runs beside its commits.

use super::{Announce, comment::read};
use crate::context::{Context, Handled};
use roadstead_domain::{announcement::Announcement, name::EnvironmentId, refusal::Class};

impl Announce {
    /// Shows both. What the host will never take of the one does not keep the other from being shown.
    pub(super) async fn show_environment(
        &self,
        context: &Context,
        announcement: &mut Announcement,
        id: &EnvironmentId,
    ) -> Handled {
        let Some(environment) = read(context, id).await? else { return Ok(()) };
        let deployments = self.show_deployments(context, announcement, &environment).await;
        if deployments.as_ref().is_err_and(|refusal| refusal.class != Class::Rejected || refusal.maybe_done) {
            return deployments;
        }
        self.show_checks(context, announcement, &environment).await?;
        deployments
    }
}
