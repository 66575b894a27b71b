//! Commands from chat: whom they concern.

use super::{AcceptTrigger, Concerned, again, concern::Concern, raise::Told};
use roadstead_domain::{
    actor::Actor,
    command::Command,
    intent::{AbsentReason, Intent},
    platform::Platform,
    refusal::Refusal,
};

impl AcceptTrigger {
    /// Whom a command concerns. What only asks concerns nobody: it is answered when people are told.
    pub(super) fn commanded(
        &self,
        _platform: &Platform,
        _actor: &Actor,
        command: &Command,
    ) -> Result<Concerned, Refusal> {
        let concern = match command {
            Command::Destroy { environment } => Concern {
                environment: environment.clone(),
                told: Told::Wanted(Intent::Absent { reason: AbsentReason::Asked }),
                follows: None,
            },
            Command::Retry { environment } => again::concern(environment),
            _ => return Ok(Concerned::Nobody("answered".to_owned())),
        };
        Ok(Concerned::These(vec![concern]))
    }
}
